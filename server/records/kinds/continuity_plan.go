package kinds

import "github.com/thingward/thingward/server/records"

// ContinuityPlan serves BCN-01: who is reached, and how, when a system is down or compromised.
func ContinuityPlan() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "continuity-plan", Title: "Continuity plan", About: records.System, Life: Year,
			Purpose: "Names who is alerted when a system fails or is compromised, how they are reached, and how service goes on.",
			Form: []records.Field{
				acknowledging(person("first", "First contact", "Is asked to acknowledge the plan.")),
				acknowledging(person("second", "Second contact", "Called when the first does not answer. Another person.")),
				rows("channels", "How they are reached", "At least two channels for each contact.", person("who", "Contact", ""), choice("channel", "Channel", "", "telephone", "text message", "mail", "push message", "webhook"), line("address", "Number or address", "")),
				prose("impact", "What an outage means", "Whom it hits, and after how long."),
				number("recoveryHours", "Longest outage borne, hours", "", 0, 10000),
				prose("fallback", "Service meanwhile", ""),
				prose("recovery", "Recovery", "Order of steps, backups, who decides."),
			},
			Check:   contactsReachable,
			Readers: records.Named,
			Example: records.Body{
				"first": "olga", "second": "theo",
				"channels": table("who channel address", cells{"olga", "telephone", "+49 40 555 0171"}, cells{"olga", "mail", "olga@example.org"}, cells{"theo", "telephone", "+49 40 555 0172"}, cells{"theo", "push message", "duty app"}),
				"impact":   "Doors stay in their last state; after four hours night staff cannot enter.", "recoveryHours": 4.0, "fallback": "Mechanical keys from the porter; a guard at the main entrance.",
				"recovery": "Restore the last backup on the spare server, then the gateways; the system's owner decides.",
			},
		},
		Serves: []Serves{
			{"BCN-01", "continuity-plan", "plan-current", "A continuity plan for the system is in force", Current},
			{"BCN-01", "continuity-plan", "contacts-active", "The contacts of the plan have active accounts", PeopleActive},
			{"BCN-01", "continuity-plan", "contacts-know", "Both contacts have acknowledged the plan", Acknowledged},
		},
	}
}

// acknowledging asks whoever is named to acknowledge the record.
func acknowledging(f records.Field) records.Field {
	f.Acknowledges = true
	return f
}

// contactsReachable wants two persons, and two channels for each of them.
func contactsReachable(b records.Body, _ records.Object) (faults []records.Fault) {
	first, second := cell(b, "first"), cell(b, "second")
	if first == second {
		faults = append(faults, records.Fault{Path: "second", Message: "name another person than the first contact"})
	}
	channels := map[string]map[string]bool{}
	for _, row := range rowsOf(b, "channels") {
		if channels[cell(row, "who")] == nil {
			channels[cell(row, "who")] = map[string]bool{}
		}
		channels[cell(row, "who")][cell(row, "channel")] = true
	}
	for _, who := range []string{first, second} {
		if who != "" && len(channels[who]) < 2 {
			faults = append(faults, records.Fault{Path: "channels", Message: who + " needs at least two different channels"})
		}
	}
	return faults
}
