package fleet

// systemEvents are the events about the platform itself.
var systemEvents = []EventType{
	{"server.started", Info, false, OCSF{"Application Lifecycle", 6002, 3}, []string{"version"}, "The server started"},
	{"server.stopped", Info, false, OCSF{"Application Lifecycle", 6002, 4}, []string{"reason"}, "The server stopped in order"},
	{"server.setup", High, true, OCSF{"Application Lifecycle", 6002, 1}, []string{"version"}, "A data directory was set up"},
	{"audit.verified", Info, true, OCSF{"Application Lifecycle", 6002, 99}, []string{"size", "result"}, "The audit log was verified"},
	{"audit.exported", Low, true, OCSF{"Application Lifecycle", 6002, 99}, []string{"from", "to"}, "Audit entries were exported"},
	{"audit.broken", Critical, false, OCSF{"Application Lifecycle", 6002, 99}, []string{"index", "reason"}, "The audit log does not verify"},
	{"events.shed", High, false, OCSF{"Application Lifecycle", 6002, 99}, []string{"count"}, "Events were lost to overload before they could be stored"},
	{"clock.set-back", Critical, false, OCSF{"Application Lifecycle", 6002, 99}, []string{"clock", "time", "seconds"}, "The machine's clock is behind what was seen before: time goes on from there"},
	{"clock.accepted", High, true, OCSF{"Application Lifecycle", 6002, 99}, []string{"time", "seen", "reason"}, "An operator took a clock for right that is behind what the log has seen"},
	{"clock.skewed", Medium, false, OCSF{"Application Lifecycle", 6002, 99}, []string{"device", "seconds"}, "A device's clock is off"},
	{"configuration.weakened", High, false, OCSF{"Device Config State Change", 5019, 1}, []string{"setting", "value", "exception"}, "The server started with a setting below the secure default"},
}
