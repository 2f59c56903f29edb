package fleet

// postureEvents are the events about controls.
var postureEvents = []EventType{
	{"control.changed", Medium, true, OCSF{"Compliance Finding", 2003, 2}, []string{"control", "before", "after", "reason"}, "The status of a control changed"},
	{"control.run", Info, true, OCSF{"Compliance Finding", 2003, 99}, []string{"control"}, "A person asked for a control's checks to be made now"},
	{"sweep.completed", Info, false, OCSF{"Compliance Finding", 2003, 99}, []string{"checks", "changed"}, "A full posture sweep ended"},
	{"sweep.disagreed", Critical, false, OCSF{"Compliance Finding", 2003, 99}, []string{"differences"}, "A full sweep did not agree with the incremental state"},
	{"gate.tested", Info, false, OCSF{"Compliance Finding", 2003, 99}, []string{"gate", "result"}, "An enforced control tested itself"},
}
