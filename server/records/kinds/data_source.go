package kinds

import "github.com/thingward/thingward/server/records"

// DataSource serves DAT-03 for data from and to outside: devices are catalogued by their types.
func DataSource() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "data-source", Title: "Catalogue entry of a data source", About: records.Link, Life: Year,
			Purpose: "Documents what data comes over a link to an outside service, how it is authenticated, and what is done with it.",
			Form: []records.Field{
				rows("data", "Data", "", line("data", "Data", ""), choice("class", "Class", "", "public", "internal", "confidential", "restricted"), choice("direction", "Direction", "", "in", "out", "both")),
				line("origin", "Origin", "Who makes the data, and on what grounds it is used."),
				choice("authentication", "Authentication of the data", "", "mutual TLS", "signature", "token over TLS", "none"),
				prose("processing", "Processing", "Cleaning, reduction, modification and aggregation, and where each is recorded."),
				person("owner", "Answers for it", ""),
			},
			Check: func(b records.Body, _ records.Object) []records.Fault {
				if cell(b, "authentication") == "none" {
					return []records.Fault{{Path: "authentication", Message: "data that nobody vouches for may not be used: authenticate the source first"}}
				}
				return nil
			},
			Example: records.Body{
				"data": table("data class direction", cells{"Outside temperature and wind", "public", "in"}), "origin": "National weather service, open licence", "authentication": "token over TLS",
				"processing": "Taken as it comes; hourly mean in the telemetry roll-up.", "owner": "olga",
			},
		},
		Serves: []Serves{{"DAT-03", "sources-catalogued", "link-catalogued", "The outside source of data is in the catalogue", Current}},
	}
}
