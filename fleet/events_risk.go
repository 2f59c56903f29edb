package fleet

// riskEvents are the events about the risk register.
var riskEvents = []EventType{
	{"risk.created", Low, true, OCSF{"Entity Management", 3004, 1}, []string{"risk", "likelihood", "impact"}, "A risk was entered"},
	{"risk.changed", Info, true, OCSF{"Entity Management", 3004, 3}, []string{"risk", "fields"}, "A risk was changed"},
	{"risk.decided", Medium, true, OCSF{"Entity Management", 3004, 3}, []string{"risk", "decision", "ends"}, "A risk was decided: mitigate, defer or accept"},
	{"risk.mitigated", Low, true, OCSF{"Entity Management", 3004, 3}, []string{"risk", "mitigation"}, "A mitigation was finished"},
	{"risk.closed", Low, true, OCSF{"Entity Management", 3004, 4}, []string{"risk", "reason"}, "A risk was closed"},
}
