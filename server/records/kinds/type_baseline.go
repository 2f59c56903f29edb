package kinds

import (
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// dutiesMet is the table by which a baseline says which duties it meets. Duties are named as in the obligations of systems.
func dutiesMet() records.Field {
	return may(rows("duties", "Duties that it meets", "Each by its reference in the obligations of the systems that use it.",
		line("reference", "Reference", ""), prose("met", "How the baseline meets it", "")))
}

// TypeBaseline serves RSM-01: the manifest of a type was looked at against the business's needs and the duties of its systems.
func TypeBaseline() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "type-baseline", Title: "Baseline of a device type", About: records.Type, Life: Year,
			Purpose: "Says that the baseline in the manifest fits the needs and duties it serves, and when that is looked at again.",
			Form: []records.Field{
				line("version", "Version of the manifest", "The one that was reviewed; a later version needs a new review."),
				prose("needs", "Business needs that it serves", ""),
				dutiesMet(),
				prose("beyond", "Requirements beyond the manifest", "What devices of the type must meet that the manifest cannot say."),
				prose("deviations", "How a deviation is approved", "Who approves one before the device is provisioned, deployed or used."),
				done("reviewed", "Reviewed on", ""),
				ends("reviewBy", "Next review by", ""),
			},
			Example: records.Body{
				"version": "1.2.0", "needs": "Doors of rented offices open for tenants only, and every opening is on record.",
				"duties": table("reference met",
					cells{"CRA Annex I", "Minimum version, signed updates and a key for each device; ports closed but the broker's."},
					cells{"GDPR Article 32", "Readings are sealed at rest, sent inside TLS, and read by named roles only."}),
				"beyond":     "Locks on outer doors carry the sealed case; spare batteries are changed yearly.",
				"deviations": "By an exception to the control, asked for by the engineer and approved by the risk manager before use.",
				"reviewed":   "-7d", "reviewBy": "+300d",
			},
		},
		Serves: []Serves{
			{"RSM-01", "baseline-review", "type-baseline-reviewed", "The baseline of the type is inside its review date and of the manifest in force", manifestReviewed},
		},
	}
}

// manifestReviewed is Current for the manifest that is in force, not for an earlier one.
func manifestReviewed(d *records.Duty, now time.Time) posture.Verdict {
	v := Current(d, now)
	if v.Status != "pass" {
		return v
	}
	reviewed, _ := d.InForce.Body["version"].(string)
	switch inForce, known := d.Object.Facts["version"].(string); {
	case !known:
		return posture.Unknown("which version of the manifest is in force is not known").At(v.Until)
	case inForce != reviewed:
		return posture.Fail("the manifest is %s now, and %s was reviewed", inForce, reviewed).At(v.Until)
	default:
		return v
	}
}

// ComponentBaseline serves RSM-01: what a component that others make must be like before it is used.
func ComponentBaseline() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "component-baseline", Title: "Baseline of a component", About: records.Component, Life: Year,
			Purpose: "Says what a component must meet before it is built in, and when that is looked at again.",
			Form: []records.Field{
				line("versions", "Versions allowed", "A rule such as >=3.2."),
				prose("use", "What it is used for", "In which types, and with access to what."),
				dutiesMet(),
				prose("requirements", "Requirements", "Settings, options left out, how it is verified and patched."),
				prose("deviations", "How a deviation is approved", ""),
				done("reviewed", "Reviewed on", ""),
				ends("reviewBy", "Next review by", ""),
			},
			Example: records.Body{
				"versions": ">=3.6.2", "use": "TLS of every lock; it sees the private key's handle and all plaintext.",
				"requirements": "Built without RC4 and renegotiation; verified by its publisher's signature; patched within 30 days.",
				"deviations":   "By an exception to the control, approved by the risk manager before the build is released.",
				"reviewed":     "-20d", "reviewBy": "+340d",
			},
		},
		Serves: []Serves{
			{"RSM-01", "baseline-coverage", "component-baseline", "The component has a baseline in force", Current},
			{"RSM-01", "baseline-review", "component-baseline-reviewed", "The baseline of the component is inside its review date", Current},
		},
	}
}
