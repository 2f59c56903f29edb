package posture

import (
	"context"
	"errors"
	"time"
)

// Kind is a kind of subject that checks look at.
type Kind string

// The kinds. Changes of the first six are announced (bus.TopicChanged); the others are read again when a sweep comes or
// their observation ends.
const (
	Device      Kind = "device"
	Type        Kind = "type"
	Certificate Kind = "certificate"
	Account     Kind = "account"
	Alert       Kind = "alert"
	Listener    Kind = "listener"
	Server      Kind = "server"
	SelfTest    Kind = "self-test" // the subject of every gate
	System      Kind = "system"
	Setting     Kind = "setting" // a setting below the secure default

	// RecordPrefix begins the kind of every population of records: record:security-policy.
	RecordPrefix = "record:"
)

// announced tells whether each change of such a subject is announced, so that a difference at a sweep is a fault. What a
// record owes hangs on accounts, types, systems and other records besides itself, so its announcements (which are followed at
// once, see Follower) cannot be the whole truth: there, and for systems and settings, a sweep just takes what it finds.
func announced(k Kind) bool {
	switch k {
	case Device, Type, Certificate, Account, Alert, Risk:
		return true
	default:
		return false
	}
}

// Ref names a subject.
type Ref struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Source reads the facts of one kind of subject. Each hands over all of them, in any order; the facts belong to the callback
// until it returns. One reads one, by id or by name where subjects of that kind have names; ok is false where there is
// none. Facts must be as fresh as the last committed change.
type Source interface {
	Kind() Kind
	Each(ctx context.Context, fn func(Facts) error) error
	One(ctx context.Context, id string) (f Facts, ok bool, err error)
}

// Reach says how far a change of another kind reaches into a source's subjects.
type Reach int

// The reaches.
const (
	ReachNone Reach = iota
	ReachSame       // the subject with the same id: what a device type owes follows the type
	ReachAll        // any of them may be touched: whoever is named in a record may be disabled
)

// Follower is implemented by sources whose subjects' facts hang on other kinds that announce their changes.
type Follower interface{ Follows(k Kind) Reach }

// Prober tries something on the running system. A name it does not know is ErrNoProbe.
type Prober interface {
	Probe(ctx context.Context, name string) (ProbeResult, error)
}

// ErrNoProbe means that nothing on this installation can make the try.
var ErrNoProbe = errors.New("no such self-test here")

// ProbeResult is what a try showed. Held says that the rule held: what is forbidden was refused, or what is promised was
// seen. A try that did not come to its point is not Attempted and counts for nothing. Detail says what was done and seen,
// without secrets and in the same words every time.
type ProbeResult struct {
	Attempted bool
	Held      bool
	None      bool // there is nothing on this installation that could be tried: the rule does not apply
	Detail    string
	At        time.Time
}
