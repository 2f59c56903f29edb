package kinds

import (
	"slices"
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// certifiedIndustries are those that ask for a certified operating system, as manifests name them.
func certifiedIndustries() []string {
	return []string{"aviation", "rail", "road", "maritime", "medical", "industrial", "energy"}
}

// OSCertification serves SDV-14: a type for a regulated industry runs an operating system that is certified for it.
func OSCertification() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "os-certification", Title: "Certification of a type's operating system", About: records.Type, Life: 5 * Year,
			Purpose: "Names the certificate of the operating system for the industry in which devices of the type are used.",
			Only: func(o records.Object) (bool, string) {
				if list, known := keysOf(o.Facts["industries"]); known && len(list) == 0 {
					return false, "its manifest names no industry that asks for a certified operating system"
				}
				return true, ""
			},
			Form: []records.Field{
				many("industries", "Industries", "Those that the certificate is for; it must be all that the manifest names.", certifiedIndustries()...),
				line("os", "Operating system", ""),
				line("version", "Version that is certified", "Exactly, with the branch or build."),
				line("scheme", "Standard and level", "Such as DO-178C level B, IEC 61508 SIL 3, IEC 62304 class C, ISO 26262 ASIL D."),
				line("certificate", "Certificate", "Its number, and the body that issued it."),
				prose("conditions", "Conditions of use", "What the certificate asks for, and how devices of the type meet it."),
				ends("validUntil", "Valid until", ""),
			},
			Files: records.Files{Least: 1, What: "the certificate"},
			Example: records.Body{
				"industries": words([]string{"medical"}), "os": "INTEGRITY-178 tuMP", "version": "11.4.4", "scheme": "IEC 62304 class C", "certificate": "Z10 088123 0002, TÜV SÜD",
				"conditions": "Memory protection on, no debug monitor, the timer at 1 ms: set by the build and checked at release.", "validUntil": "+700d",
			},
		},
		Serves: []Serves{
			{"SDV-14", "industry-certificate", "certificate-valid", "The type has a valid certificate that names its operating system and version", certifiedFor},
		},
	}
}

// certifiedFor is Current for every industry in which the type is used.
func certifiedFor(d *records.Duty, now time.Time) posture.Verdict {
	v := Current(d, now)
	if v.Status != "pass" {
		return v
	}
	used, known := keysOf(d.Object.Facts["industries"])
	if !known {
		return posture.Unknown("its manifest does not say in which industries it is used").At(v.Until)
	}
	held, _ := keysOf(d.InForce.Body["industries"])
	var lacks []string
	for _, industry := range used {
		if !slices.Contains(held, industry) {
			lacks = append(lacks, industry)
		}
	}
	if len(lacks) > 0 {
		return posture.Fail("used in %s, for which it has no certificate", some(lacks)).At(v.Until)
	}
	return v
}
