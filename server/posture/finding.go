package posture

import (
	"strconv"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
)

// Where a finding stands, as stored.
const (
	findingOpen = iota
	findingExcepted
	findingClosed
)

// What closes a finding. No person can.
const (
	closedGone    = "gone"          // the subject is no longer there
	closedRemoved = "check-removed" // this version has no such check
)

// turn is something that happens to a finding. It opens when a check fails and closes only when a later observation passes, or says
// that the check no longer concerns the subject, or the subject is gone; unknown and stale close nothing. A failure after that
// is a new finding, which refers to the former one. An exception that covers it neither opens nor closes it.
type turn struct {
	check    int
	subject  Ref
	at       int64
	number   int64 // order of openings and closings; 0: neither
	reason   string
	closedBy string // pass, not-applicable or gone; empty: it opens, or its exception changes
	exceptID string // when number is 0: the exception that covers it now, or none
}

// opens tells whether a finding begins.
func (t *turn) opens() bool { return t.number != 0 && t.closedBy == "" }

// find opens or closes the finding of an observation.
func (st *state) find(i int, s *subject, o *observation, v Verdict, now int64) {
	switch {
	case o.status == codeFail && !o.open:
		o.open = true
		st.turn(&turn{check: i, subject: s.Ref, at: now, reason: v.Reason})
	case (o.status == codePass || o.status == codeNotApplicable) && o.open:
		o.open = false
		st.close(i, s.Ref, now, string(v.Status), v.Reason)
	}
}

func (st *state) close(i int, ref Ref, now int64, by, reason string) {
	st.turn(&turn{check: i, subject: ref, at: now, reason: reason, closedBy: by})
}

func (st *state) turn(t *turn) {
	st.number++
	t.number = st.number
	st.moved[t.check] = true
	st.findings = append(st.findings, t)
}

// except notes which exception covers an open finding now; e is nil for none.
func (st *state) except(i int, s *subject, e *Exception) {
	t := &turn{check: i, subject: s.Ref}
	if e != nil {
		t.exceptID = e.ID
	}
	st.findings = append(st.findings, t)
}

// Severity is how bad a failure of a check is, from how its obligation is kept and what it is about. What the platform says
// that it refuses and does not is worst; then what is shared by many or opens a door; then one device; last a paper that is
// due.
func (s *Service) severity(i int) fleet.Severity {
	c := &s.Checks[i]
	o, _ := s.byID[c.Control].def.Obligation(c.Obligation)
	return severityOf(o.Mode, c.Subject)
}

func severityOf(mode catalogue.Mode, about Kind) fleet.Severity {
	switch {
	case mode == catalogue.Enforced || about == SelfTest:
		return fleet.Critical
	case mode == catalogue.Recorded:
		return fleet.Low
	case about == Device || about == Alert || about == Risk:
		return fleet.Medium
	default: // server, listener, account, certificate, type, system, setting
		return fleet.High
	}
}

// clocks is how long a finding of each severity may stay open before it is overdue.
var clocks = map[fleet.Severity]time.Duration{
	fleet.Critical: 24 * time.Hour, fleet.High: 7 * 24 * time.Hour, fleet.Medium: 30 * 24 * time.Hour, fleet.Low: 90 * 24 * time.Hour,
}

// id is the same whenever the same opening is written.
func (t *turn) id(check string) string {
	return id.Derive(store.FromTime(t.at), check, string(t.subject.Kind), t.subject.ID, strconv.FormatInt(t.number, 10))
}
