package kinds

import (
	"fmt"
	"time"

	"github.com/thingward/thingward/server/records"
)

// DisclosurePolicy serves SDV-05: how anyone can report a vulnerability, and what then happens.
func DisclosurePolicy() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "disclosure-policy", Title: "Vulnerability disclosure policy", About: records.Organisation, Life: Year,
			Purpose: "Invites reports of vulnerabilities and promises what happens with them.",
			Form: []records.Field{
				line("published", "Published at", "Its public address, also named by the contact file of RFC 9116."),
				line("contact", "Contact", "Mail address or form, with the key for encryption."),
				prose("scope", "Scope", "Products, services and versions."),
				prose("conduct", "Good faith", "What testers may do, and that no action follows when they keep to it."),
				number("answerDays", "Days until the first answer", "", 1, 14),
				number("fixDays", "Days until a fix", "", 1, 180),
				number("publishDays", "Days until publication", "", 1, 365),
				prose("informed", "How reporters are kept informed", "Until their report is closed."),
				person("responsible", "Who answers for it", ""),
			},
			Example: records.Body{
				"published": "https://example.org/security", "contact": "security@example.org, key in the contact file",
				"scope":      "All locks and gateways that are sold or serviced, the console and its API.",
				"conduct":    "Test only what is yours, stop at the first data of others; then nobody takes action.",
				"answerDays": 3.0, "fixDays": 90.0, "publishDays": 120.0,
				"informed":    "At each step and at least every two weeks; credit by name where they wish it.",
				"responsible": "mara",
			},
		},
		Serves: []Serves{
			{"SDV-05", "disclosure-policy", "policy-current", "The disclosure policy is approved, published and has not expired", Current},
		},
	}
}

// DisclosureCases serves SDV-05: every report that is open, at its stage, with the date by which it must reach the next. It is
// approved anew each month.
func DisclosureCases() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "disclosure-cases", Title: "Open vulnerability reports", About: records.Organisation, Life: Month,
			Purpose: "Lists every open report with its stage, so that none skips one and none is late.",
			Form: []records.Field{
				number("triageDays", "Days for triage", "From the report.", 1, 14),
				number("fixDays", "Days for the fix", "From the report.", 1, 180),
				number("publishDays", "Days for publication", "From the report.", 1, 365),
				done("listed", "Listed on", "Every report that arrived until then is in the table or closed."),
				tracked("cases", "Open reports", "Each is tracked until it reaches its next stage.",
					line("reporter", "Reported by", "A person outside, or internal."), date("reported", "Reported", ""),
					choice("stage", "Stage", "What it is in now.", caseStages()...), may(date("triaged", "Triaged", "")), may(date("fixed", "Fixed", ""))),
			},
			Check: stagesInOrder,
			Example: records.Body{
				"triageDays": 7.0, "fixDays": 90.0, "publishDays": 120.0, "listed": "-1d",
				"cases": []any{
					map[string]any{"title": "Pairing accepts a replayed frame", "owner": "mara", "due": "+60d", "reporter": "a student", "reported": "-20d", "stage": "fix", "triaged": "-17d"},
					map[string]any{"title": "Console shows names of other sites", "owner": "jonas", "due": "+5d", "reporter": "internal", "reported": "-2d", "stage": "triage"},
				},
			},
		},
		Serves: []Serves{
			{"SDV-05", "stage-clocks", "reports-on-time", "No open report is past the time limit of its stage", ItemsDone},
		},
	}
}

func caseStages() []string { return []string{"triage", "fix", "publication"} }

// stagesInOrder refuses a report that skipped a stage, and a due date beyond what the stage allows.
func stagesInOrder(b records.Body, _ records.Object) (faults []records.Fault) {
	limits := map[string]string{"triage": "triageDays", "fix": "fixDays", "publication": "publishDays"}
	for i, row := range rowsOf(b, "cases") {
		fault := func(column, message string) {
			faults = append(faults, records.Fault{Path: fmt.Sprintf("cases[%d].%s", i, column), Message: message})
		}
		stage, reported, triaged, fixed := cell(row, "stage"), cell(row, "reported"), cell(row, "triaged"), cell(row, "fixed")
		switch { // 2026-11-22: the order of texts is that of days
		case stage != "triage" && triaged == "":
			fault("triaged", "is missing: a report that is past triage has its day")
		case stage == "publication" && fixed == "":
			fault("fixed", "is missing: a report that is past its fix has its day")
		case triaged != "" && triaged < reported:
			fault("triaged", "is before the report arrived")
		case fixed != "" && fixed < triaged:
			fault("fixed", "is before the triage")
		}
		days, _ := b[limits[stage]].(float64)
		from, err1 := time.Parse(time.DateOnly, reported)
		due, err2 := time.Parse(time.DateOnly, cell(row, "due"))
		if err1 == nil && err2 == nil && due.After(from.AddDate(0, 0, int(days))) {
			fault("due", fmt.Sprintf("is more than the %d days after the report that this stage may take", int(days)))
		}
	}
	return faults
}
