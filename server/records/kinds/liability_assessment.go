package kinds

import (
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

const noContact = "nobody"

// LiabilityAssessment serves LBT-01: whether a system physically touches people, and what follows from it. Every system is
// asked, so that contact is denied by a person with reasons and never by silence.
func LiabilityAssessment() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "liability-assessment", Title: "Liability assessment", About: records.System, Life: Year,
			Purpose: "Says whom a system can physically touch or harm, what the organisation is liable for, which limits hold and where warnings hang.",
			Form: []records.Field{
				choice("contact", "Whom it touches", "", noContact, "workers", "the public", "workers and the public"),
				prose("liability", "Liability", "Harm that is possible, and the law or contract that it falls under; or why none is."),
				may(rows("limits", "Safety limits", "Force, speed, temperature, current, time.", line("what", "What", ""), line("limit", "Limit", ""), line("enforced", "Enforced by", "Manifest, controller, hardware."))),
				may(rows("notices", "Posted warnings", "", line("place", "Place", ""), line("text", "Text", ""), date("seen", "Seen hanging on", ""))),
				line("insurance", "Insurance", "Policy and sum, or \"none\"."),
				person("assessor", "Assessor", ""),
				done("assessed", "Assessed on", ""),
			},
			Files: records.Files{Least: 1, What: "The assessment; where people are touched, photos of the posted warnings."},
			Check: func(b records.Body, _ records.Object) (faults []records.Fault) {
				if c := cell(b, "contact"); c == noContact || c == "" {
					return nil
				}
				for _, f := range [][2]string{{"limits", "the system touches people: state the limits that keep them safe"}, {"notices", "the system touches people: state where warnings are posted"}} {
					if len(rowsOf(b, f[0])) == 0 {
						faults = append(faults, records.Fault{Path: f[0], Message: f[1]})
					}
				}
				return faults
			},
			Example: records.Body{
				"contact": "workers and the public", "liability": "A door leaf can crush a hand; strict product liability, and the operator's duty of care for the building.",
				"limits":  table("what limit enforced", cells{"Closing force", "150 N", "Door controller and manifest"}),
				"notices": table("place text seen", cells{"Both sides of the main entrance", "Automatic door: keep hands clear", "-4d"}), "insurance": "Public liability LB-20441, 5 million", "assessor": "ines", "assessed": "-20d",
			},
		},
		Serves: []Serves{
			{"LBT-01", "liability-assessment", "assessment-current", "The liability of the system is assessed", Current},
			{"LBT-01", "warning-notice", "warnings-posted", "Warnings are posted where the system touches people", onRecord(func(r *records.Record) posture.Verdict {
				if cell(r.Body, "contact") == noContact {
					return posture.NotApplicable("the approved assessment says that the system touches nobody")
				}
				if n := len(rowsOf(r.Body, "notices")); n > 0 {
					return posture.Pass("%d warnings are posted, with evidence", n)
				}
				return posture.Fail("no warning is on record")
			})},
		},
	}
}
