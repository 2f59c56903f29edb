package kinds

import (
	"fmt"
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// onRecord judges the record in force by its form. Whatever is not in force fails as Current says.
func onRecord(judge func(r *records.Record) posture.Verdict) func(*records.Duty, time.Time) posture.Verdict {
	return func(d *records.Duty, now time.Time) posture.Verdict {
		if v := Current(d, now); v.Status != "pass" {
			return v
		}
		return judge(d.InForce).At(d.InForce.Expires)
	}
}

// everyRow passes when no row of a table is bad: bad gives what is wrong with a row, or nothing. A table without rows fails.
func everyRow(table, key, good string, bad func(row map[string]any) string) func(*records.Duty, time.Time) posture.Verdict {
	return onRecord(func(r *records.Record) posture.Verdict {
		all := rowsOf(r.Body, table)
		var wrong []string
		for _, row := range all {
			if w := bad(row); w != "" {
				wrong = append(wrong, fmt.Sprintf("%s: %s", cell(row, key), w))
			}
		}
		switch {
		case len(all) == 0:
			return posture.Fail("version %d lists none", r.Version)
		case len(wrong) > 0:
			return posture.Fail("%s", some(wrong))
		default:
			return posture.Pass("all %d %s", len(all), good)
		}
	})
}

// figure reads a number of a row or form.
func figure(row map[string]any, name string) (float64, bool) {
	n, ok := row[name].(float64)
	return n, ok
}

// day reads a date of a row or form.
func dayOf(row map[string]any, name string) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, cell(row, name))
	return t, err == nil
}

// Succeeded passes when the drill in force went well. A drill that failed is on record too, and counts as what it was.
func Succeeded(d *records.Duty, now time.Time) posture.Verdict {
	return onRecord(func(r *records.Record) posture.Verdict {
		switch outcome := cell(r.Body, "outcome"); outcome {
		case succeeded:
			return posture.Pass("the drill of %s succeeded", posture.Day(r.Performed))
		case "":
			return posture.Unknown("the record does not say how the drill of %s went", posture.Day(r.Performed))
		default:
			return posture.Fail("the drill of %s %s", posture.Day(r.Performed), outcome)
		}
	})(d, now)
}

// How a drill went.
const (
	succeeded = "succeeded"
	failed    = "failed"
)

func outcome() records.Field {
	return choice("outcome", "Outcome", "A failed drill is recorded too; the next one replaces it.", succeeded, failed)
}

// Hardened passes when every item of the guidance was checked and none that failed is left. An item that was not checked leaves
// it unknown; a failed one stays until it is closed or an exception covers it.
func Hardened(d *records.Duty, now time.Time) posture.Verdict {
	if v := Current(d, now); v.Status != "pass" {
		return posture.Unknown("nothing current was checked: %s", v.Reason).At(v.Until)
	}
	var open []string
	for _, it := range d.Items {
		if it.Closed.IsZero() {
			open = append(open, it.Title)
		}
	}
	unchecked, known := figure(d.InForce.Body, "unchecked")
	switch {
	case len(open) > 0:
		return posture.Fail("%d failed: %s", len(open), some(open)).At(d.InForce.Expires)
	case !known:
		return posture.Unknown("the record does not say how many items were left unchecked").At(d.InForce.Expires)
	case unchecked > 0:
		return posture.Unknown("%.0f items were not checked", unchecked).At(d.InForce.Expires)
	default:
		return posture.Pass("no failed item is left").At(d.InForce.Expires)
	}
}

// hardening is the form of a result against a named guide; about says what was checked.
func hardening(about string) []records.Field {
	return []records.Field{
		line("guidance", "Guidance", "Name of the guide that "+about+" was checked against, such as a CIS Benchmark or DISA STIG."),
		line("guidanceVersion", "Version of the guidance", ""),
		line("tool", "Checked with", "Tool and version, or \"by hand\"."),
		done("checked", "Checked on", ""),
		number("passed", "Items passed", "", 0, 100000),
		number("unchecked", "Items not checked", "An item that was skipped or could not be decided.", 0, 100000),
		tracked("failures", "Failed items", "One row for each item that failed.", line("reference", "Number in the guidance", "")),
	}
}

// hardeningExample is a result of guidance.
func hardeningExample(guidance, version, tool string) records.Body {
	return records.Body{
		"guidance": guidance, "guidanceVersion": version, "tool": tool, "checked": "-10d", "passed": 212.0, "unchecked": 0.0,
		"failures": table("title owner due reference", cells{"Session timeout is not set", "olga", "+20d", "5.4.2"}),
	}
}
