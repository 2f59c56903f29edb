package kinds

import (
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// DataStore serves DAT-04: where data rests, and that the place was evaluated.
func DataStore() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "data-store", Title: "Evaluation of a data store", About: records.DataStore, Life: Year,
			Purpose: "States where a store is, what it holds, how it is encrypted, and that it was evaluated before it held sensitive data.",
			Form: []records.Field{
				line("place", "Place", "Building or cloud region, and country."),
				rows("data", "Data held", "", line("data", "Data", ""), choice("class", "Class", "", "public", "internal", "confidential", "restricted")),
				choice("encryption", "Encryption at rest", "", "by field", "by the database", "by the disk", "none"),
				line("keys", "Keys", "Who holds them, and how often they change."),
				line("access", "Who can read it", ""),
				prose("backups", "Copies and backups", "Where, encrypted how, kept how long."),
				done("evaluated", "Evaluated on", ""),
				person("evaluator", "Evaluated by", ""),
			},
			Example: records.Body{
				"place": "Own rack in Hamburg, Germany", "data": table("data class", cells{"Door events", "confidential"}, cells{"Telemetry", "internal"}), "encryption": "by the disk", "keys": "LUKS, key in the TPM, changed with each disk", "access": "Service account of the platform, two administrators",
				"backups": "Encrypted copy each night to the second site, kept 90 days.", "evaluated": "-33d", "evaluator": "ines",
			},
		},
		Serves: []Serves{{"DAT-04", "stores-known", "store-evaluated", "The store is on record with place, encryption and evaluation", onRecord(func(r *records.Record) posture.Verdict {
			if cell(r.Body, "encryption") != "none" {
				return posture.Pass("%s, encrypted %s, evaluated on %s", cell(r.Body, "place"), cell(r.Body, "encryption"), posture.Day(r.Performed))
			}
			for _, row := range rowsOf(r.Body, "data") {
				if class := cell(row, "class"); class != "public" {
					return posture.Fail("it holds %s data (%s) without encryption", class, cell(row, "data"))
				}
			}
			return posture.Pass("%s, public data only, evaluated on %s", cell(r.Body, "place"), posture.Day(r.Performed))
		})}},
	}
}
