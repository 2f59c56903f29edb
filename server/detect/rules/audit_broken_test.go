package rules

import "testing"

func TestAuditBroken(t *testing.T) {
	b := open(t, AuditBroken())
	b.feed(1, "audit.verified", admin, server, data{"size": 9, "result": "broken"})
	b.Want(0, "the verification is not the fault")
	b.feed(1, "audit.broken", server, server, data{"index": 4, "reason": "the entry's hash is another one"})
	b.feed(1, "audit.verified", admin, server, data{"size": 9, "result": "broken"})
	if al := b.one("server", "thingward/audit", "broken"); al.Severity != "critical" || al.Cleared != nil || al.Count != 1 {
		t.Errorf("%+v", al)
	}
	b.feed(1, "audit.verified", admin, server, data{"size": 9, "result": "ok"})
	if al := b.one("server", "thingward/audit", "whole"); al.Cleared == nil {
		t.Error("a verification without fault does not clear")
	}
}
