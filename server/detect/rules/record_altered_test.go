package rules

import "testing"

func TestRecordAltered(t *testing.T) {
	b := open(t, RecordAltered())
	b.feed(1, "record.withdrawn", admin, policy, data{"record": policy.ID, "kind": "security-policy", "object": "organisation", "reason": "old"})
	b.Want(0, "withdrawn")
	b.feed(1, "evidence.altered", server, policy, data{"record": policy.ID, "kind": "security-policy", "object": "organisation", "file": "minutes.pdf", "sha256": "aa"})
	if al := b.one("duty", "security-policy/organisation", "altered"); al.Severity != "critical" || al.Cleared != nil {
		t.Errorf("%+v", al)
	}
	b.feed(1, "record.approved", admin, policy, data{"record": "the next", "kind": "security-policy", "object": "organisation", "digest": "bb", "author": "anna", "expires": "2027-12-01T00:00:00Z"})
	if al := b.one("duty", "security-policy/organisation", "begun again"); al.Cleared == nil {
		t.Error("a new version does not clear")
	}
}
