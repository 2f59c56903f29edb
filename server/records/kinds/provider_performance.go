package kinds

import (
	"fmt"
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// ProviderPerformance serves OPA-05: what a provider delivered in a quarter, against what it owes.
func ProviderPerformance() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "provider-performance", Title: "Performance of a provider", About: records.Provider, Life: Quarter, Needs: []string{"provider-agreement"},
			Purpose: "Compares the measured uptime and response times of a provider with its agreement.",
			Form: []records.Field{
				date("from", "From", ""),
				done("to", "To", ""),
				number("uptime", "Measured uptime, percent", "In the worst month.", 0, 100),
				number("incidentHours", "Slowest answer to an incident, hours", "0 when there was none.", 0, 10000),
				number("patchDays", "Slowest critical patch, days", "0 when there was none.", 0, 10000),
				line("source", "Where the figures are from", "Own measurement first."),
				tracked("breaches", "Breaches", "One row for each, with what is claimed."),
			},
			Files: records.Files{Least: 1, What: "The measurements."},
			Example: records.Body{
				"from": "-95d", "to": "-5d", "uptime": 99.95, "incidentHours": 0.5, "patchDays": 6.0, "source": "Own probe every minute from two networks",
				"breaches": table("title owner due", cells{"Claim the credit for the outage of the 12th", "olga", "+20d"}),
			},
		},
		Serves: []Serves{
			{"OPA-05", "measured-against-agreement", "figures-compared", "The provider's measured times keep to its agreement, or the breach is an item", keptAgreement},
			{"OPA-05", "measured-against-agreement", "breaches-on-time", "No breach of the provider is overdue", ItemsDone},
		},
	}
}

// keptAgreement compares the figures with the agreement in force with the same object.
func keptAgreement(d *records.Duty, now time.Time) posture.Verdict {
	agreement := other(d, "provider-agreement", now)
	return onRecord(func(r *records.Record) posture.Verdict {
		if agreement == nil {
			return posture.Fail("there is no agreement in force to compare with")
		}
		var missed []string
		for _, f := range []struct {
			name, what string
			atLeast    bool
		}{{"uptime", "uptime", true}, {"incidentHours", "hours to an incident", false}, {"patchDays", "days to a patch", false}} {
			got, ok1 := figure(r.Body, f.name)
			owed, ok2 := figure(agreement.Body, f.name)
			if !ok1 || !ok2 {
				return posture.Unknown("%s: measured or agreed figure is missing", f.what)
			}
			if f.atLeast && got < owed || !f.atLeast && got > owed {
				missed = append(missed, fmt.Sprintf("%s %g, agreed %g", f.what, got, owed))
			}
		}
		switch {
		case len(missed) == 0:
			return posture.Pass("uptime and response times keep to the agreement").At(agreement.Expires)
		case len(rowsOf(r.Body, "breaches")) == 0:
			return posture.Fail("%s, and no breach was opened", some(missed)).At(agreement.Expires)
		default:
			return posture.Pass("%s; the breach is an item", some(missed)).At(agreement.Expires)
		}
	})(d, now)
}

// other is the record of another kind that is in force and counts, about the same object; nil: there is none.
func other(d *records.Duty, kind string, now time.Time) *records.Record {
	for i := range d.Others {
		o := &d.Others[i]
		if o.Kind == kind && o.Object.Kind == d.Object.Kind && o.Object.ID == d.Object.ID && o.Altered == "" && (o.Expires.IsZero() || now.Before(o.Expires)) {
			return o
		}
	}
	return nil
}
