package fleet

// accessEvents are the events about people, service accounts and their sessions.
var accessEvents = []EventType{
	{"session.opened", Info, false, OCSF{"Authentication", 3002, 1}, []string{"method", "session"}, "A person or service signed in"},
	{"session.closed", Info, false, OCSF{"Authentication", 3002, 2}, []string{"session", "reason"}, "A session ended: sign-out, expiry or cut"},
	{"login.failed", Medium, false, OCSF{"Authentication", 3002, 1}, []string{"surface", "account", "reason"}, "A sign-in failed; surface is console, api, cli or broker"},
	{"login.challenged", Info, false, OCSF{"Authentication", 3002, 99}, []string{"surface", "account"}, "A password was right and the second factor was asked for"},
	{"login.locked", High, false, OCSF{"Authentication", 3002, 99}, []string{"account", "until"}, "An account was locked after too many failures"},
	{"account.shared", Medium, false, OCSF{"Authentication", 3002, 99}, []string{"account", "addresses"}, "One account was at work from several addresses at once"},
	{"access.refused", Medium, false, OCSF{"API Activity", 6003, 99}, []string{"permission", "policies"}, "A known caller was refused by policy"},
	{"account.created", Low, true, OCSF{"Account Change", 3001, 1}, []string{"account", "kind", "roles"}, "A person or service account was created"},
	{"account.disabled", Medium, true, OCSF{"Account Change", 3001, 5}, []string{"account", "reason"}, "An account was disabled; its sessions and credentials are dead"},
	{"account.enabled", Low, true, OCSF{"Account Change", 3001, 2}, []string{"account"}, "A disabled account was enabled again"},
	{"account.expiry-changed", Low, true, OCSF{"Account Change", 3001, 99}, []string{"account", "expires"}, "An account was given an end, or none any more"},
	{"account.unlocked", Low, true, OCSF{"Account Change", 3001, 9}, []string{"account"}, "A locked account was unlocked before its time"},
	{"account.roles-changed", Medium, true, OCSF{"User Access Management", 3005, 1}, []string{"account", "before", "after"}, "The roles of an account changed"},
	{"password.changed", Low, true, OCSF{"Account Change", 3001, 3}, []string{"account"}, "A password was set"},
	{"mfa.begun", Info, true, OCSF{"Account Change", 3001, 99}, []string{"account", "kind"}, "The enrolment of a second factor was begun"},
	{"mfa.enrolled", Low, true, OCSF{"Account Change", 3001, 10}, []string{"account", "kind"}, "A second factor was added"},
	{"mfa.removed", Medium, true, OCSF{"Account Change", 3001, 11}, []string{"account", "kind"}, "A second factor was removed"},
	{"token.created", Low, true, OCSF{"Authorize Session", 3003, 1}, []string{"account", "token", "expires"}, "An API token was made"},
	{"token.revoked", Low, true, OCSF{"Authorize Session", 3003, 2}, []string{"account", "token"}, "An API token was ended"},
	{"link.created", Low, true, OCSF{"Authorize Session", 3003, 1}, []string{"account", "expires"}, "A one-time sign-in link was made"},
	{"link.used", Low, true, OCSF{"Authentication", 3002, 1}, []string{"account"}, "A one-time sign-in link was used up"},
}
