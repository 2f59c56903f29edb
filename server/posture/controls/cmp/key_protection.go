package cmp

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// KeyProtection checks CMP-02: a device without hardware protection seals its keys in software; a type that promises
// neither is listed.
func KeyProtection() posture.Check {
	return posture.Check{
		ID: "CMP-02/key-protection", Control: "CMP-02", Obligation: "neither",
		Title: "The type protects its keys in hardware or in software",
		Reads: "type key storage", Subject: posture.Type,
		Eval: posture.On(func(f *posture.TypeFacts, _ time.Time) posture.Verdict {
			switch s := f.Type.Baseline.Key.Storage; s {
			case "secure-element", "tpm":
				return posture.Pass("keys in hardware (%s)", s)
			case "sealed-file":
				return posture.Pass("keys sealed in software")
			case "":
				return posture.Fail("the type says nothing about where keys are kept")
			default:
				return posture.Fail("key storage %s protects nothing", s)
			}
		}),
	}
}
