package posture

import (
	"fmt"
	"time"

	"github.com/thingward/thingward/fleet"
)

// Check computes one answer about each subject of one kind. It evaluates an obligation of a control, and its Eval is a pure
// function of the subject's facts and the time: the same facts give the same verdict until the verdict's Until.
type Check struct {
	ID         string // control and name: TSP-02/minimum-version
	Control    string // TSP-02
	Obligation string // its key in the catalogue
	Title      string // the claim, as a short sentence
	Reads      string // what it looks at, for people: "inventory firmware, type baseline"
	Subject    Kind
	Every      time.Duration // how long an observation counts without a new one; DefaultEvery when zero
	Polled     bool          // it reads facts whose every change is not announced (last seen, health, sessions): a sweep may find another verdict
	Eval       func(f Facts, now time.Time) Verdict
}

// Gate is an enforced control that proves itself: it tries on the running system what the control forbids, and passes only
// when that was really tried and really refused.
type Gate struct {
	ID         string
	Control    string
	Obligation string
	Title      string
	Probes     []string      // names of what must hold, asked of the Prober in this order
	Events     []string      // types of events that real refusals leave, shown as evidence beside the self-test
	Settings   []string      // settings that bypass the gate when they are weaker than the default
	Every      time.Duration // between self-tests; GateEvery when zero
}

// How long observations count unless a check says otherwise.
const (
	DefaultEvery = 30 * time.Minute
	GateEvery    = time.Hour
)

// Verdict is what a check says about a subject. Reason says what was seen, without any time that runs: the same facts give
// the same words. Until, if set, is when the verdict may change although the facts do not.
type Verdict struct {
	Status fleet.Status
	Reason string
	Until  time.Time
	// Settings, on a failure, are the settings below the secure default that alone make it fail. An exception that names one of them
	// as its subject covers the failure when all of them are so named.
	Settings []string
}

// Pass says that the subject is as it must be.
func Pass(format string, args ...any) Verdict { return verdict(fleet.Pass, format, args) }

// Fail says that the subject is not as it must be.
func Fail(format string, args ...any) Verdict { return verdict(fleet.Fail, format, args) }

// NotApplicable says that the check does not concern the subject, and why.
func NotApplicable(format string, args ...any) Verdict {
	return verdict(fleet.NotApplicable, format, args)
}

// Unknown says that it could not be measured.
func Unknown(format string, args ...any) Verdict { return verdict(fleet.Unknown, format, args) }

// Stale says that the last measurement is too old to count.
func Stale(format string, args ...any) Verdict { return verdict(fleet.Stale, format, args) }

func verdict(s fleet.Status, format string, args []any) Verdict {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	return Verdict{Status: s, Reason: format}
}

// At ends the verdict at t, or earlier if it already ends earlier. The zero time changes nothing.
func (v Verdict) At(t time.Time) Verdict {
	if !t.IsZero() && (v.Until.IsZero() || t.Before(v.Until)) {
		v.Until = t
	}
	return v
}

// On makes a check's Eval from a function over one kind of facts.
func On[F Facts](fn func(F, time.Time) Verdict) func(Facts, time.Time) Verdict {
	return func(f Facts, now time.Time) Verdict {
		facts, ok := f.(F)
		if !ok {
			return Unknown("the facts at hand are of another kind (%T)", f)
		}
		return fn(facts, now)
	}
}

// Skew is how far ahead of the server's clock a time may lie before it is taken for a wrong clock.
const Skew = 2 * time.Minute

// Fresh judges the age of a measurement that counts for max: the zero Verdict when it counts, unknown when there is none or
// it lies in the future, stale when it is too old. Verdicts on it must end at measured plus max.
func Fresh(what string, measured time.Time, most time.Duration, now time.Time) Verdict {
	switch {
	case measured.IsZero():
		return Unknown("no %s reported yet", what)
	case measured.After(now.Add(Skew)):
		return Unknown("the last %s is dated %s, which is in the future: check the clocks", what, stamp(measured)).At(measured.Add(-Skew))
	case !now.Before(measured.Add(most)):
		return Stale("the last %s is of %s, and one counts for %s", what, stamp(measured), most)
	default:
		return Verdict{}
	}
}

// Known reports whether v judges anything; the zero Verdict does not.
func (v Verdict) Known() bool { return v.Status != "" }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// Day writes a date for a reason.
func Day(t time.Time) string { return t.UTC().Format("2006-01-02") }
