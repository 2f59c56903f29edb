package risk

import (
	"slices"
	"time"
)

// Decisions about a risk.
const (
	Mitigate = "mitigate"
	Defer    = "defer"
	Accept   = "accept"
)

// States of a risk.
const (
	Open   = "open"
	Closed = "closed"
)

// Risk is an entry of the register with everything that belongs to it.
type Risk struct {
	ID            string       `json:"id"`
	Title         string       `json:"title"`
	Asset         string       `json:"asset"`
	System        string       `json:"system,omitempty"` // name; empty: the whole organisation
	Site          string       `json:"site,omitempty"`
	Scopes        []string     `json:"scopes"`
	Threat        string       `json:"threat"`
	Source        string       `json:"source,omitempty"` // who or what the threat comes from
	Vulnerability string       `json:"vulnerability"`
	Likelihood    Level        `json:"likelihood"`
	Impact        Level        `json:"impact"`
	Level         Level        `json:"level"`
	Safety        bool         `json:"safety"`
	Owner         string       `json:"owner"` // account name of who answers for it
	State         string       `json:"state"`
	Entered       Person       `json:"entered"` // who entered it
	Rated         Person       `json:"rated"`   // who last said what it is and how likely and bad
	Decision      *Decision    `json:"decision,omitempty"`
	Mitigations   []Mitigation `json:"mitigations"`
	Links         []Link       `json:"links"`
	Closing       *Closing     `json:"closing,omitempty"`
	Created       time.Time    `json:"created"`
	Changed       time.Time    `json:"changed"`
	Version       int64        `json:"version"`

	lost bool // it is not in the database any more
}

// Person is an account, by id and by the name it had then.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Decision is what was decided about a risk, and what would remain of it.
type Decision struct {
	Decision           string    `json:"decision"`
	Reason             string    `json:"reason"`
	Decider            Person    `json:"decider"`
	Decided            time.Time `json:"decided"`
	Ends               time.Time `json:"ends,omitzero"` // zero: it has no end
	ResidualLikelihood Level     `json:"residualLikelihood"`
	ResidualImpact     Level     `json:"residualImpact"`
	ResidualLevel      Level     `json:"residualLevel"`
}

// Mitigation is one thing to be done about a risk.
type Mitigation struct {
	Number   int        `json:"number"` // from 1, never used again
	Title    string     `json:"title"`
	Owner    string     `json:"owner"`
	Due      time.Time  `json:"due"`
	Added    time.Time  `json:"added"`
	By       Person     `json:"by"`
	Finished *time.Time `json:"finished,omitempty"`
	Outcome  string     `json:"outcome,omitempty"`
	Finisher *Person    `json:"finisher,omitempty"`
	Moved    []Move     `json:"moved,omitempty"` // earlier due dates, oldest first
}

// Move is an approved change of a due date.
type Move struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason"`
	By     Person    `json:"by"`
	At     time.Time `json:"at"`
}

// Link ties a risk to something of another domain.
type Link struct {
	Kind string    `json:"kind"` // finding, record, control, device
	ID   string    `json:"id"`
	Name string    `json:"name,omitempty"` // at the time of linking
	At   time.Time `json:"at"`
}

// Closing is why a risk left the open ones.
type Closing struct {
	Reason string    `json:"reason"`
	By     Person    `json:"by"`
	At     time.Time `json:"at"`
}

// decided reports whether a decision counts at that time.
func (r *Risk) decided(now time.Time) bool {
	return r.Decision != nil && (r.Decision.Ends.IsZero() || now.Before(r.Decision.Ends))
}

// due is when the first unfinished mitigation must be done; zero when none is left.
func (r *Risk) due() (first time.Time) {
	for _, m := range r.Mitigations {
		if m.Finished == nil && (first.IsZero() || m.Due.Before(first)) {
			first = m.Due
		}
	}
	return first
}

// overdue reports whether a mitigation of an open risk is past its due date.
func (r *Risk) overdue(now time.Time) bool {
	due := r.due()
	return r.State == Open && !due.IsZero() && !now.Before(due)
}

// remaining is what the risk is now: the residual one once its decision counts and all its mitigations are finished. What
// is only planned lowers nothing.
func (r *Risk) remaining(now time.Time) (likelihood, impact Level) {
	if !r.decided(now) || !r.due().IsZero() {
		return r.Likelihood, r.Impact
	}
	return r.Decision.ResidualLikelihood, r.Decision.ResidualImpact
}

// clone copies a risk so deep that a change of the copy leaves the original alone.
func (r *Risk) clone() Risk {
	c := *r
	c.Scopes, c.Mitigations, c.Links = slices.Clone(r.Scopes), slices.Clone(r.Mitigations), slices.Clone(r.Links)
	return c
}

// View is a risk with what follows from the time.
type View struct {
	Risk
	LevelName string    `json:"levelName"`
	Undecided bool      `json:"undecided"` // open, without a decision that counts
	Lapsed    bool      `json:"lapsed"`    // its decision came to its end
	Overdue   bool      `json:"overdue"`   // a mitigation is past its due date
	Due       time.Time `json:"due,omitzero"`
	Remaining Remaining `json:"remaining"`
}

// Remaining is the risk as it is now.
type Remaining struct {
	Likelihood Level  `json:"likelihood"`
	Impact     Level  `json:"impact"`
	Level      Level  `json:"level"`
	LevelName  string `json:"levelName"`
}

func (s *Service) view(r Risk) View { return viewAt(r, s.Clock.Now()) }

func viewAt(r Risk, now time.Time) View {
	l, i := r.remaining(now)
	open := r.State == Open
	return View{
		Risk: r, LevelName: r.Level.String(), Undecided: open && !r.decided(now), Lapsed: open && r.Decision != nil && !r.decided(now),
		Overdue: r.overdue(now), Due: r.due(), Remaining: Remaining{l, i, Combine(l, i), Combine(l, i).String()},
	}
}
