package kinds

import "github.com/thingward/thingward/server/records"

// ZigBeeKeyDelivery serves SNT-16: how master keys reached the nodes without any network.
func ZigBeeKeyDelivery() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "zigbee-key-delivery", Title: "Delivery of ZigBee master keys", About: records.Segment, Life: 3 * Year, Only: segmentOf("zigbee", "it is no ZigBee segment"),
			Purpose: "Shows that the master keys in use in a ZigBee segment were delivered out of band.",
			Form: []records.Field{
				rows("keys", "Master keys in use", "Never the key itself.",
					line("key", "Label or fingerprint", ""), choice("way", "Way", "", "install code label", "factory loading", "sealed token by hand", "wired loader"),
					person("carrier", "Brought by", ""), line("receiver", "Received by", ""), date("delivered", "Delivered on", "")),
				prose("destroyed", "What became of copies", "Who destroyed carriers and copies, and how."),
				done("confirmed", "Confirmed on", ""),
			},
			Files: records.Files{Least: 1, What: "The receipt signed by carrier and receiver."},
			Example: records.Body{
				"keys":      table("key way carrier receiver delivered", cells{"Coordinator building 2, install codes batch 14", "sealed token by hand", "theo", "Site electrician", "-30d"}),
				"destroyed": "The token was wiped in front of both persons and returned to the safe.", "confirmed": "-30d",
			},
		},
		Serves: []Serves{{"SNT-16", "delivery-recorded", "delivery-on-record", "The delivery of the segment's master keys is on record", Current}},
	}
}
