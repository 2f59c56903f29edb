package records

import "time"

// Kind is one kind of record: the form a person fills in, what it is about, and how long it counts. A kind is one file on
// the shelf kinds; the service knows none by name.
type Kind struct {
	Name    string                               // kebab case, such as security-policy; part of addresses and never changed
	Title   string                               // for people: "Enterprise IoT security policy"
	Purpose string                               // one sentence: what it proves
	About   About                                // what each record is about; every such object owes one
	Only    func(Object) (owes bool, why string) // nil: every object owes it; why is shown where it does not
	Form    []Field                              // the form, in order
	Life    time.Duration                        // longest time that a record counts, from the day the work was done
	Files   Files                                // evidence that approval needs
	Reading *Reading                             // how files of the evidence are read; nil: they are kept only
	Readers Readers                              // who must acknowledge what was approved
	Needs   []string                             // kinds whose records in force the judgement of this one looks at
	Looks   []About                              // objects that the judgement of this one looks at (Duty.Objects)
	Check   func(Body, Object) []Fault           // rules beyond the form, asked at submission; nil: none
	Example Body                                 // a complete form, shown as a pattern; it must itself be approvable
}

// About is the kind of object that a record is about. Objects come from other domains or from the register (entries).
type About string

// What records are about.
const (
	Organisation About = "organisation" // the one installation; its id is "organisation"
	System       About = "system"
	Site         About = "site"
	Type         About = "type"    // device type
	Device       About = "device"  // only where few devices owe it (retired ones with sensitive data)
	Account      About = "account" // person or service
	// Entries of the register.
	Supplier     About = "supplier" // sells devices or components
	Provider     About = "provider" // runs a cloud or data service
	Link         About = "link"     // of a system to an outside data service
	WebService   About = "web-service"
	Mobile       About = "mobile-client" // app that manages the fleet
	CloudAccount About = "cloud-account"
	Host         About = "host"       // server that the platform does not run itself
	Repository   About = "repository" // watched source repository
	Component    About = "component"  // third-party component
	Release      About = "release"    // of a device type's software
	Segment      About = "segment"    // wireless sensor network
	LogSource    About = "log-source"
	Computer     About = "admin-computer" // from which the platform is administered
	Access       About = "third-party-access"
	DataStore    About = "data-store"
)

// Registered lists what the register holds; everything else comes from other domains.
var Registered = []About{Supplier, Provider, Link, WebService, Mobile, CloudAccount, Host, Repository, Component, Release, Segment, LogSource, Computer, Access, DataStore}

// Object is something that records are about.
type Object struct {
	Kind    About          `json:"kind"`
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	System  string         `json:"system,omitempty"` // name of the system it belongs to
	Site    string         `json:"site,omitempty"`
	Owner   string         `json:"owner,omitempty"` // account name of who answers for it
	Facts   map[string]any `json:"facts,omitempty"` // see FactsOf in the wiring: for a type its manifest's capabilities, for an account its roles …
	Retired bool           `json:"retired,omitempty"`
}

// Readers says who must acknowledge a record in force.
type Readers string

// The readers.
const (
	NoReaders      Readers = ""
	Administrators Readers = "administrators" // every active person with the role system-administrator
	SystemOwners   Readers = "system-owner"   // the owner of the system that the record is about
	Named          Readers = "named"          // persons in fields with Field.Acknowledges
	Everyone       Readers = "everyone"       // every active person
)

// Files is the evidence that approval needs.
type Files struct {
	Least int    // number of files or links
	What  string // what they must show, for people
}

// Fault is one thing wrong with a form: where, and what to do about it.
type Fault struct {
	Path    string `json:"path"` // practices[3].score
	Message string `json:"message"`
}
