package kinds

import (
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// SupplierPerformance serves RMT-01: how long a supplier really took from disclosure to patch.
func SupplierPerformance() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "supplier-performance", Title: "Disclosure and patch times of a supplier", About: records.Supplier, Life: Quarter, Needs: []string{"supplier-agreement"},
			Purpose: "Compares a supplier's real times from disclosure to patch with its agreement.",
			Form: []records.Field{
				done("compared", "Compared on", ""),
				may(rows("cases", "Vulnerabilities", "None when there was none.", line("vulnerability", "Vulnerability", ""), date("disclosed", "Disclosed on", ""), may(date("patched", "Patched on", "Empty while there is no patch.")))),
				tracked("breaches", "Breaches", "One row for each, with what is claimed."),
			},
			Example: records.Body{
				"compared": "-2d", "cases": table("vulnerability disclosed patched", cells{"CVE-2026-20177", "-40d", "-19d"}),
				"breaches": table("title owner due", cells{"Ask why the advisory came two days late", "mara", "+14d"}),
			},
		},
		Serves: []Serves{
			{"RMT-01", "real-times", "times-compared", "The supplier's patches keep to the agreed time, or the breach is an item", keptPatchTimes},
			{"RMT-01", "real-times", "breaches-on-time", "No breach of the supplier is overdue", ItemsDone},
		},
	}
}

// keptPatchTimes counts each case's days against the agreement in force, those without a patch up to now.
func keptPatchTimes(d *records.Duty, now time.Time) posture.Verdict {
	agreement := other(d, "supplier-agreement", now)
	var next time.Time // when a case that is still open runs out of time
	v := onRecord(func(r *records.Record) posture.Verdict {
		if agreement == nil {
			return posture.Fail("there is no agreement in force to compare with")
		}
		days, ok := figure(agreement.Body, "patchDays")
		if !ok {
			return posture.Unknown("the agreement does not say how many days a patch may take")
		}
		var late []string
		for _, row := range rowsOf(r.Body, "cases") {
			disclosed, ok := dayOf(row, "disclosed")
			if !ok {
				return posture.Unknown("%s: the day of disclosure is missing", cell(row, "vulnerability"))
			}
			due := disclosed.Add(time.Duration(days) * day)
			patched, done := dayOf(row, "patched")
			switch {
			case done && patched.After(due), !done && !now.Before(due):
				late = append(late, cell(row, "vulnerability"))
			case !done && (next.IsZero() || due.Before(next)):
				next = due
			}
		}
		switch {
		case len(late) == 0:
			return posture.Pass("%d vulnerabilities, each inside the agreed %.0f days", len(rowsOf(r.Body, "cases")), days)
		case len(rowsOf(r.Body, "breaches")) < len(late):
			return posture.Fail("%s took longer than the agreed %.0f days, and not every breach is an item", some(late), days)
		default:
			return posture.Pass("%s: longer than agreed, and the breach is an item", some(late))
		}
	})(d, now)
	if agreement != nil {
		v = v.At(agreement.Expires)
	}
	return v.At(next)
}
