package detect

import (
	"strings"

	"github.com/thingward/thingward/fleet"
)

// ocsfVersion is the release of the Open Cybersecurity Schema Framework that OCSF writes.
const ocsfVersion = "1.3.0"

var ocsfSeverity = map[fleet.Severity]int{fleet.Info: 1, fleet.Low: 2, fleet.Medium: 3, fleet.High: 4, fleet.Critical: 5}

var ocsfCategories = map[int]string{1: "System Activity", 2: "Findings", 3: "Identity & Access Management", 4: "Network Activity", 5: "Discovery", 6: "Application Activity"}

// OCSF writes an event as an object of the Open Cybersecurity Schema Framework: class and activity by the catalogue, the
// parties as actor, device and source endpoint, and everything that has no place there under unmapped.
func OCSF(ev fleet.Event) map[string]any {
	typ := fleet.EventTypes[ev.Type]
	category := typ.Class.ClassUID / 1000
	o := map[string]any{
		"class_uid": typ.Class.ClassUID, "class_name": typ.Class.Class, "category_uid": category, "category_name": ocsfCategories[category],
		"activity_id": typ.Class.Activity, "type_uid": typ.Class.ClassUID*100 + typ.Class.Activity,
		"time": ev.Time.UnixMilli(), "severity_id": ocsfSeverity[ev.Severity], "severity": string(ev.Severity), "message": typ.Summary,
		"metadata": map[string]any{"version": ocsfVersion, "uid": ev.ID, "event_code": ev.Type, "product": map[string]any{"name": "Thingward", "vendor_name": "Thingward"}},
		"unmapped": map[string]any{"initiator": ev.Initiator, "receiver": ev.Receiver, "data": ev.Data},
	}
	status, statusID := "Success", 1
	if failure(ev.Type) {
		status, statusID = "Failure", 2
	}
	o["status"], o["status_id"] = status, statusID
	if reason, ok := ev.Data["reason"].(string); ok && reason != "" {
		o["status_detail"] = reason
	}
	ocsfParties(o, ev)
	if category == 2 {
		o["finding_info"] = map[string]any{"uid": ev.Receiver.ID, "title": typ.Summary, "types": []string{ev.Type}}
	}
	return o
}

// failure reports whether a type tells of something that did not succeed.
func failure(typ string) bool {
	for _, end := range []string{".refused", ".failed", ".undelivered", ".broken", ".invalid", ".malformed", ".too-large"} {
		if strings.HasSuffix(typ, end) {
			return true
		}
	}
	return false
}

func ocsfParties(o map[string]any, ev fleet.Event) {
	switch i := ev.Initiator; i.Kind {
	case "person", "service":
		o["actor"] = map[string]any{"user": ocsfUser(i)}
	case "server":
		o["actor"] = map[string]any{"app_name": i.ID}
	}
	for _, p := range []fleet.Party{ev.Initiator, ev.Receiver} {
		if p.Kind == "device" {
			o["device"] = map[string]any{"uid": p.ID, "name": p.Name, "type_id": 7, "type": "IOT"}
		}
	}
	if account, ok := ev.Data["account"].(string); ok {
		o["user"] = map[string]any{"name": account}
	} else if ev.Receiver.Kind == "person" || ev.Receiver.Kind == "service" || ev.Receiver.Kind == "account" {
		o["user"] = ocsfUser(ev.Receiver)
	}
	if ev.Initiator.Address != "" {
		o["src_endpoint"] = map[string]any{"ip": ev.Initiator.Address}
	}
}

func ocsfUser(p fleet.Party) map[string]any { return map[string]any{"uid": p.ID, "name": p.Name} }
