package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// DeviceSilent is SNT-10: a device that missed its heartbeat. It clears when the device is heard again or leaves the fleet.
func DeviceSilent() detect.Rule {
	return detect.Rule{
		ID: "SNT-10/device-silent", Control: "SNT-10", Severity: fleet.Medium,
		Title:     "A device is silent",
		Text:      "A device missed its heartbeat. Check power and network at its site; several silent devices at one site point to the gateway or the line. A device that is gone for good must be retired, so that its credentials end.",
		Events:    []string{"device.silent", "device.heard", "device.suspended", "device.retired"},
		Key:       device,
		Threshold: 1, Window: time.Hour,
		Clears: func(ev fleet.Event) bool { return ev.Type != "device.silent" },
	}
}
