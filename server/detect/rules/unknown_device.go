package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// UnknownDevice is CRD-04: a device with a manufacturer's certificate but an unknown serial number came, and was born into quarantine.
func UnknownDevice() detect.Rule {
	return detect.Rule{
		ID: "CRD-04/unknown-device", Control: "CRD-04", Severity: fleet.Medium,
		Title:     "An unknown device is held in quarantine",
		Text:      "A device showed a manufacturer's certificate, but its serial number is on no list. Compare it with the delivery papers: if it is yours, add its serial number and release it; if not, retire it.",
		Events:    []string{"device.quarantined", "device.released", "device.retired"},
		Key:       bornUnknown,
		Threshold: 1, Window: time.Hour,
		Clears: func(ev fleet.Event) bool { return ev.Type != "device.quarantined" },
	}
}

// bornUnknown leaves out devices that were known before they were quarantined.
func bornUnknown(ev fleet.Event) (fleet.Party, bool) {
	if ev.Type == "device.quarantined" && text(ev, "before") != "" {
		return fleet.Party{}, false
	}
	return device(ev)
}
