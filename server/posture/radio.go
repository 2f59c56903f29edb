package posture

import (
	"net/netip"
	"slices"

	"github.com/thingward/thingward/protocol"
)

// Radio judges whether a device has a radio of one of the kinds: the zero Verdict when it has, not applicable when it reports
// its interfaces and has none, unknown when it does not report them. name is the radio's, for people.
func Radio(inv *protocol.Inventory, name string, kinds ...string) Verdict {
	for _, i := range inv.Interfaces {
		if slices.Contains(kinds, i.Kind) {
			return Verdict{}
		}
	}
	for _, kind := range reported(inv.Radio) {
		if slices.Contains(kinds, kind) {
			return Verdict{}
		}
	}
	if inv.Interfaces == nil {
		return Unknown("it does not report its interfaces, so whether it has %s is not known", name)
	}
	return NotApplicable("no %s", name)
}

// reported lists the kinds of radio of which the device reports settings.
func reported(r *protocol.RadioReport) (kinds []string) {
	if r == nil {
		return nil
	}
	if r.BLEPairing != "" {
		kinds = append(kinds, "ble")
	}
	if r.ZigbeeTCKeyHash != "" || r.ZigbeeKeyAgeDays != nil {
		kinds = append(kinds, "zigbee")
	}
	if r.ZWaveSecurity != "" {
		kinds = append(kinds, "zwave")
	}
	return kinds
}

// BLEPairing is the Bluetooth pairing method that a device reports, "" when it reports none.
func BLEPairing(inv *protocol.Inventory) string {
	if inv.Radio == nil {
		return ""
	}
	return inv.Radio.BLEPairing
}

// Loopback reports whether an address can be reached from the device itself only. What is no address is not.
func Loopback(address string) bool {
	ip, err := netip.ParseAddr(address)
	return err == nil && ip.Unmap().IsLoopback()
}
