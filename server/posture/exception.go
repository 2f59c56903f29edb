package posture

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// ExceptionMost is how far ahead an exception may end. One without an end there is not.
const ExceptionMost = 365 * 24 * time.Hour

// ExceptionState is where an exception is in its life.
type ExceptionState string

// The states: requested → approved | refused | withdrawn; approved → ended (by itself) | withdrawn.
const (
	ExceptionRequested ExceptionState = "requested"
	ExceptionApproved  ExceptionState = "approved"
	ExceptionRefused   ExceptionState = "refused"
	ExceptionWithdrawn ExceptionState = "withdrawn"
	ExceptionEnded     ExceptionState = "ended"
)

// Exception is a failure that somebody other than who asked for it has agreed to bear until an end. Testing goes on: the
// observations it covers still say fail, and count as excepted, never as a pass.
type Exception struct {
	ID            string         `json:"id"`
	Control       string         `json:"control"`
	Check         string         `json:"check,omitempty" doc:"Empty: every check of the control."`
	Subject       *Ref           `json:"subject,omitempty" doc:"One subject; of kind setting it covers failures that this setting alone makes."`
	Scope         *Scope         `json:"scope,omitempty" doc:"Whatever is of that type and at that site and of that system."`
	State         ExceptionState `json:"state"`
	Requester     string         `json:"requester"`
	Approver      string         `json:"approver,omitempty"`
	Justification string         `json:"justification"`
	Compensating  string         `json:"compensating" doc:"What protects meanwhile."`
	Plan          string         `json:"plan,omitempty" doc:"How it will be put right."`
	Requested     time.Time      `json:"requested"`
	Decided       *time.Time     `json:"decided,omitempty"`
	Finished      *time.Time     `json:"finished,omitempty" doc:"When it ended or was withdrawn."`
	Ends          time.Time      `json:"ends"`
	Reason        string         `json:"reason,omitempty" doc:"Of the last step."`
	Covers        int            `json:"covers" doc:"Observations that it is about."`
	StillFailing  int            `json:"stillFailing" doc:"Of these, how many fail now."`

	requesterID string
}

// Scope narrows an exception to what is of a type and at a site and of a system; empty fields do not narrow.
type Scope struct {
	Type   string `json:"type,omitempty" maxLength:"64"`
	Site   string `json:"site,omitempty" maxLength:"64"`
	System string `json:"system,omitempty" maxLength:"64"`
}

// in reports whether the exception is in force at a time.
func (e *Exception) in(now time.Time) bool {
	return e.State == ExceptionApproved && now.Before(e.Ends)
}

// errNotThere is the answer for an exception that does not exist.
func errNoException(ref string) error {
	return fleet.Errorf(fleet.CodeNotFound, "there is no exception %q: thingward exception list shows them all", ref)
}

// RequestException asks for an exception. It covers nothing before another person approves it.
func (s *Service) RequestException(ctx context.Context, e Exception) (Exception, error) {
	by, ok := access.From(ctx)
	if !ok {
		return e, fleet.Errorf(fleet.CodeUnauthenticated, "an exception is asked for by a person: sign in first")
	}
	if err := s.checkRequest(&e); err != nil {
		return e, err
	}
	e.ID, e.State, e.Requester, e.requesterID, e.Requested = id.New(), ExceptionRequested, by.Name, by.ID, s.Clock.Now()
	e.Approver, e.Decided, e.Finished, e.Reason = "", nil, nil, ""
	s.deciding.Lock()
	defer s.deciding.Unlock()
	err := s.DB.Change(ctx, func(tx *store.Tx) error { return s.request(tx, by.Party(), &e) })
	s.count(&e)
	return e, err
}

// request writes a new exception and its entry.
func (s *Service) request(tx *store.Tx, by fleet.Party, e *Exception) error {
	if err := storeException(tx, e); err != nil {
		return err
	}
	return s.Audit.Record(tx, fleet.NewEvent("exception.requested", e.Requested, by, e.party(), e.data(nil)))
}

func (e *Exception) party() fleet.Party {
	return fleet.Party{Kind: "exception", ID: e.ID, Name: e.Control}
}

// data is what the log says about an exception; extra is added.
func (e *Exception) data(extra map[string]any) map[string]any {
	d := map[string]any{"exception": e.ID, "control": e.Control, "ends": e.Ends, "check": e.Check, "justification": e.Justification, "compensating": e.Compensating, "requester": e.Requester}
	if e.Subject != nil {
		d["subject"] = *e.Subject
	}
	if e.Scope != nil {
		d["scope"] = *e.Scope
	}
	for k, v := range extra {
		d[k] = v
	}
	return d
}

