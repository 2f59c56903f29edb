package fleet

// brokerEvents are the events about connections and messages.
var brokerEvents = []EventType{
	{"connection.opened", Info, false, OCSF{"Network Activity", 4001, 1}, []string{"protocol", "client"}, "A device or service connected"},
	{"connection.closed", Info, false, OCSF{"Network Activity", 4001, 2}, []string{"protocol", "client", "reason"}, "A connection ended"},
	{"connection.moved", Info, false, OCSF{"Network Activity", 4001, 6}, []string{"protocol", "client", "from", "to"}, "A connection went on from another address (DTLS connection id)"},
	{"connection.refused", Medium, false, OCSF{"Network Activity", 4001, 5}, []string{"protocol", "reason"}, "A connection was refused"},
	{"publish.refused", Medium, false, OCSF{"Network Activity", 4001, 5}, []string{"topic", "reason"}, "A publish outside the access list was refused"},
	{"subscribe.refused", Medium, false, OCSF{"Network Activity", 4001, 5}, []string{"filter", "reason"}, "A subscription outside the access list was refused"},
	{"message.too-large", Medium, false, OCSF{"Network Activity", 4001, 5}, []string{"size", "limit"}, "A packet above the size limit ended its connection"},
	{"message.malformed", Medium, false, OCSF{"Network Activity", 4001, 5}, []string{"reason"}, "A packet off the standard ended its connection"},
	{"client.throttled", Medium, false, OCSF{"Network Activity", 4001, 5}, []string{"limit", "count"}, "A client went over its rate and was held back"},
	{"grant.created", Info, true, OCSF{"Entity Management", 3004, 1}, []string{"grant", "account", "kinds", "purpose"}, "An account was granted messages"},
	{"grant.revoked", Info, true, OCSF{"Entity Management", 3004, 4}, []string{"grant", "account", "reason"}, "A grant ended: sessions lose at once what it alone allowed"},
	{"session.taken-over", Low, false, OCSF{"Network Activity", 4001, 3}, []string{"client", "previous"}, "A new connection of the same identity replaced an older one"},
	{"session.cut", Medium, false, OCSF{"Network Activity", 4001, 2}, []string{"subject", "reason", "sessions"}, "Live sessions were cut because their credential or subject lost its right"},
	{"identity.duplicate", High, false, OCSF{"Network Activity", 4001, 5}, []string{"client", "first", "second"}, "One identity connected from two places at once"},
	{"ban.placed", Medium, true, OCSF{"Network Activity", 4001, 5}, []string{"ban", "target", "cause", "reason", "until"}, "A device, account or address was banned from device protocols"},
	{"ban.lifted", Low, true, OCSF{"Network Activity", 4001, 99}, []string{"ban", "target", "reason"}, "A ban was lifted before its time"},
	{"ban.refused", Medium, false, OCSF{"Network Activity", 4001, 5}, []string{"ban", "target"}, "Somebody who is banned tried to connect"},
	{"device.event", Info, false, OCSF{"Application Lifecycle", 6002, 99}, []string{"name"}, "A device reported an event of its type"},
	{"device.silent", Medium, false, OCSF{"Device Inventory Info", 5001, 99}, []string{"device", "lastSeen", "limit"}, "A device missed its heartbeat"},
	{"device.heard", Info, false, OCSF{"Device Inventory Info", 5001, 99}, []string{"device", "silentFor"}, "A silent device was heard again"},
	{"stream.undeclared", Medium, false, OCSF{"Network Activity", 4001, 5}, []string{"topic"}, "A device published on a stream its type does not declare"},
	{"message.invalid", Medium, false, OCSF{"Network Activity", 4001, 5}, []string{"topic", "reason", "count"}, "A device's payload does not fit its type and was dropped; count says how many since the last such event"},
	{"messages.stalled", High, false, OCSF{"Application Lifecycle", 6002, 99}, []string{"reason"}, "Messages cannot be stored: publishers wait unacknowledged"},
	{"messages.dropped", Medium, false, OCSF{"Network Activity", 4001, 5}, []string{"session", "count", "reason"}, "Queued messages were dropped by policy"},
}
