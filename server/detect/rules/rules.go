// Package rules is the shelf of detection rules: one rule a file, its test beside it, all of them on the list below.
package rules

import (
	"net/netip"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// All lists the shelf.
func All() []detect.Rule {
	return []detect.Rule{
		FailedLogins(),
		FailedLoginsAddress(),
		LoginFlood(),
		DeviceFailures(),
		DuplicateIdentity(),
		ACLBurst(),
		MessageFlood(),
		OversizeMessages(),
		CertificateExpiring(),
		DeviceSilent(),
		DeviceAlarm(),
		AuditBroken(),
		AdministratorMade(),
		UnknownDevice(),
		UndeclaredStream(),
		EventsLost(),
		RecordExpiring(),
		RecordAltered(),
	}
}

// unknownAccount is what log-in events say instead of a name that no account has.
const unknownAccount = "unknown"

// text is a string in an event's data, or "".
func text(ev fleet.Event, key string) string {
	s, _ := ev.Data[key].(string)
	return s
}

// texts is a list of strings in an event's data.
func texts(ev fleet.Event, key string) (all []string) {
	list, _ := ev.Data[key].([]any)
	for _, v := range list {
		if s, ok := v.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// number is a whole number in an event's data, or 0.
func number(ev fleet.Event, key string) int {
	f, _ := ev.Data[key].(float64)
	return int(min(max(f, 0), 1e9))
}

// counted is how many happenings an event stands for.
func counted(ev fleet.Event) int { return max(1, number(ev, "count")) }

// address is the network address as a subject. IPv6 addresses count by their /64, which one customer holds whole.
func address(addr string) (fleet.Party, bool) {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return fleet.Party{}, false
	}
	ip = ip.Unmap().WithZone("")
	id := ip.String()
	if p, err := ip.Prefix(64); err == nil && ip.Is6() {
		id = p.String()
	}
	return fleet.Party{Kind: "address", ID: id, Name: id, Address: addr}, true
}

// client is who is connected: the device or account, or the address of one that has not proved who it is.
func client(ev fleet.Event) (fleet.Party, bool) {
	if ev.Initiator.Kind == "anonymous" {
		return address(ev.Initiator.Address)
	}
	return ev.Initiator, true
}

// device is the device an event is about, on whichever side it stands.
func device(ev fleet.Event) (fleet.Party, bool) {
	for _, p := range []fleet.Party{ev.Receiver, ev.Initiator} {
		if p.Kind == "device" {
			return p, true
		}
	}
	id := text(ev, "device")
	return fleet.Party{Kind: "device", ID: id}, id != ""
}

// subject is the device an event is about, or else who did it.
func subject(ev fleet.Event) (fleet.Party, bool) {
	if p, ok := device(ev); ok {
		return p, true
	}
	return client(ev)
}
