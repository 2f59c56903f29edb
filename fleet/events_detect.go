package fleet

// detectEvents are the events about alerts.
var detectEvents = []EventType{
	{"alert.raised", Medium, true, OCSF{"Detection Finding", 2004, 1}, []string{"alert", "rule", "subject"}, "A rule raised an alert"},
	{"alert.acknowledged", Info, true, OCSF{"Detection Finding", 2004, 2}, []string{"alert"}, "A person took an alert on"},
	{"alert.closed", Info, true, OCSF{"Detection Finding", 2004, 3}, []string{"alert", "cause", "remedy"}, "An alert was closed with cause and remedy"},
	{"alert.delivered", Info, false, OCSF{"Detection Finding", 2004, 2}, []string{"alert", "channel"}, "An alert reached its route"},
	{"alert.undelivered", High, false, OCSF{"Detection Finding", 2004, 99}, []string{"alert", "channel", "reason"}, "An alert could not be delivered"},
	{"route.changed", Medium, true, OCSF{"Device Config State Change", 5019, 1}, []string{"route", "before", "after"}, "Where alerts go was changed"},
	{"rule.changed", Medium, true, OCSF{"Device Config State Change", 5019, 1}, []string{"rule", "before", "after"}, "The threshold, window or routes of a detection rule changed"},
}
