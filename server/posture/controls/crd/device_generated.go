package crd

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// DeviceGenerated checks CRD-01: every path of enrolment takes a certificate request, so that the private key never
// leaves the device. A certificate that came another way is listed.
func DeviceGenerated() posture.Check {
	return posture.Check{
		ID: "CRD-01/device-generated", Control: "CRD-01", Obligation: "device-generated",
		Title: "The key was made by its holder",
		Reads: "enrolment record", Subject: posture.Certificate,
		Eval: posture.OnOperational(func(f *posture.CertificateFacts, _ time.Time) posture.Verdict {
			switch by := f.Certificate.EnrolledBy; by {
			case "claim", "idevid", "approval", "renewal":
				return posture.Pass("issued on a certificate request (%s)", by)
			case "setup":
				return posture.NotApplicable("the server's own, made where it is used")
			case "":
				return posture.Unknown("how it was enrolled is not on record")
			default:
				return posture.Fail("enrolled by %s, which takes no certificate request", by)
			}
		}),
	}
}
