package kinds

import (
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// Where a mobile client keeps its keys.
const (
	hardwareKeys = "hardware-backed, attested"
	claimedKeys  = "hardware-backed, not attested"
	softwareKeys = "software"
)

// MobileClient serves SNT-07: where a client that manages the fleet keeps its keys and gets its updates.
func MobileClient() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "mobile-client", Title: "Registration of a mobile client", About: records.Mobile, Life: Year,
			Purpose: "States the key storage and the source of updates of a mobile client, and who approved it.",
			Form: []records.Field{
				line("app", "App and version", ""),
				line("platform", "System and least version", ""),
				choice("keys", "Key storage", "", hardwareKeys, claimedKeys, softwareKeys),
				line("source", "Source of updates", "The store or managed distribution."),
				line("operations", "What it may do", "Roles and operations."),
				person("holder", "Answers for it", ""),
				done("examined", "Examined on", ""),
			},
			Files: records.Files{Least: 1, What: "The attestation, or the export of the device management."},
			Example: records.Body{
				"app": "Fleet companion 3.2", "platform": "Android 14", "keys": hardwareKeys, "source": "Managed store, work profile", "operations": "Local user: see devices, unlock doors of the own site",
				"holder": "olga", "examined": "-7d",
			},
		},
		Serves: []Serves{
			{"SNT-07", "mobile-register", "client-registered", "The mobile client is registered with key storage and source of updates", Current},
			{"SNT-07", "mobile-register", "client-keys", "The mobile client keeps its keys in hardware", onRecord(func(r *records.Record) posture.Verdict {
				if keys := cell(r.Body, "keys"); keys != hardwareKeys {
					return posture.Fail("key storage: %s", keys)
				}
				return posture.Pass("key storage: %s", hardwareKeys)
			})},
		},
	}
}
