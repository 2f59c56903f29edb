package export

import "time"

// Snapshot is the posture at one moment.
type Snapshot struct {
	At         time.Time // when it was read, or the past moment that was asked for
	Past       bool
	Controls   []Control // in the catalogue's order
	Frameworks []Framework
	Trend      []Point
	Notes      []string // what a reader of the pack must know about how it was read
}

// Control is one control with everything that says why it stands where it stands.
type Control struct {
	ID          string       `json:"id"`  // COM-01
	Key         string       `json:"key"` // csa-iot-v1/COM-01
	Domain      string       `json:"domain"`
	DomainName  string       `json:"domainName"`
	Title       string       `json:"title"`
	Statement   string       `json:"statement"`
	Status      string       `json:"status"` // of package fleet: pass, fail, excepted, stale …
	Since       time.Time    `json:"since,omitzero"`
	Reason      string       `json:"reason"`
	Modes       []string     `json:"modes"`
	Layers      []string     `json:"layers"`
	Weight      float64      `json:"weight"`             // of the active profile; 0 counts as 1
	Excepted    bool         `json:"excepted,omitempty"` // it fails, and everything that makes it fail is under an exception in force
	FailsWhen   string       `json:"failsWhen"`
	ClearsWhen  string       `json:"clearsWhen"`
	Missing     string       `json:"missing,omitempty"` // what the platform lacks, while not assessed
	Obligations []Obligation `json:"obligations"`
	Checks      []Check      `json:"checks"`
	Proof       *Proof       `json:"proof,omitempty"` // filled in here, from Proofs
}

// Obligation is one testable part of a control.
type Obligation struct {
	Key    string `json:"key"`
	Mode   string `json:"mode"`
	Text   string `json:"text"`
	Status string `json:"status"`
}

// Check is what evaluates an obligation.
type Check struct {
	ID         string    `json:"id"`
	Title      string    `json:"title"`
	Obligation string    `json:"obligation"`
	Reads      string    `json:"reads"`
	Subject    string    `json:"subject"`
	Gate       bool      `json:"gate"`
	Status     string    `json:"status"`
	Reason     string    `json:"reason"`
	Pass       int       `json:"pass"`
	Fail       int       `json:"fail"`
	Unknown    int       `json:"unknown"`
	Stale      int       `json:"stale"`
	NotApplies int       `json:"notApplicable"`
	Observed   time.Time `json:"observed,omitzero"`
	ValidUntil time.Time `json:"validUntil,omitzero"`
}

// Framework is another framework with its items' controls, under the provenance that the pack uses.
type Framework struct {
	ID         string
	Name       string
	Provenance string
	Items      []Item
}

// Item is one item of a framework.
type Item struct {
	ID       string
	Name     string
	Controls []Mapping
}

// Mapping relates an item to a control.
type Mapping struct {
	Control  string
	Relation string
	Why      string
}

// Point is the score at a past moment. Pass is nil where nothing was measured.
type Point struct {
	At       time.Time
	Pass     *float64
	Coverage float64
}

// Finding is something wrong with one subject.
type Finding struct {
	ID        string    `json:"id"`
	Control   string    `json:"control"`
	Check     string    `json:"check"`
	Title     string    `json:"title"`
	Kind      string    `json:"kind"` // of the subject
	Subject   string    `json:"subject"`
	Name      string    `json:"name"`
	System    string    `json:"system,omitempty"`
	Severity  string    `json:"severity"`
	State     string    `json:"state"` // open, excepted
	Reason    string    `json:"reason"`
	Opened    time.Time `json:"opened"`
	Owner     string    `json:"owner,omitempty"`
	Due       time.Time `json:"due,omitzero"`
	Overdue   bool      `json:"overdue"`
	Exception string    `json:"exception,omitempty"`
}

// Exception is a decision to live with findings until a date.
type Exception struct {
	ID            string    `json:"id"`
	Control       string    `json:"control"`
	Check         string    `json:"check,omitempty"`
	Subject       string    `json:"subject,omitempty"`
	Scope         string    `json:"scope,omitempty"`
	State         string    `json:"state"`
	Requester     string    `json:"requester"`
	Approver      string    `json:"approver,omitempty"`
	Justification string    `json:"justification"`
	Compensating  string    `json:"compensating"`
	Plan          string    `json:"plan,omitempty"`
	Requested     time.Time `json:"requested"`
	Decided       time.Time `json:"decided,omitzero"`
	Ends          time.Time `json:"ends"`
	Covers        int       `json:"covers"`
}

// Record is what one object owes and has of one kind.
type Record struct {
	Kind      string    `json:"kind"`
	Title     string    `json:"title"`
	Object    string    `json:"object"`
	About     string    `json:"about"` // kind of the object
	System    string    `json:"system,omitempty"`
	State     string    `json:"state"` // current, expiring, expired, missing, waiting, altered, not-owed
	ID        string    `json:"id,omitempty"`
	Version   int       `json:"version,omitempty"`
	Owner     string    `json:"owner,omitempty"`
	Author    string    `json:"author,omitempty"`
	Approver  string    `json:"approver,omitempty"`
	Effective time.Time `json:"effective,omitzero"`
	Expires   time.Time `json:"expires,omitzero"`
	Digest    string    `json:"digest,omitempty"`
	Evidence  int       `json:"evidence"`
	Controls  []string  `json:"controls"`
}

// Risk is one risk of the register.
type Risk struct {
	ID         string    `json:"id"`
	Title      string    `json:"title"`
	Asset      string    `json:"asset"`
	Threat     string    `json:"threat"`
	System     string    `json:"system,omitempty"`
	Likelihood int       `json:"likelihood"`
	Impact     int       `json:"impact"`
	Level      string    `json:"level"`
	Decision   string    `json:"decision"`
	Decider    string    `json:"decider,omitempty"`
	Owner      string    `json:"owner,omitempty"`
	Ends       time.Time `json:"ends,omitzero"`
	State      string    `json:"state"`
	Residual   string    `json:"residual,omitempty"`
	Overdue    bool      `json:"overdue"`
}

// Device is one device.
type Device struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Type     string    `json:"type"`
	System   string    `json:"system,omitempty"`
	Site     string    `json:"site,omitempty"`
	State    string    `json:"state"`
	Firmware string    `json:"firmware,omitempty"`
	Created  time.Time `json:"created"`
}

// Checkpoint is the log's signed word for its whole content.
type Checkpoint struct {
	Size int64     `json:"size"`
	Root string    `json:"root"` // base64
	Time time.Time `json:"time"`
	Note string    `json:"note"` // C2SP signed note
	Key  string    `json:"key"`  // verifier key of the note
}

// Proof shows that an entry is in the tree of a checkpoint (RFC 6962 §2.1.1).
type Proof struct {
	Index  int64     `json:"index"`
	Size   int64     `json:"size"`
	Leaf   string    `json:"leafHash"` // base64
	Hashes []string  `json:"hashes"`   // base64, from the leaf upward
	Status string    `json:"status"`   // that the entry says the control came to
	Time   time.Time `json:"time"`
	Body   string    `json:"body,omitempty"` // base64 of the entry; in packs of those who may read the log
}
