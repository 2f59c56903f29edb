package fleet

// identityEvents are the events about certificates and enrolment.
var identityEvents = []EventType{
	{"claim.created", Low, true, OCSF{"Entity Management", 3004, 1}, []string{"claim", "expires"}, "A one-time enrolment claim was made"},
	{"claim.used", Low, true, OCSF{"Entity Management", 3004, 3}, []string{"claim", "serial"}, "A claim was used up by an enrolment"},
	{"certificate.issued", Low, true, OCSF{"Entity Management", 3004, 1}, []string{"serial", "subject", "notAfter", "evidence"}, "A certificate was issued"},
	{"certificate.renewed", Info, true, OCSF{"Entity Management", 3004, 3}, []string{"serial", "previous", "notAfter"}, "A certificate was renewed with the old one as proof"},
	{"certificate.revoked", High, true, OCSF{"Entity Management", 3004, 4}, []string{"serial", "subject", "reason"}, "A certificate was revoked: CRL, OCSP, broker and API refuse it from now"},
	{"enrol.refused", Medium, false, OCSF{"Authentication", 3002, 1}, []string{"surface", "reason"}, "An enrolment or renewal was refused"},
	{"certificate.expiring", Low, false, OCSF{"Entity Management", 3004, 99}, []string{"serial", "subject", "notAfter", "days"}, "A certificate that was not renewed nears its end"},
	{"manufacturer.changed", High, true, OCSF{"Entity Management", 3004, 3}, []string{"manufacturer", "anchors", "serials"}, "A manufacturer's trust anchors or its serial manifest changed"},
	{"crl.published", Info, true, OCSF{"Application Lifecycle", 6002, 99}, []string{"number", "revoked"}, "A certificate revocation list was signed"},
	{"ca.created", High, true, OCSF{"Entity Management", 3004, 1}, []string{"name", "fingerprint"}, "A certificate authority was made"},
	{"crypto-policy.changed", High, true, OCSF{"Device Config State Change", 5019, 1}, []string{"before", "after"}, "The cryptographic policy changed"},
}
