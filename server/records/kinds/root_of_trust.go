package kinds

import (
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// RootOfTrust serves CMP-01: evidence of what a type's hardware protects.
func RootOfTrust() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "root-of-trust", Title: "Evidence of the hardware root of trust", About: records.Type, Life: 3 * Year,
			Purpose: "Shows that devices of a type keep keys in hardware, boot securely and validate firmware signatures.",
			Form: []records.Field{
				choice("root", "Root of trust", "", "secure element", "TPM 2.0", "trusted execution environment", "system-on-chip key store", "none"),
				line("part", "Part and maker", "Or \"none\"."),
				choice("secureBoot", "Secure boot", "", "shown", "not shown"),
				choice("firmwareSignature", "Firmware signature validated on the device", "", "shown", "not shown"),
				prose("method", "How it was shown", "Data sheet, teardown, boot of an altered image."),
				done("examined", "Examined on", ""),
				person("examiner", "Examined by", ""),
			},
			Files: records.Files{Least: 1, What: "Data sheet, certificate or test report."},
			Example: records.Body{
				"root": "secure element", "part": "ATECC608B, Microchip", "secureBoot": "shown", "firmwareSignature": "shown", "method": "An image with one byte changed was not booted and not installed; the key slot cannot be read.",
				"examined": "-60d", "examiner": "ines",
			},
		},
		Serves: []Serves{{"CMP-01", "root-of-trust-evidence", "evidence-current", "Evidence shows the type's root of trust, secure boot and signed firmware", onRecord(func(r *records.Record) posture.Verdict {
			switch {
			case cell(r.Body, "root") == "none":
				return posture.Fail("it has no root of trust")
			case cell(r.Body, "secureBoot") != "shown":
				return posture.Fail("secure boot was not shown")
			case cell(r.Body, "firmwareSignature") != "shown":
				return posture.Fail("validation of firmware signatures was not shown")
			default:
				return posture.Pass("%s, secure boot and signed firmware were shown", cell(r.Body, "root"))
			}
		})}},
	}
}
