package fleet

// engagementEvents are the events about auditors' engagements, exports and access reviews.
var engagementEvents = []EventType{
	{"engagement.opened", Medium, true, OCSF{"Entity Management", 3004, 1}, []string{"engagement", "from", "to"}, "An auditor's engagement was opened"},
	{"engagement.changed", Info, true, OCSF{"Entity Management", 3004, 3}, []string{"engagement", "fields"}, "An engagement was changed"},
	{"engagement.sampled", Info, true, OCSF{"Entity Management", 3004, 99}, []string{"engagement", "control", "seed", "size"}, "A sample of a control's objects was drawn"},
	{"engagement.asked", Low, true, OCSF{"Entity Management", 3004, 3}, []string{"engagement", "request"}, "An auditor asked for something"},
	{"engagement.answered", Low, true, OCSF{"Entity Management", 3004, 3}, []string{"engagement", "request"}, "An auditor's request was answered"},
	{"engagement.judged", Low, true, OCSF{"Entity Management", 3004, 3}, []string{"engagement", "request", "verdict"}, "An auditor accepted an answer or sent it back"},
	{"engagement.concluded", Low, true, OCSF{"Entity Management", 3004, 3}, []string{"engagement", "control", "conclusion"}, "An auditor concluded on a control"},
	{"engagement.signed", High, true, OCSF{"Entity Management", 3004, 3}, []string{"engagement", "digest", "checkpoint"}, "An auditor signed an engagement off"},
	{"export.created", Low, true, OCSF{"File System Activity", 1001, 1}, []string{"export", "formats"}, "An export was asked for"},
	{"export.resumed", Info, true, OCSF{"File System Activity", 1001, 3}, []string{"export", "attempt"}, "An interrupted export was taken up again"},
	{"export.failed", Low, true, OCSF{"File System Activity", 1001, 99}, []string{"export", "reason"}, "An export could not be made"},
	{"export.downloaded", Low, true, OCSF{"File System Activity", 1001, 2}, []string{"export", "file", "sha256"}, "A file of an export was fetched"},
	{"review.opened", Low, true, OCSF{"Entity Management", 3004, 1}, []string{"review", "accounts", "devices"}, "An access review was opened over every account and device"},
	{"review.decided", Low, true, OCSF{"Entity Management", 3004, 3}, []string{"review", "subjectKind", "decision"}, "A reviewer kept or rejected a person, a service or a device, or kept the devices of a type or site"},
	{"review.closed", Medium, true, OCSF{"Entity Management", 3004, 3}, []string{"review", "kept", "rejected"}, "An access review was closed with every account and device decided"},
}
