package catalogue

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxTitle is the longest title in characters: one line on the control's page.
const maxTitle = 72

// shape is the framework's own: its domains in order, with their number of
// controls. A catalogue of any other shape is not a catalogue of it.
var shape = []struct {
	domain   string
	controls int
}{
	{"RSM", 2},
	{"TSP", 8},
	{"GVN", 5},
	{"PRV", 5},
	{"SCN", 11},
	{"SDV", 18},
	{"SNT", 18},
	{"OPA", 12},
	{"ACT", 5},
	{"CMP", 5},
	{"LBT", 1},
	{"BCN", 1},
	{"TMM", 5},
	{"VLN", 1},
	{"IMT", 2},
	{"PHY", 1},
	{"MSU", 6},
	{"SOP", 3},
	{"CLS", 15},
	{"COM", 10},
	{"DAT", 4},
	{"RMT", 2},
	{"CRD", 11},
	{"EOL", 1},
	{"UPD", 6},
	{"TRN", 2},
}

// modes and layers are all that exist, in the order in which they are written.
var (
	modes  = []Mode{Enforced, Measured, Recorded}
	layers = []Layer{Organisation, Device, Gateway, Network, Broker, Cloud, Application, Mobile, Data}
)

var kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// faults collects what is wrong, so that an editor sees everything at once.
type faults struct{ errs []error }

func (f *faults) addf(format string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf(format, args...))
}

// text notes a text that is empty or has spaces around it.
func (f *faults) text(where, field, value string) {
	if value == "" || strings.TrimSpace(value) != value {
		f.addf("%s: %s is empty or has spaces around it; write it", where, field)
	}
}

// sentence notes a text that is not made of whole sentences.
func (f *faults) sentence(where, field, value string) {
	f.text(where, field, value)
	if !strings.HasSuffix(value, ".") {
		f.addf("%s: %s does not end with a full stop", where, field)
	}
}

// validate reports everything that contradicts the framework or the catalogue
// itself.
func (c *Catalogue) validate() error {
	var f faults
	c.validateShape(&f)
	titles := map[string]string{}
	for _, d := range c.Domains {
		f.text(d.ID, "name", d.Name)
		f.sentence(d.ID, "summary", d.Summary)
		for _, control := range d.Controls {
			control.validate(&f)
			if other, taken := titles[control.Title]; taken {
				f.addf("%s: title is the one of %s; say what differs", control.ID, other)
			}
			titles[control.Title] = control.ID
		}
	}
	c.validateFrameworks(&f)
	c.validateProfiles(&f)
	if _, ok := c.Framework(OWASPID); !ok {
		f.addf("framework %s is missing", OWASPID)
	}
	return errors.Join(f.errs...)
}

// validateShape notes domains and controls that are missing, surplus or out of
// order. Identifiers are unique when every one is the one expected.
func (c *Catalogue) validateShape(f *faults) {
	if len(c.Domains) != len(shape) {
		f.addf("%d domains, the framework has %d", len(c.Domains), len(shape))
		return
	}
	for i, want := range shape {
		d := c.Domains[i]
		if d.ID != want.domain || d.Order != i+1 {
			f.addf("domain %s has order %d where the framework has %s with order %d", d.ID, d.Order, want.domain, i+1)
		}
		if len(d.Controls) != want.controls {
			f.addf("domain %s has %d controls, the framework has %d", d.ID, len(d.Controls), want.controls)
		}
		for j, control := range d.Controls {
			if id := fmt.Sprintf("%s-%02d", want.domain, j+1); control.ID != id {
				f.addf("domain %s has control %s where the framework has %s", d.ID, control.ID, id)
			}
		}
	}
}

// validate notes what is wrong with one control.
func (c Control) validate(f *faults) {
	f.text(c.ID, "title", c.Title)
	if n := utf8.RuneCountInString(c.Title); n > maxTitle {
		f.addf("%s: title has %d characters, the limit is %d; shorten it", c.ID, n, maxTitle)
	}
	f.sentence(c.ID, "statement", c.Statement)
	f.sentence(c.ID, "fails_when", c.FailsWhen)
	f.sentence(c.ID, "clears_when", c.ClearsWhen)
	f.sentence(c.ID, "missing", c.Missing)
	if len(c.Layers) == 0 || !slices.Equal(c.Layers, subset(layers, c.Layers)) {
		f.addf("%s: layers are %v; name known ones, each once, in the order %v", c.ID, c.Layers, layers)
	}
	c.validateObligations(f)
}

// validateObligations notes bad obligations, and modes that are not exactly
// those of the obligations: a mode that nothing carries would be a promise
// that nothing keeps.
func (c Control) validateObligations(f *faults) {
	keys := map[string]bool{}
	var used []Mode
	for _, o := range c.Obligations {
		where := c.ID + "/" + o.Key
		f.sentence(where, "text", o.Text)
		if !kebab.MatchString(o.Key) {
			f.addf("%s: key is not in kebab case", where)
		}
		if keys[o.Key] {
			f.addf("%s: key is used twice; rename one", where)
		}
		if !slices.Contains(modes, o.Mode) {
			f.addf("%s: mode %q is not one of %v", where, o.Mode, modes)
		}
		keys[o.Key] = true
		used = append(used, o.Mode)
	}
	if implied := subset(modes, used); len(c.Modes) == 0 || !slices.Equal(c.Modes, implied) {
		f.addf("%s: modes are %v, the obligations imply %v", c.ID, c.Modes, implied)
	}
}

// subset returns the members of all that are in some, in the order of all.
func subset[T comparable](all, some []T) []T {
	var in []T
	for _, one := range all {
		if slices.Contains(some, one) {
			in = append(in, one)
		}
	}
	return in
}
