package kinds

import (
	"fmt"
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// ThreatFeeds serves TMM-03: the intelligence that analysts read, and that it keeps coming.
func ThreatFeeds() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "threat-feeds", Title: "Threat intelligence feeds", About: records.Organisation, Life: Quarter,
			Purpose: "Lists the intelligence feeds for the industry, when each was last updated, and who reads them.",
			Form: []records.Field{
				rows("feeds", "Feeds", "", line("feed", "Feed", "Name and address."), choice("form", "Form", "", "STIX and TAXII", "list", "reports", "mail"),
					number("days", "Updated every … days, at the latest", "", 1, 92), date("updated", "Last updated on", ""), person("reader", "Read by", "")),
				done("checked", "Checked on", ""),
			},
			Example: records.Body{"feeds": table("feed form days updated reader", cells{"Sector ISAC, taxii.isac.example", "STIX and TAXII", 30.0, "-2d", "ines"}, cells{"CISA ICS advisories", "reports", 31.0, "-4d", "ines"}), "checked": "-1d"},
		},
		Serves: []Serves{
			{"TMM-03", "intelligence-fresh", "feeds-fresh", "Each intelligence feed on record was updated within its interval", feedsFresh},
			{"TMM-03", "intelligence-fresh", "feeds-read", "Whoever reads the feeds has an active account", PeopleActive},
		},
	}
}

// feedsFresh counts each feed's interval from its last update. What the record says of a day to come is not believed.
func feedsFresh(d *records.Duty, now time.Time) posture.Verdict {
	var end time.Time
	v := everyRow("feeds", "feed", "feeds are inside their interval", func(row map[string]any) string {
		updated, ok := dayOf(row, "updated")
		days, known := figure(row, "days")
		if !ok || !known || updated.After(now.Add(posture.Skew)) {
			return "its last update is not known"
		}
		due := updated.Add(time.Duration(days) * day)
		if !now.Before(due) {
			return fmt.Sprintf("last updated on %s, and due every %.0f days", posture.Day(updated), days)
		}
		if end.IsZero() || due.Before(end) {
			end = due
		}
		return ""
	})(d, now)
	return v.At(end)
}
