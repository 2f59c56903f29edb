package crd

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// KeyAge checks CRD-02: an old key has had longer to leak. Beyond 1 year it is named as a warning, beyond 3 years it
// fails.
func KeyAge() posture.Check {
	return posture.Check{
		ID: "CRD-02/key-age", Control: "CRD-02", Obligation: "key-age",
		Title: "The key is not older than 3 years",
		Reads: "first certificate for the key", Subject: posture.Certificate,
		Eval: posture.OnOperational(func(f *posture.CertificateFacts, now time.Time) posture.Verdict {
			since := f.KeySince
			switch {
			case since.IsZero():
				return posture.Unknown("since when the key is in use is not on record")
			case since.After(now.Add(posture.Skew)):
				return posture.Unknown("its key is dated in the future: check the clocks")
			case !now.Before(since.AddDate(3, 0, 0)):
				return posture.Fail("its key is in use since %s, more than 3 years", posture.Day(since))
			case !now.Before(since.AddDate(1, 0, 0)):
				return posture.Pass("warning: its key is in use since %s, more than 1 year", posture.Day(since)).At(since.AddDate(3, 0, 0))
			default:
				return posture.Pass("its key is not older than 1 year").At(since.AddDate(1, 0, 0))
			}
		}),
	}
}
