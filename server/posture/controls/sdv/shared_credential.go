package sdv

import (
	"strings"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// SharedCredential checks SDV-04: a credential that two devices share cannot say which of them spoke, and one theft
// takes both.
func SharedCredential() posture.Check {
	return posture.Check{
		ID: "SDV-04/shared-credential", Control: "SDV-04", Obligation: "shared-credential",
		Title: "No two devices share a credential",
		Reads: "key fingerprints", Subject: posture.Certificate,
		Eval: posture.OnOperational(func(f *posture.CertificateFacts, _ time.Time) posture.Verdict {
			switch {
			case f.Certificate.SubjectKind != string(protocol.SubjectDevice):
				return posture.NotApplicable("held by no device")
			case f.Certificate.KeyHash == "":
				return posture.Unknown("its key is not on record")
			case len(f.SharedWith) > 0:
				return posture.Fail("its key is also in %s", strings.Join(f.SharedWith, ", "))
			default:
				return posture.Pass("its key belongs to this device alone")
			}
		}),
	}
}
