package rules

import (
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// DeviceFailures is CLS-08: more than five failed authentications of a device within 30 minutes. A success between does not end the
// sequence.
func DeviceFailures() detect.Rule {
	return detect.Rule{
		ID: "CLS-08/device-failures", Control: "CLS-08", Severity: fleet.High,
		Title:     "A device keeps failing to authenticate",
		Text:      "A device was refused more than five times within 30 minutes, at the broker or at enrolment. Look at the reason in its events: an expired or revoked certificate needs a new enrolment; an unknown one may be a forgery or a device that was never registered.",
		Events:    []string{"connection.refused", "enrol.refused"},
		Key:       failedDevice,
		Threshold: 6, Window: 30 * time.Minute,
		Count: counted,
	}
}

// notFailures are refusals that say nothing about who the device is.
var notFailures = []string{"timeout", "closing", "lookup-failed", "not-tls", "protocol", "too-many-sessions", "duplicate-identity"}

// failedDevice is the device as far as it proved itself, then the certificate it showed, then the address it came from.
func failedDevice(ev fleet.Event) (fleet.Party, bool) {
	if ev.Type == "connection.refused" && slices.Contains(notFailures, text(ev, "reason")) {
		return fleet.Party{}, false
	}
	if code := text(ev, "code"); ev.Type == "enrol.refused" && (code == "unavailable" || code == "invalid") {
		return fleet.Party{}, false
	}
	if i := ev.Initiator; i.Kind == "device" || i.Kind == "service" {
		return i, true
	}
	for _, key := range []string{"serial", "certificate"} {
		if serial := text(ev, key); serial != "" {
			return fleet.Party{Kind: "certificate", ID: serial, Address: ev.Initiator.Address}, true
		}
	}
	return address(ev.Initiator.Address)
}
