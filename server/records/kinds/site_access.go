package kinds

import "github.com/thingward/thingward/server/records"

// SiteAccess serves PHY-01: who may touch the devices of a site, and how anyone else is noticed.
func SiteAccess() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "site-access", Title: "Physical access to a site", About: records.Site, Life: Year,
			Purpose: "Says who may reach the devices of a site, how access is given and taken away, and how an attempt is noticed.",
			Form: []records.Field{
				prose("barriers", "Barriers", "Walls, cabinets, locks, height."),
				prose("permission", "Who may go in", "Who decides, how keys and cards are issued and taken back."),
				prose("visitors", "Visitors and contractors", "Registration and escort."),
				prose("detection", "How an attempt is noticed", "Tamper contacts, cameras, seals, rounds."),
				prose("reaction", "What follows", "Who goes there, and how soon."),
				person("owner", "Answers for it", ""),
				done("walked", "Last walked through on", ""),
			},
			Example: records.Body{
				"barriers": "Cabinets with door contact in a locked plant room on each floor.", "permission": "The facility manager issues cards for the plant rooms; they end with the contract.", "visitors": "Contractors sign in at the porter and are accompanied.",
				"detection": "Door contacts and the tamper switch of each gateway raise an alarm here.", "reaction": "The porter is there within ten minutes; the device stays in quarantine until it was examined.", "owner": "theo", "walked": "-40d",
			},
		},
		Serves: []Serves{{"PHY-01", "access-process", "process-current", "A process for physical access to the site is in force", Current}},
	}
}
