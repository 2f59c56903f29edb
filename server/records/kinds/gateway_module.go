package kinds

import (
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// GatewayModule serves CMP-04: the validated cryptographic module in a type of gateway.
func GatewayModule() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "gateway-module", Title: "Validated module of a gateway type", About: records.Type, Life: Year, Only: unless("gateway", "it is no gateway"),
			Purpose: "Names the certificate of the hardware root of trust in gateways of a type, and its status when it was looked up.",
			Form: []records.Field{
				line("module", "Module and maker", ""),
				choice("standard", "Standard", "", "FIPS 140-3", "FIPS 140-2"),
				line("certificate", "Certificate number", "Of the CMVP."),
				number("level", "Overall level", "", 1, 4),
				choice("status", "Status", "As the validation programme lists it.", "active", "historical", "revoked"),
				line("sunset", "Validation ends", "As listed."),
				may(ends("until", "Until", "When the validation ends within a year: the record ends with it.")),
				done("lookedUp", "Looked up on", ""),
			},
			Files: records.Files{Least: 1, What: "The certificate or its page in the validation programme's list."},
			Example: records.Body{
				"module": "OPTIGA TPM SLB 9672, Infineon", "standard": "FIPS 140-3", "certificate": "4861", "level": 2.0, "status": "active", "sunset": "2029-10-27", "until": "+360d", "lookedUp": "-3d",
			},
		},
		Serves: []Serves{
			{"CMP-04", "module-certificate", "certificate-on-record", "The certificate of the gateway's module is on record", Current},
			{"CMP-04", "gateway-module", "validation-active", "The validation of the gateway's module is in force", onRecord(func(r *records.Record) posture.Verdict {
				if status := cell(r.Body, "status"); status != "active" {
					return posture.Fail("%s certificate %s is %s", cell(r.Body, "standard"), cell(r.Body, "certificate"), status)
				}
				return posture.Pass("%s certificate %s is active", cell(r.Body, "standard"), cell(r.Body, "certificate"))
			})},
		},
	}
}
