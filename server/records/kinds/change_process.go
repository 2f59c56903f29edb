package kinds

import "github.com/thingward/thingward/server/records"

// changeStages are the stages that a change goes through.
var changeStages = []string{"request", "assessment", "approval", "build", "test", "release", "review"}

// ChangeProcess serves UPD-03: how a change is made.
func ChangeProcess() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "change-process", Title: "Change process", About: records.Organisation, Life: Year,
			Purpose: "Lays down the stages of a change, with baselines, tests and release standards, for availability, confidentiality and integrity alike.",
			Form: []records.Field{
				covering("stages", "Stages", "", choice("stage", "Stage", "", changeStages...), changeStages, line("rule", "What must be there to leave it", ""), line("by", "Who decides", "")),
				prose("effects", "Effects", "How the effect on availability, confidentiality and integrity is stated."),
				prose("baselines", "Baselines", "What belongs to a baseline, and how the difference is shown."),
				prose("release", "Release standard", "What a release must contain."),
				prose("back", "Going back", "When and how a change is undone."),
				line("standard", "Follows", "Such as ITIL 4 change enablement."),
				person("owner", "Owner", ""),
			},
			Example: records.Body{
				"stages": filled(changeStages, "stage rule by", "The paper of the stage is complete", "Change board"), "effects": "A row for each of the three in the request, and again in the review.", "baselines": "Manifest, firmware and configuration of the type; the console shows the difference.",
				"release": "Signed image, notes, bill of materials, results of the three tests.", "back": "When the health of more than one percent of devices falls; the last image is kept.", "standard": "ITIL 4 change enablement", "owner": "olga",
			},
		},
		Serves:  []Serves{{"UPD-03", "change-process", "process-current", "A change process is in force", Current}},
		Refuses: []Refuses{{"UPD-03", "change-process", "incomplete-process", "A change process that leaves out a stage cannot be approved", Incomplete}},
	}
}
