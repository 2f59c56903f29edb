package kinds

import "github.com/thingward/thingward/server/records"

// keyStages are the stages in the life of a key.
var keyStages = []string{"generation", "derivation", "establishment and transport", "storage", "lifetime and rotation", "backup and recovery", "revocation", "destruction"}

// KeyPolicy serves CRD-01: rules for each stage in the life of a key.
func KeyPolicy() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "key-policy", Title: "Key management policy", About: records.Organisation, Life: Year,
			Purpose: "Lays down for each stage in the life of a key how it is handled, and when central generation is allowed.",
			Form: []records.Field{
				covering("stages", "Stages", "", choice("stage", "Stage", "", keyStages...), keyStages, line("rule", "Rule", "")),
				prose("entropy", "Keys made on the device", "Which sources of entropy are good enough, and how that is known."),
				prose("central", "Central generation", "When it is allowed, who approves it, and how keys are delivered out of band."),
				prose("group", "Key management group", "Members, duties, what needs two of them."),
				line("standard", "Follows", "Such as NIST SP 800-57 Part 1 Rev. 5."),
				person("owner", "Owner", ""),
			},
			Example: records.Body{
				"stages": filled(keyStages, "stage rule", "By the holder's own module; recorded in the key register"), "entropy": "Hardware generators of the secure element with health tests, certified by the maker.", "central": "Only for types without a generator, by approved exception, in a sealed package by hand.",
				"group": "Two key managers; operations on the root need both.", "standard": "NIST SP 800-57 Part 1 Rev. 5", "owner": "mara",
			},
		},
		Serves:  []Serves{{"CRD-01", "key-register", "policy-current", "A policy for each stage in the life of keys is in force", Current}},
		Refuses: []Refuses{{"CRD-01", "key-register", "incomplete-policy", "A key management policy that leaves out a stage cannot be approved", Incomplete}},
	}
}
