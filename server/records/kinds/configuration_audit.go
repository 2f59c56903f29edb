package kinds

import "github.com/thingward/thingward/server/records"

// ConfigurationAudit serves SCN-05: the scheduled look at what was changed on devices and services.
func ConfigurationAudit() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "configuration-audit", Title: "Audit of configuration changes", About: records.System, Life: Quarter,
			Purpose: "Shows that the configuration changes of a period were looked at by the date set.",
			Form: []records.Field{
				date("from", "Period from", ""),
				done("to", "Period to", "The day up to which changes were looked at."),
				person("auditor", "Auditor", "Not one of those who changed configurations."),
				number("changes", "Changes in the period", "As the audit log counts them.", 0, 1e7),
				number("looked", "Changes looked at", "", 0, 1e7),
				prose("method", "Method", "How the changes to look at were chosen, and compared with what."),
				tracked("findings", "Findings", "Changes without plan, reason or approval."),
				ends("next", "Next audit by", ""),
			},
			Check: periodInOrder,
			Example: records.Body{
				"from": "-95d", "to": "-5d", "auditor": "lena", "changes": 212.0, "looked": 60.0,
				"method":   "Every privileged change, and each fifth of the others, compared with its ticket and the manifest.",
				"findings": table("title owner due", cells{"Two thermostats changed outside hours without ticket", "mara", "+20d"}),
				"next":     "+80d",
			},
		},
		Serves: []Serves{
			{"SCN-05", "audit-date", "audit-on-time", "The audit of configuration changes took place on time", Current},
		},
	}
}

// periodInOrder refuses a period that ends before it begins, and more changes looked at than there were.
func periodInOrder(b records.Body, _ records.Object) (faults []records.Fault) {
	if from, to := cell(b, "from"), cell(b, "to"); from > to { // 2026-11-22: the order of texts is that of days
		faults = append(faults, records.Fault{Path: "from", Message: "is after the period's end: swap the two"})
	}
	all, _ := b["changes"].(float64)
	if looked, _ := b["looked"].(float64); looked > all {
		faults = append(faults, records.Fault{Path: "looked", Message: "is more than there were in the period"})
	}
	return faults
}
