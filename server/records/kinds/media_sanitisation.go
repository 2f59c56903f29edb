package kinds

import "github.com/thingward/thingward/server/records"

// MediaSanitisation serves EOL-01: what became of the data on a retired device.
func MediaSanitisation() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "media-sanitisation", Title: "Media sanitisation and destruction", About: records.Device, Life: 20 * Year, Only: sanitised,
			Purpose: "Shows how the data of a retired device was made unreadable, as NIST SP 800-88 Rev. 2 describes, and names everyone involved.",
			Form: []records.Field{
				line("media", "Media", "Kind, maker and serial number of each."),
				choice("class", "Highest class of data held", "", "internal", "confidential", "restricted"),
				choice("method", "Method", "", "clear", "purge", "destroy"),
				line("technique", "Technique", "Such as cryptographic erase, block erase, shredding; and the tool."),
				choice("verified", "Verified", "", "by full read", "by sample", "by witness of destruction"),
				done("sanitised", "Sanitised on", ""),
				rows("people", "Everyone involved", "Who handed over, carried, sanitised, verified, destroyed.", line("name", "Name and company", ""), line("part", "Part", ""), date("at", "On", "")),
				line("destination", "Where it went", "Reused here, returned, recycled, destroyed."),
				line("destruction", "Certificate of destruction", "Number and issuer; \"not destroyed\" when the medium is reused."),
			},
			Files: records.Files{Least: 1, What: "The wipe report, and the certificate of destruction where the medium was destroyed."},
			Example: records.Body{
				"media": "eMMC 8 GB, serial 7C21A9", "class": "confidential", "method": "destroy", "technique": "Cryptographic erase by the agent, then shredding to 2 mm", "verified": "by witness of destruction", "sanitised": "-12d",
				"people": table("name part at", cells{"Theo Brandt", "Handed over", "-14d"}, cells{"R. Okoye, DataShred GmbH", "Destroyed", "-12d"}, cells{"Ines Falk", "Witness", "-12d"}), "destination": "Destroyed", "destruction": "DS-2026-7731, DataShred GmbH",
			},
		},
		Serves:  []Serves{{"EOL-01", "sanitisation-record", "media-sanitised", "The sanitisation of the retired device's media is on record with everyone involved", Current}},
		Refuses: []Refuses{{"EOL-01", "sanitisation-record", "incomplete-sanitisation", "A sanitisation record that names no method, medium or person cannot be approved", Incomplete}},
	}
}
