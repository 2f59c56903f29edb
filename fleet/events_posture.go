package fleet

// postureEvents are the events about controls.
var postureEvents = []EventType{
	{"control.changed", Medium, true, OCSF{"Compliance Finding", 2003, 2}, []string{"control", "before", "after", "reason"}, "The status of a control changed"},
	{"control.observed", Info, true, OCSF{"Compliance Finding", 2003, 2}, []string{"control", "status", "counts", "digest"}, "Findings of a control opened or closed beneath a status that stayed"},
	{"history.altered", Critical, false, OCSF{"Compliance Finding", 2003, 99}, []string{"differences", "examples"}, "The stored history of controls or findings is not what the log says"},
	{"control.run", Info, true, OCSF{"Compliance Finding", 2003, 99}, []string{"control"}, "A person asked for a control's checks to be made now"},
	{"exception.requested", Low, true, OCSF{"Compliance Finding", 2003, 99}, []string{"exception", "control", "ends"}, "An exception was asked for"},
	{"exception.approved", High, true, OCSF{"Compliance Finding", 2003, 99}, []string{"exception", "control", "ends", "requester"}, "An exception was approved: what it covers counts as excepted until it ends"},
	{"exception.refused", Low, true, OCSF{"Compliance Finding", 2003, 99}, []string{"exception", "control", "reason"}, "An exception was refused"},
	{"exception.withdrawn", Low, true, OCSF{"Compliance Finding", 2003, 99}, []string{"exception", "control", "reason"}, "An exception was withdrawn before its end"},
	{"exception.ended", Medium, true, OCSF{"Compliance Finding", 2003, 99}, []string{"exception", "control"}, "An exception reached its end: what it covered counts again"},
	{"finding.assigned", Info, true, OCSF{"Compliance Finding", 2003, 2}, []string{"finding", "owner", "due"}, "A finding got an owner or another due date"},
	{"finding.noted", Info, true, OCSF{"Compliance Finding", 2003, 2}, []string{"finding"}, "A note was added to a finding"},
	{"finding.overdue", Medium, false, OCSF{"Compliance Finding", 2003, 2}, []string{"finding", "control", "due"}, "A finding is past its due date"},
	{"framework.imported", Low, true, OCSF{"Application Lifecycle", 6002, 1}, []string{"framework", "items"}, "A framework was imported or replaced"},
	{"framework.deleted", Low, true, OCSF{"Application Lifecycle", 6002, 4}, []string{"framework", "items"}, "An imported framework was deleted with its mappings"},
	{"framework.mapped", Low, true, OCSF{"Application Lifecycle", 6002, 99}, []string{"framework", "item", "control"}, "An operator's mapping between a framework's item and a control was set or removed"},
	{"profile.chosen", Medium, true, OCSF{"Application Lifecycle", 6002, 99}, []string{"before", "after"}, "Another industry profile weighs the controls"},
	{"posture.assumed", Info, false, OCSF{"Compliance Finding", 2003, 99}, []string{"at", "without"}, "Somebody asked where the controls would stand without exceptions or at a later date"},
	{"sweep.completed", Info, false, OCSF{"Compliance Finding", 2003, 99}, []string{"checks", "changed"}, "A full posture sweep ended"},
	{"sweep.disagreed", Critical, false, OCSF{"Compliance Finding", 2003, 99}, []string{"differences"}, "A full sweep did not agree with the incremental state"},
	{"gate.tested", Info, false, OCSF{"Compliance Finding", 2003, 99}, []string{"gate", "result"}, "An enforced control tested itself"},
}
