package rsm

import (
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// NoDeviation checks RSM-01: a device that departs from its baseline was changed without approval, or never was what
// was approved.
func NoDeviation() posture.Check {
	return posture.Check{
		ID: "RSM-01/no-deviation", Control: "RSM-01", Obligation: "no-unapproved-deviation",
		Title: "The device conforms to the baseline of its type",
		Reads: "inventory, certificates, type baseline", Subject: posture.Device,
		Eval: posture.OnReport(func(f *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			if f.Type == nil {
				return posture.Unknown("its type is not known")
			}
			b := f.Type.Baseline
			var off, silent []string
			judge := func(name, want, have string, ok bool) {
				switch {
				case want == "":
				case have == "":
					silent = append(silent, name)
				case !ok:
					off = append(off, name+" "+have)
				}
			}
			meets, err := posture.Satisfies(inv.Firmware, b.Firmware)
			if err != nil && b.Firmware != "" && inv.Firmware != "" {
				return posture.Unknown("firmware %s cannot be compared with %q", inv.Firmware, b.Firmware)
			}
			judge("firmware", b.Firmware, inv.Firmware, meets)
			judge("key storage", b.Key.Storage, inv.KeyStorage, inv.KeyStorage == b.Key.Storage)
			judge("Bluetooth pairing", b.Radio["ble.pairing"], posture.BLEPairing(inv), posture.BLEPairing(inv) == b.Radio["ble.pairing"])
			if algorithm := activeAlgorithm(f); len(b.Key.Algorithms) > 0 {
				judge("key algorithm", "set", algorithm, slices.Contains(b.Key.Algorithms, algorithm))
			}
			switch {
			case len(off) > 0:
				return posture.Fail("departs from its baseline: %s", strings.Join(off, ", "))
			case len(silent) > 0:
				return posture.Unknown("not reported: %s", strings.Join(silent, ", "))
			default:
				return posture.Pass("conforms to its baseline")
			}
		}),
	}
}

// activeAlgorithm is the key algorithm of the device's newest active certificate.
func activeAlgorithm(f *posture.DeviceFacts) string {
	newest, algorithm := time.Time{}, ""
	for _, c := range f.Certificates {
		if c.State == fleet.CertificateActive && !c.NotBefore.Before(newest) {
			newest, algorithm = c.NotBefore, c.Algorithm
		}
	}
	return algorithm
}
