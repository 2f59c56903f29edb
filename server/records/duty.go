package records

import "time"

// Duty is what one object owes under one kind, with everything that judging it needs. It is made from one consistent read.
type Duty struct {
	Kind   string
	Object Object
	Owes   bool
	Why    string // why it does not owe it
	// InForce is the newest approved record that is neither superseded nor withdrawn; whether it has expired is for the judge to
	// say with the time at hand. Nil: none.
	InForce *Record
	Newest  *Record // whatever its state; nil: none
	// Removed says what of the duty the audit log knows and the database has no more. Such a duty is never met; empty: nothing.
	Removed string
	Items   []Item // all items of this kind and object, open and closed
	Acks    []Ack  // of InForce: everyone who must acknowledge it
	// People holds the accounts that the form of InForce names in Person fields: whether each exists and is active.
	People map[string]bool
	// Others are the records in force of the kinds in Needs, about any object.
	Others []Record
	// Objects are all objects, but retired ones, of each kind of object that the kind Looks at.
	Objects map[About][]Object
}

// Expired reports whether the record in force has ended.
func (d *Duty) Expired(now time.Time) bool {
	return d.InForce != nil && !d.InForce.Expires.IsZero() && !now.Before(d.InForce.Expires)
}
