package fleet

import "slices"

// Status is where a control, an obligation or a check stands. Only Pass is good; NotApplicable alone leaves the
// denominator (Unknown is never pass).
type Status string

// The statuses.
const (
	Pass          Status = "pass"
	Fail          Status = "fail"
	NotApplicable Status = "not-applicable"
	Unknown       Status = "unknown"      // could not be measured
	Stale         Status = "stale"        // was measured, too long ago
	NotAssessed   Status = "not-assessed" // nothing measures it yet
	Excepted      Status = "excepted"     // it fails, and an approved exception in force covers every failure
)

// worst first: fail, unknown, stale, not assessed, excepted, pass, not applicable.
var worstFirst = []Status{Fail, Unknown, Stale, NotAssessed, Excepted, Pass, NotApplicable}

// Worse gives the worse of two statuses; the empty status gives the other one.
func Worse(a, b Status) Status {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	case slices.Index(worstFirst, a) <= slices.Index(worstFirst, b):
		return a
	default:
		return b
	}
}
