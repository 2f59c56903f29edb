package kinds

import "github.com/thingward/thingward/server/records"

// bluetoothAreas are the areas of the checklist in NIST SP 800-121 Rev. 2, 4.4, in our words.
var bluetoothAreas = []string{
	"policy and awareness", "inventory", "regular assessment", "firmware and updates", "defaults changed", "lowest power", "pairing method", "passkeys", "link keys", "encryption", "mutual authentication",
	"security mode and level", "unneeded services off", "undiscoverable", "address privacy", "protection above the link", "pairing in a safe place", "off when unused", "unexpected requests refused", "lost devices unpaired",
}

// BluetoothChecklist serves SNT-02: each area of the checklist answered for a type, and what is missing made an item.
func BluetoothChecklist() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "bluetooth-checklist", Title: "Bluetooth checklist", About: records.Type, Life: Year,
			Only:    withRadio("its manifest names no Bluetooth radio", "ble", "bluetooth"),
			Purpose: "Shows that every area of the checklist in NIST SP 800-121 Rev. 2, section 4.4, was audited for a type with Bluetooth.",
			Form: []records.Field{
				done("audited", "Audited on", ""),
				person("auditor", "Auditor", ""),
				line("version", "Bluetooth version and modes", "Such as 5.4, low energy only."),
				covering("areas", "Areas", "", choice("area", "Area", "", bluetoothAreas...), bluetoothAreas,
					choice("result", "Result", "", "met", "not met", "does not apply"), line("finding", "What was found", "")),
				tracked("deficiencies", "Deficiencies", "One for each area that is not met."),
			},
			Check: func(b records.Body, _ records.Object) (faults []records.Fault) {
				for _, row := range rowsOf(b, "areas") {
					if cell(row, "result") == "not met" && len(rowsOf(b, "deficiencies")) == 0 {
						return []records.Fault{{Path: "deficiencies", Message: "an area is not met: say what will be done about it, by whom and when"}}
					}
				}
				return nil
			},
			Example: records.Body{
				"audited": "-10d", "auditor": "ines", "version": "5.4, low energy only",
				"areas":        filled(bluetoothAreas, "area result finding", "met", "Read from the configuration and tried on two devices."),
				"deficiencies": table("title owner due", cells{"Shorten the time that the lock can be discovered after a reset", "olga", "+60d"}),
			},
		},
		Serves: []Serves{
			{"SNT-02", "checklist-complete", "checklist-current", "A Bluetooth checklist with every area is in force", Current},
			{"SNT-02", "bluetooth-findings", "deficiencies-on-time", "No Bluetooth deficiency is overdue", ItemsDone},
		},
		Refuses: []Refuses{{"SNT-02", "checklist-complete", "incomplete-checklist", "A checklist that leaves out an area cannot be approved", Incomplete}},
	}
}
