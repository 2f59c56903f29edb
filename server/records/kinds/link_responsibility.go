package kinds

import "github.com/thingward/thingward/server/records"

// LinkResponsibility serves GVN-01: who answers for a system's link to an outside data service.
func LinkResponsibility() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "link-responsibility", Title: "Responsibility for a link", About: records.Link, Life: Year,
			Purpose: "Names who answers for the security of a link to an outside data service, the cloud included.",
			Form: []records.Field{
				person("accountable", "Who answers for it", ""),
				prose("data", "Data that crosses it", "What, of which class, in which direction."),
				prose("protection", "Protection", "Authentication, encryption, what is filtered."),
				prose("cut", "How it is cut", "Who may cut it, how fast, and what then stops."),
			},
			Example: records.Body{
				"accountable": "mara", "data": "Consumption by floor and hour, class internal, to the provider only.",
				"protection": "TLS with certificates of both sides; only the streams that the link names are sent.",
				"cut":        "Any operator, within a minute, by disabling the link's account; reports then wait.",
			},
		},
		Serves: []Serves{
			{"GVN-01", "link-owner", "link-accountable", "Somebody with an active account answers for the link", PeopleActive},
		},
	}
}
