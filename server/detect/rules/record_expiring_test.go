package rules

import (
	"testing"

	"github.com/thingward/thingward/fleet"
)

var policy = fleet.Party{Kind: "record", ID: "018f0000-0000-7000-8000-000000000007", Name: "security-policy of Organisation"}

func TestRecordExpiring(t *testing.T) {
	b := open(t, RecordExpiring())
	b.feed(1, "record.approved", admin, policy, data{"record": policy.ID, "kind": "security-policy", "object": "organisation", "digest": "aa", "author": "anna", "expires": "2026-12-01T00:00:00Z"})
	b.Want(0, "approved")
	b.feed(1, "record.expiring", server, policy, data{"record": policy.ID, "kind": "security-policy", "object": "organisation", "expires": "2026-12-01T00:00:00Z", "days": 7})
	b.feed(1, "record.expired", server, policy, data{"record": policy.ID, "kind": "security-policy", "object": "organisation", "expires": "2026-12-01T00:00:00Z"})
	if al := b.one("duty", "security-policy/organisation", "expired"); al.Subject.Name != policy.Name || al.Cleared != nil || al.Count != 2 {
		t.Errorf("%+v", al)
	}
	b.feed(1, "record.approved", admin, policy, data{"record": "the next", "kind": "security-policy", "object": "organisation", "digest": "bb", "author": "anna", "expires": "2027-12-01T00:00:00Z"})
	if al := b.one("duty", "security-policy/organisation", "renewed"); al.Cleared == nil {
		t.Error("the next version does not clear")
	}
}
