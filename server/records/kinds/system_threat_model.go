package kinds

import "github.com/thingward/thingward/server/records"

// SystemThreatModel serves TMM-01 for systems.
func SystemThreatModel() Spec { return threatModel("system-threat-model", records.System, "system") }
