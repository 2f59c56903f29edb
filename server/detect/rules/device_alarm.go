package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// DeviceAlarm is MSU-03: a device reports an event that its type calls high or critical, such as tamper or a forced door.
func DeviceAlarm() detect.Rule {
	return detect.Rule{
		ID: "MSU-03/device-alarm", Control: "MSU-03", Severity: fleet.High,
		Title:  "A device raised an alarm",
		Text:   "A device reported something that its type calls serious: tamper, a forced door, a refused update. Look at the event's name and data, and send somebody to the device where its housing or site may be touched.",
		Events: []string{"device.event"},
		Key: func(ev fleet.Event) (fleet.Party, bool) {
			return ev.Initiator, ev.Severity.Rank() >= fleet.High.Rank()
		},
		Threshold: 1, Window: time.Hour,
	}
}
