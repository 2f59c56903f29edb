package act

import (
	"slices"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// IdentifierInCertificate checks ACT-05: one identifier runs through the whole life of a device; a certificate that
// carries another one cannot be traced to it (RFC 5280, 4.2.1.6).
func IdentifierInCertificate() posture.Check {
	return posture.Check{
		ID: "ACT-05/identifier-in-certificate", Control: "ACT-05", Obligation: "identifier-in-certificate",
		Title: "The certificate carries the identifier of its device",
		Reads: "subject alternative name", Subject: posture.Certificate,
		Eval: posture.OnOperational(func(f *posture.CertificateFacts, _ time.Time) posture.Verdict {
			c := f.Certificate
			switch {
			case c.SubjectKind != string(protocol.SubjectDevice):
				return posture.NotApplicable("held by no device")
			case f.URIs == nil:
				return posture.Unknown("its alternative names are not on record")
			case !slices.Contains(f.URIs, protocol.IdentityURI(protocol.SubjectDevice, c.SubjectID)):
				return posture.Fail("its alternative names do not hold %s", protocol.IdentityURI(protocol.SubjectDevice, c.SubjectID))
			default:
				return posture.Pass("it carries its device's identifier")
			}
		}),
	}
}
