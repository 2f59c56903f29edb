package fleet

// recordEvents are the events about records: policies, assessments, drills and whatever else a person must renew.
var recordEvents = []EventType{
	{"record.drafted", Info, true, OCSF{"Entity Management", 3004, 1}, []string{"record", "kind", "object"}, "A record was begun"},
	{"record.changed", Info, true, OCSF{"Entity Management", 3004, 3}, []string{"record", "kind", "digest"}, "A draft was changed"},
	{"record.submitted", Low, true, OCSF{"Entity Management", 3004, 3}, []string{"record", "kind", "digest"}, "A record was submitted for approval"},
	{"record.approved", Medium, true, OCSF{"Entity Management", 3004, 3}, []string{"record", "kind", "object", "digest", "author", "expires"}, "A record was approved and is in force"},
	{"record.rejected", Low, true, OCSF{"Entity Management", 3004, 3}, []string{"record", "kind", "reason"}, "A submitted record was rejected"},
	{"record.withdrawn", Medium, true, OCSF{"Entity Management", 3004, 4}, []string{"record", "kind", "reason"}, "A record was withdrawn"},
	{"record.acknowledged", Info, true, OCSF{"Entity Management", 3004, 99}, []string{"record", "kind", "digest"}, "A person acknowledged a record"},
	{"record.refused", Low, false, OCSF{"Entity Management", 3004, 99}, []string{"kind", "step", "faults"}, "A step of a record was refused"},
	{"record.expiring", Low, false, OCSF{"Entity Management", 3004, 99}, []string{"record", "kind", "object", "expires", "days"}, "A record in force nears its end"},
	{"record.expired", Medium, false, OCSF{"Entity Management", 3004, 99}, []string{"record", "kind", "object", "expires"}, "A record reached its end and counts no longer"},
	{"evidence.added", Info, true, OCSF{"File System Activity", 1001, 1}, []string{"record", "file", "sha256"}, "Evidence was added to a draft"},
	{"evidence.removed", Info, true, OCSF{"File System Activity", 1001, 4}, []string{"record", "file", "sha256"}, "Evidence was removed from a draft"},
	{"evidence.altered", Critical, false, OCSF{"File System Activity", 1001, 3}, []string{"record", "file", "sha256"}, "Stored evidence is not what was approved: the record counts no longer"},
	{"item.opened", Info, true, OCSF{"Entity Management", 3004, 1}, []string{"item", "record", "due"}, "A tracked item of a record was opened"},
	{"item.changed", Info, true, OCSF{"Entity Management", 3004, 3}, []string{"item", "before", "after"}, "A tracked item's owner or due date changed"},
	{"item.closed", Low, true, OCSF{"Entity Management", 3004, 3}, []string{"item", "reason"}, "A tracked item was closed"},
	{"entry.created", Info, true, OCSF{"Entity Management", 3004, 1}, []string{"entry", "kind", "name"}, "A supplier, provider, link or other entry was added to the register"},
	{"entry.changed", Info, true, OCSF{"Entity Management", 3004, 3}, []string{"entry", "kind", "name"}, "An entry of the register was changed"},
	{"entry.retired", Low, true, OCSF{"Entity Management", 3004, 4}, []string{"entry", "kind", "name"}, "An entry of the register was retired"},
}
