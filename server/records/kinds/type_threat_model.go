package kinds

import "github.com/thingward/thingward/server/records"

// TypeThreatModel serves TMM-01 for device types.
func TypeThreatModel() Spec { return threatModel("type-threat-model", records.Type, "type") }
