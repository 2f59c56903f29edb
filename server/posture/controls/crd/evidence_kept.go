package crd

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// EvidenceKept checks CRD-08: who was let in, and on what proof, can be told for every certificate in use.
func EvidenceKept() posture.Check {
	return posture.Check{
		ID: "CRD-08/evidence-kept", Control: "CRD-08", Obligation: "evidence-kept",
		Title: "The evidence of enrolment is kept with the certificate",
		Reads: "enrolment record", Subject: posture.Certificate,
		Eval: posture.OnOperational(func(f *posture.CertificateFacts, _ time.Time) posture.Verdict {
			if f.Certificate.EnrolledBy == "" {
				return posture.Fail("no evidence of its enrolment is kept")
			}
			return posture.Pass("enrolled by %s, which is on record", f.Certificate.EnrolledBy)
		}),
	}
}
