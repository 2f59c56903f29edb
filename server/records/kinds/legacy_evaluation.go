package kinds

import "github.com/thingward/thingward/server/records"

// LegacyEvaluation serves CMP-03: the yearly question whether a legacy type can be upgraded, and when it goes.
func LegacyEvaluation() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "legacy-evaluation", Title: "Evaluation of a legacy type", About: records.Type, Life: Year, Only: unless("legacy", "it is no legacy type"),
			Purpose: "Shows that a legacy type was evaluated for an upgrade and, without a root of trust, has a date on which it is replaced.",
			Form: []records.Field{
				done("evaluated", "Evaluated on", ""),
				person("evaluator", "Evaluated by", ""),
				choice("rootOfTrust", "Hardware root of trust", "", "yes", "no"),
				choice("decision", "Decision", "", "keep", "upgrade", "replace"),
				prose("reasons", "Reasons", "State of support, known weaknesses, cost and risk of keeping it."),
				may(ends("replacedBy", "Replaced by", "The day by which the last device is gone. Required without a root of trust; the record ends then.")),
				may(line("gateway", "Shielding gateway", "Required without a root of trust.")),
			},
			Check: func(b records.Body, _ records.Object) (faults []records.Fault) {
				if cell(b, "rootOfTrust") != "no" {
					return nil
				}
				for _, f := range [][2]string{{"replacedBy", "a type without a root of trust needs a day by which it is replaced"}, {"gateway", "a type without a root of trust needs a gateway that shields it until then"}} {
					if cell(b, f[0]) == "" {
						faults = append(faults, records.Fault{Path: f[0], Message: f[1]})
					}
				}
				return faults
			},
			Example: records.Body{
				"evaluated": "-30d", "evaluator": "ines", "rootOfTrust": "no", "decision": "replace", "reasons": "The maker ended support in 2024, and the controller has no room for TLS.",
				"replacedBy": "+250d", "gateway": "gateway-2, which alone speaks to these devices",
			},
		},
		Serves: []Serves{{"CMP-03", "legacy-evaluation", "evaluation-current", "The legacy type was evaluated, with a replacement date where it needs one", Current}},
	}
}
