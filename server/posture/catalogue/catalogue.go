// Package catalogue holds what Thingward promises: the 160 controls of the
// CSA IoT Controls Framework in our own words, as data, with what makes each
// one work, fail and clear, and their mapping to other frameworks.
//
// The text lives in domains/*.yaml, frameworks/*.yaml and profiles/*.yaml, one
// file for each domain, framework and industry profile, and is compiled into the binary: a release and its
// promises cannot be separated. Load refuses a catalogue that is incomplete or
// contradicts itself, so the rest of the program may rely on every field.
//
// The catalogue says what must be true. Whether it is true is decided by the
// checks, gates and record kinds of package posture.
package catalogue

import "strings"

// FrameworkID is the identifier of the framework that the controls come from,
// the first half of every control key.
const FrameworkID = "csa-iot-v1"

// OWASPID is the identifier of the OWASP IoT Top 10 of 2018 among Frameworks.
const OWASPID = "owasp-iot-2018"

// Mode is how an obligation is kept: by refusal, by measurement or by a person.
type Mode string

// The three modes, in the order in which they are shown.
const (
	// Enforced means that the platform refuses the bad state, and the refusal is an event.
	Enforced Mode = "enforced"
	// Measured means that a check computes the result from live state, naming the objects that fail.
	Measured Mode = "measured"
	// Recorded means that a person renews a typed record with evidence and an expiry.
	Recorded Mode = "recorded"
)

// Layer is a part of the system that a control acts on.
type Layer string

// The layers, from the organisation to its data.
const (
	Organisation Layer = "organisation"
	Device       Layer = "device"
	Gateway      Layer = "gateway"
	Network      Layer = "network"
	Broker       Layer = "broker"
	Cloud        Layer = "cloud"
	Application  Layer = "application"
	Mobile       Layer = "mobile"
	Data         Layer = "data"
)

// Domain is a group of controls, in the framework's order.
type Domain struct {
	ID       string    `yaml:"id" json:"id"`             // three capitals, such as COM
	Name     string    `yaml:"name" json:"name"`         // short name for the console
	Order    int       `yaml:"order" json:"order"`       // place in the framework, from 1
	Summary  string    `yaml:"summary" json:"summary"`   // one sentence
	Controls []Control `yaml:"controls" json:"controls"` // in the order of their identifiers
}

// Control is one promise, with everything that its page says about it except
// its state.
type Control struct {
	ID          string       `yaml:"id" json:"id"`                   // such as COM-01
	Domain      string       `yaml:"-" json:"domain"`                // identifier of its domain, set by Load
	Title       string       `yaml:"title" json:"title"`             // short claim, at most 72 characters
	Statement   string       `yaml:"statement" json:"statement"`     // what must be true
	Modes       []Mode       `yaml:"modes" json:"modes"`             // exactly those of its obligations
	Layers      []Layer      `yaml:"layers" json:"layers"`           // parts of the system it acts on
	Obligations []Obligation `yaml:"obligations" json:"obligations"` // what is tested, one sentence each
	FailsWhen   string       `yaml:"fails_when" json:"failsWhen"`    // what turns it red
	ClearsWhen  string       `yaml:"clears_when" json:"clearsWhen"`  // what turns it green again
	Missing     string       `yaml:"missing" json:"missing"`         // what the platform needs to assess it; shown only while "not assessed"
}

// Obligation is one testable part of a control. A check, a gate or a record
// kind names the obligation that it answers by control and key.
type Obligation struct {
	Key  string `yaml:"key" json:"key"` // kebab case, unique in its control
	Mode Mode   `yaml:"mode" json:"mode"`
	Text string `yaml:"text" json:"text"`
}

// Key returns the name of the control across frameworks, such as
// csa-iot-v1/COM-01. Observations, findings and exports use it.
func (c Control) Key() string { return FrameworkID + "/" + c.ID }

// Obligation returns the obligation with that key, and whether there is one.
func (c Control) Obligation(key string) (Obligation, bool) {
	for _, o := range c.Obligations {
		if o.Key == key {
			return o, true
		}
	}
	return Obligation{}, false
}

// Catalogue is every control and every mapping, checked. It is immutable:
// callers share its slices and must not write to them.
type Catalogue struct {
	Domains    []Domain    `json:"domains"`
	Frameworks []Framework `json:"frameworks"`
	Profiles   []Profile   `json:"profiles"`

	controls map[string]Control
	mappings map[string]map[string][]Mapping // framework, then control
}

// Domain returns the domain with that identifier, and whether there is one.
func (c *Catalogue) Domain(id string) (Domain, bool) {
	for _, d := range c.Domains {
		if d.ID == id {
			return d, true
		}
	}
	return Domain{}, false
}

// Control returns the control with that identifier (COM-01) or key
// (csa-iot-v1/COM-01), and whether there is one.
func (c *Catalogue) Control(id string) (Control, bool) {
	control, ok := c.controls[strings.TrimPrefix(id, FrameworkID+"/")]
	return control, ok
}

// Controls returns all controls in the framework's order.
func (c *Catalogue) Controls() []Control {
	all := make([]Control, 0, len(c.controls))
	for _, d := range c.Domains {
		all = append(all, d.Controls...)
	}
	return all
}
