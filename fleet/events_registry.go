package fleet

// registryEvents are the events about devices, types and twins.
var registryEvents = []EventType{
	{"type.applied", Low, true, OCSF{"Device Config State Change", 5019, 1}, []string{"type", "version"}, "A device type was added or changed"},
	{"device.created", Low, true, OCSF{"Device Inventory Info", 5001, 1}, []string{"device", "type", "name"}, "A device was registered"},
	{"device.activated", Low, true, OCSF{"Device Inventory Info", 5001, 2}, []string{"device", "before"}, "A device became active"},
	{"device.quarantined", High, true, OCSF{"Device Inventory Info", 5001, 2}, []string{"device", "before", "reason"}, "A device was quarantined: only its twin stays open"},
	{"device.released", Medium, true, OCSF{"Device Inventory Info", 5001, 2}, []string{"device", "before"}, "A device left quarantine"},
	{"device.suspended", Medium, true, OCSF{"Device Inventory Info", 5001, 2}, []string{"device", "before", "reason"}, "A device was suspended"},
	{"device.resumed", Medium, true, OCSF{"Device Inventory Info", 5001, 2}, []string{"device", "before"}, "A suspended device became active again"},
	{"device.retired", Medium, true, OCSF{"Device Inventory Info", 5001, 2}, []string{"device", "before", "reason"}, "A device was retired for good"},
	{"device.changed", Info, true, OCSF{"Device Inventory Info", 5001, 2}, []string{"device", "fields"}, "Facts of a device (site, assignee, labels) changed"},
	{"site.created", Info, true, OCSF{"Entity Management", 3004, 1}, []string{"site", "name"}, "A site was added"},
	{"system.created", Info, true, OCSF{"Entity Management", 3004, 1}, []string{"system", "name"}, "A system was added"},
	{"twin.desired-changed", Low, true, OCSF{"Device Config State Change", 5019, 1}, []string{"device", "version"}, "The desired state of a device changed"},
	{"inventory.changed", Info, false, OCSF{"Device Inventory Info", 5001, 2}, []string{"device", "fields"}, "A device reported another firmware, package or setting than before"},
	{"command.sent", Low, true, OCSF{"Application Lifecycle", 6002, 99}, []string{"device", "command", "request"}, "A command was queued for a device"},
}