// checkRequest completes what is asked for and names every fault in it.
func (s *Service) checkRequest(e *Exception) error {
	var faults []fleet.FieldError
	fault := func(path, format string, args ...any) {
		faults = append(faults, fleet.FieldError{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	c, err := s.find(e.Control)
	if err != nil {
		fault("control", "there is no control %q: thingward control list shows them all", e.Control)
	} else {
		e.Control = c.def.ID
		s.checkAbout(e, c, fault)
	}
	for path, text := range map[string]*string{"justification": &e.Justification, "compensating": &e.Compensating} {
		if *text = strings.TrimSpace(*text); len([]rune(*text)) < 10 {
			fault(path, "say it in at least 10 characters: who approves, and an auditor, must be able to judge it")
		}
	}
	now := s.Clock.Now()
	switch e.Ends = e.Ends.UTC().Truncate(time.Microsecond); {
	case e.Ends.IsZero():
		fault("ends", "is missing: every exception has an end")
	case !e.Ends.After(now):
		fault("ends", "lies in the past: give a date to come")
	case e.Ends.After(now.Add(ExceptionMost)):
		fault("ends", "is more than 365 days away: give an earlier date, and ask again then if it must be")
	}
	if len(faults) > 0 {
		return &fleet.Error{Code: fleet.CodeInvalid, Message: "the exception cannot be asked for like this", Fields: faults}
	}
	return nil
}

// checkAbout checks what the exception is about against what is there.
func (s *Service) checkAbout(e *Exception, c *control, fault func(path, format string, args ...any)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	checks := s.checksOf(c, e.Check)
	switch {
	case len(c.checks) == 0:
		fault("control", "%s is not assessed, so nothing of it fails", c.def.ID)
	case len(checks) == 0:
		fault("check", "%s has no check %q: thingward control get %s lists them", c.def.ID, e.Check, c.def.ID)
	case e.Subject != nil && e.Scope != nil:
		fault("scope", "give a subject or a scope, not both")
	case e.Subject != nil:
		s.checkSubject(e, checks, fault)
	case e.Scope != nil && *e.Scope == (Scope{}):
		fault("scope", "name a type, a site or a system, or leave the scope out for whatever fails")
	case e.Scope != nil && s.within(checks, e.Scope) == 0:
		fault("scope", "nothing that %s looks at is there: check the names", c.def.ID)
	}
}

// checksOf lists the indexes of a control's checks, or of the one that is named.
func (s *Service) checksOf(c *control, check string) (out []int) {
	for _, i := range c.checks {
		if check == "" || s.Checks[i].ID == check {
			out = append(out, i)
		}
	}
	return out
}

// checkSubject finds the subject by id or name among those that the checks look at.
func (s *Service) checkSubject(e *Exception, checks []int, fault func(path, format string, args ...any)) {
	if e.Subject.Kind == Setting {
		if e.Subject.ID == "" {
			fault("subject.id", "name the setting, such as min_tls")
		}
		e.Subject = &Ref{Setting, e.Subject.ID, e.Subject.ID}
		return
	}
	kinds := map[Kind]bool{}
	for _, i := range checks {
		kind := s.Checks[i].Subject
		kinds[kind] = true
		if kind != e.Subject.Kind {
			continue
		}
		p := s.state.populations[kind]
		if sub := p.subjects[e.Subject.ID]; sub != nil {
			e.Subject = &Ref{kind, sub.ID, sub.Name}
			return
		}
		for _, sub := range p.subjects {
			if sub.Name == e.Subject.ID {
				e.Subject = &Ref{kind, sub.ID, sub.Name}
				return
			}
		}
	}
	if !kinds[e.Subject.Kind] {
		fault("subject.kind", "%s does not look at any %q; it looks at %s", e.Control, e.Subject.Kind, kindList(kinds))
		return
	}
	fault("subject.id", "there is no %s %q", e.Subject.Kind, e.Subject.ID)
}

// within counts the observations of checks in a scope. The caller holds mu.
func (s *Service) within(checks []int, sc *Scope) (n int) {
	for _, i := range checks {
		for _, sub := range s.state.populations[s.Checks[i].Subject].subjects {
			if sc.holds(sub.typ, sub.at.Value()) {
				n++
			}
		}
	}
	return n
}

// count fills in how much an exception is about, and how much of that fails now.
func (s *Service) count(e *Exception) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := s.byID[e.Control]
	if c == nil {
		return
	}
	e.Covers, e.StillFailing = 0, 0
	for _, i := range s.checksOf(c, e.Check) {
		own := coverOf(&s.Checks[i], []*Exception{e})
		if own == nil {
			continue
		}
		k := s.state.place[i]
		p := s.state.populations[s.Checks[i].Subject]
		if len(own.broad) == 0 && len(own.settings) == 0 {
			s.countOne(e, p.subjects[e.Subject.ID], k)
			continue
		}
		for _, sub := range p.subjects {
			if own.covering(sub.Ref, sub.typ, sub.at.Value(), s.state.blames[blame{i, sub.ID}]) != nil {
				s.countOne(e, sub, k)
			}
		}
	}
}

func (s *Service) countOne(e *Exception, sub *subject, k int) {
	if sub == nil || sub.obs[k].status == codeNone || sub.obs[k].status == codeNotApplicable {
		return
	}
	e.Covers++
	if sub.obs[k].status == codeFail {
		e.StillFailing++
	}
}

func kindList(kinds map[Kind]bool) string {
	var names []string
	for k := range kinds {
		names = append(names, string(k))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
