package records

import "time"

// State is where a record is in its life.
type State string

// The states: draft → submitted → approved | rejected; rejected goes back to draft; an approved one is superseded by the next
// approved one of the same kind and object, or withdrawn. Expiry is no state: it is a matter of time.
const (
	Draft      State = "draft"
	Submitted  State = "submitted"
	Approved   State = "approved"
	Rejected   State = "rejected"
	Superseded State = "superseded"
	Withdrawn  State = "withdrawn"
)

// Record is one record.
type Record struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	Object    Object     `json:"object"`
	Version   int        `json:"version"` // of this kind and object, from 1
	State     State      `json:"state"`
	Owner     string     `json:"owner"`             // account name of who must renew it
	Author    string     `json:"author"`            // who submitted
	Writers   []string   `json:"writers,omitempty"` // everyone who wrote it or added evidence: none of them may approve it
	Approver  string     `json:"approver,omitempty"`
	Body      Body       `json:"body"`
	Evidence  []Evidence `json:"evidence"`
	Performed time.Time  `json:"performed,omitzero"` // when the work was done, as the form says
	Effective time.Time  `json:"effective,omitzero"` // when it was approved: it proves nothing about the time before
	Expires   time.Time  `json:"expires,omitzero"`
	Created   time.Time  `json:"created"`
	Changed   time.Time  `json:"changed"`
	Reason    string     `json:"reason,omitempty"`  // of a rejection or withdrawal
	Digest    string     `json:"digest,omitempty"`  // SHA-256 (hex) of form, object and evidence, fixed at submission; it stands in the audit log
	Altered   string     `json:"altered,omitempty"` // what of the stored record is not what was approved; empty: it is whole
	ETag      int        `json:"-"`
}

// Evidence is a file or a link.
type Evidence struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Media  string    `json:"media,omitempty"`
	Size   int64     `json:"size,omitempty"`
	SHA256 string    `json:"sha256"` // of the file; of a link what its author says is behind it, which the server never fetches
	Link   string    `json:"link,omitempty"`
	Added  time.Time `json:"added"`
	By     string    `json:"by"`
	Read   []Fact    `json:"read,omitempty"` // what the file says itself, where the kind reads it
}

// Item is something that a record says must be done, tracked until it is.
type Item struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"` // of the record
	Record   string    `json:"record"`
	Object   Object    `json:"object"`
	Field    string    `json:"field"`
	Title    string    `json:"title"`
	Owner    string    `json:"owner"`
	Due      time.Time `json:"due"`
	Opened   time.Time `json:"opened"`
	Closed   time.Time `json:"closed,omitzero"`
	ClosedBy string    `json:"closedBy,omitempty"`
	Outcome  string    `json:"outcome,omitempty"` // what was done
	Altered  string    `json:"altered,omitempty"` // how the stored item is not what the audit log says; empty: it is
}

// Ack is a person's acknowledgement of one approved record.
type Ack struct {
	Account string    `json:"account"`
	At      time.Time `json:"at,omitzero"` // zero: still owed
}
