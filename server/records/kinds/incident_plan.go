package kinds

import "github.com/thingward/thingward/server/records"

// IncidentPlan serves IMT-02: who does what when something happened to a system.
func IncidentPlan() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "incident-plan", Title: "Incident plan", About: records.System, Life: Year,
			Purpose: "Names the contacts of a system who know their duties, the roles of vendors and providers, escalation and custody of evidence.",
			Form: []records.Field{
				acknowledging(person("business", "Business contact", "Is asked to acknowledge the plan.")),
				acknowledging(person("technical", "Technical contact", "Is asked to acknowledge the plan.")),
				prose("businessDuties", "Duties of the business contact", ""),
				prose("technicalDuties", "Duties of the technical contact", ""),
				rows("others", "Vendors and providers", "", line("name", "Name", ""), line("role", "Role", ""), line("contact", "Contact", "")),
				rows("escalation", "Escalation", "In order.", choice("severity", "Severity", "", "low", "medium", "high", "critical"), line("to", "To", ""), number("minutes", "After … minutes", "", 0, 10000)),
				prose("custody", "Chain of custody", "Who takes evidence, how it is hashed, stored and handed on."),
				prose("forensics", "Forensics of devices", "What is captured from a running device, automatically where possible."),
				prose("reporting", "Reports to authorities and customers", "Duties to report and their clocks."),
			},
			Readers: records.Named,
			Check: func(b records.Body, _ records.Object) []records.Fault {
				if who := cell(b, "business"); who != "" && who == cell(b, "technical") {
					return []records.Fault{{Path: "technical", Message: "name another person than the business contact"}}
				}
				return nil
			},
			Example: records.Body{
				"business": "mara", "technical": "olga", "businessDuties": "Decides on shut-down, informs tenants and insurer, signs reports.", "technicalDuties": "Leads the response, isolates devices, keeps the log of the incident.",
				"others":     table("name role contact", cells{"LockWorks GmbH", "Firmware analysis within a day", "psirt@lockworks.example"}),
				"escalation": table("severity to minutes", cells{"high", "Technical contact", 15.0}, cells{"critical", "Business contact and executive", 30.0}),
				"custody":    "Two persons take each item; hash and time are written down; the safe on floor 2 holds the originals.", "forensics": "The agent's capture of processes, connections and files is fetched before power is cut.",
				"reporting": "Cyber Resilience Act: early warning within 24 hours, report within 72 hours.",
			},
		},
		Serves: []Serves{
			{"IMT-02", "incident-plan", "plan-current", "An incident plan with both contacts is in force", Current},
			{"IMT-02", "incident-plan", "contacts-know", "Both contacts have acknowledged their duties", Acknowledged},
			{"IMT-02", "incident-plan", "contacts-active", "Both contacts have active accounts", PeopleActive},
		},
		Refuses: []Refuses{{"IMT-02", "incident-plan", "incomplete-plan", "An incident plan that lacks a contact or a part cannot be approved", Incomplete}},
	}
}
