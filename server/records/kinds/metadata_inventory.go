package kinds

import "github.com/thingward/thingward/server/records"

// metadata lists what the platform produces beside the data itself.
func metadata() []string {
	return []string{
		"topic names", "client identifiers", "certificate fields", "timing of messages", "sizes of messages", "network addresses",
		"session records", "inventory reports", "audit entries", "alert texts", "status queries",
	}
}

// MetadataInventory serves PRV-03: each kind of metadata has a class.
func MetadataInventory() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "metadata-inventory", Title: "Inventory of metadata", About: records.Organisation, Life: Year,
			Purpose: "Lists the metadata that the platform produces, each with its class and who sees it.",
			Form: []records.Field{
				covering("metadata", "Metadata", "A row for every kind that the platform produces; add what other software of yours produces.",
					line("kind", "Kind", ""), metadata(), choice("class", "Class", "", dataClasses()...),
					line("reveals", "What it could reveal", ""), line("seen", "Who sees it", ""), number("days", "Days kept", "", 0, 36500)),
				person("responsible", "Who keeps it current", ""),
			},
			Example: records.Body{
				"metadata":    filled(metadata(), "kind class reveals seen days", "internal", "when a place is in use, not by whom", "operators and auditors", 90.0),
				"responsible": "mara",
			},
		},
		Serves: []Serves{
			{"PRV-03", "metadata-inventory", "metadata-classified", "Every kind of metadata is listed with a class", Current},
		},
	}
}

// MetadataLeakResponse serves PRV-03: what is done when metadata leaks.
func MetadataLeakResponse() Spec {
	steps := []string{"find", "contain", "assess", "notify", "correct"}
	return Spec{
		Kind: records.Kind{
			Name: "metadata-leak-response", Title: "Response to a leak of metadata", About: records.Organisation, Life: Year,
			Purpose: "Says who does what, by when, when sensitive metadata leaks.",
			Form: []records.Field{
				prose("leaks", "What counts as a leak", "By class and place: a topic, an export, a log, a certificate."),
				covering("steps", "Steps", "", choice("step", "Step", "", steps...), steps,
					prose("what", "What is done", ""), person("who", "By whom", ""), number("hours", "Within hours", "", 1, 720)),
				prose("authorities", "Authorities and people concerned", "Who must be told, when."),
			},
			Example: records.Body{
				"leaks": "An identifier of class confidential or above in a topic, an export or a log outside the platform.",
				"steps": filled(steps, "step what who hours", "The lead of the day opens a case and works through its list.", "mara", 24.0),
				"authorities": "The supervisory authority within 72 hours where people are concerned; the people by letter within a week " +
					"where their risk is high.",
			},
		},
		Serves: []Serves{
			{"PRV-03", "leak-response", "response-current", "The response to a leak of metadata is approved and has not expired", Current},
		},
	}
}
