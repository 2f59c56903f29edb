package kinds

import "github.com/thingward/thingward/server/records"

// PrivacyAssessment serves PRV-04 and PRV-05: what a device type means for the people around it.
func PrivacyAssessment() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "privacy-assessment", Title: "Privacy impact assessment of a device type", About: records.Type, Life: Year,
			Purpose: "Settles deletion, notice, consent, review, timing and sharing before devices of the type meet people.",
			Only:    unless("personalData", "its manifest says that it handles no personal data"),
			Form: []records.Field{
				date("begun", "Development began", "The assessment belongs to the beginning of development."),
				done("assessed", "Assessed on", ""),
				person("assessor", "Led by", ""),
				prose("data", "Personal data", "What is collected, about whom, for what."),
				prose("deletion", "Deletion from the device", "How a person's data is removed, and how one sees that it is gone."),
				prose("notice", "Notice", "How people are told what is collected."),
				prose("timing", "Timing and frequency", "How people are told when and how often it is collected."),
				prose("consent", "Consent", "How it is obtained, and how it is withdrawn."),
				prose("kept", "Keeping of consents", "Where consents are kept, with scope and time."),
				prose("review", "Review and correction", "How people see and edit data before it leaves the device."),
				prose("sharing", "Sharing by opt-in", "Which sharing there is, and that it is off until somebody opts in."),
				prose("findings", "Key findings", "What every administrator must know."),
				tracked("actions", "Actions", ""),
			},
			Readers: records.Administrators,
			Example: records.Body{
				"begun": "-400d", "assessed": "-21d", "assessor": "lena",
				"data":     "Door, time and the badge's random identifier, to open doors and settle disputes.",
				"deletion": "Factory reset wipes the ring buffer; the screen shows an empty list afterwards.",
				"notice":   "A sign at each door and a page in the tenant's app, in four languages.",
				"timing":   "The sign says: at each opening, kept for 90 days, sent once a minute.",
				"consent":  "In the app, by person and purpose; withdrawal there too, effective within a minute.",
				"kept":     "In the tenant's file, with text, scope, time and withdrawal.",
				"review":   "The app shows the last 90 days; a wrong entry can be disputed before the daily report is sent.",
				"sharing":  "With the cleaning firm, off by default, switched on by the tenant for each floor.",
				"findings": "Door events become personal data once joined with the badge list: the two are never exported together.",
				"actions":  table("title owner due", cells{"Shorten retention of door events to 60 days", "mara", "+80d"}),
			},
		},
		Serves: []Serves{
			{"PRV-04", "every-type", "assessment-approved", "The type has an approved privacy assessment, or handles no personal data", Current},
			{"PRV-05", "yearly-renewal", "assessed-in-a-year", "The privacy assessment is not older than 365 days", Current},
			{"PRV-05", "findings-acknowledged", "findings-acknowledged", "Every administrator has acknowledged the key findings", Acknowledged},
			{"PRV-05", "actions-on-time", "actions-on-time", "No action of the assessment is overdue", ItemsDone},
		},
		Refuses: []Refuses{
			{"PRV-04", "complete-assessment", "incomplete-assessment", "A privacy assessment with an empty part cannot be approved", Incomplete},
		},
	}
}
