package kinds

import "github.com/thingward/thingward/server/records"

// NFCPlacement serves SNT-08: where devices with near-field communication stand, and who watches them.
func NFCPlacement() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "nfc-placement", Title: "Placement of NFC devices", About: records.Site, Life: Year, Only: withRadio("no type in use there has NFC", "nfc"),
			Purpose: "Shows that nobody can stay close to an NFC device unseen.",
			Form: []records.Field{
				rows("areas", "Areas", "One row for each area with NFC devices.",
					line("area", "Area", ""), number("devices", "Devices", "", 1, 10000), line("placement", "Why an eavesdropper cannot stay close", ""),
					choice("watch", "Watched by", "", "camera", "guard", "staff on site", "camera and guard"), date("photo", "Photo taken on", "")),
				prose("shielding", "Other protection", "Shielding, short range, encryption above the link; or why none is needed."),
				done("inspected", "Inspected on", ""),
			},
			Files: records.Files{Least: 1, What: "A dated photo of each area."},
			Example: records.Body{
				"areas":     table("area devices placement watch photo", cells{"Main entrance", 2.0, "Reader behind the counter, two metres from the queue", "camera", "-5d"}, cells{"Staff lift", 1.0, "Alcove in full view of the porter", "staff on site", "-5d"}),
				"shielding": "Messages above the link are encrypted and change with each use.", "inspected": "-5d",
			},
		},
		Serves: []Serves{{"SNT-08", "nfc-placement", "placement-current", "The placement of NFC devices at the site is on record with photos", Current}},
	}
}
