package kinds

import "github.com/thingward/thingward/server/records"

// UpdateDrill serves UPD-05: the yearly test of the update process on a type.
func UpdateDrill() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "update-drill", Title: "Drill: update and restore", About: records.Type, Life: Year,
			Purpose: "Shows that devices of a type can be updated and restored from a sealed image.",
			Form: []records.Field{
				done("drilled", "Drilled on", ""),
				person("lead", "Lead", ""),
				number("devices", "Devices", "", 1, 100000),
				line("from", "Image before", "Version and hash."),
				line("to", "Image after", ""),
				line("restored", "Image restored", "And how its integrity was verified."),
				choice("tampered", "An altered image", "", "was refused", "was installed", "was not tried"),
				number("minutes", "Minutes to restore one device", "", 0, 100000),
				outcome(),
				tracked("lessons", "What must change", ""),
			},
			Files: records.Files{Least: 1, What: "The log of the drill."},
			Check: func(b records.Body, _ records.Object) []records.Fault {
				if t := cell(b, "tampered"); t != "" && t != "was refused" && cell(b, "outcome") == succeeded {
					return []records.Fault{{Path: "outcome", Message: "the drill succeeds only when an altered image was tried and refused: record it as failed"}}
				}
				return nil
			},
			Example: records.Body{
				"drilled": "-100d", "lead": "theo", "devices": 3.0, "from": "2.4.0, sha256:11c2…9e", "to": "2.4.1, sha256:77aa…02", "restored": "2.4.0, signature and hash compared before writing", "tampered": "was refused", "minutes": 6.0, "outcome": succeeded,
				"lessons": table("title owner due", cells{"Write the recovery key sequence into the handbook", "theo", "+30d"}),
			},
		},
		Serves: []Serves{
			{"UPD-05", "restore-drill", "drill-succeeded", "The last update drill of the type succeeded", Succeeded},
			{"UPD-05", "restore-drill", "lessons-on-time", "Nothing that an update drill showed is overdue", ItemsDone},
		},
	}
}
