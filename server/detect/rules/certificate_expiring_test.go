package rules

import "testing"

func TestCertificateExpiring(t *testing.T) {
	b := open(t, CertificateExpiring())
	b.feed(1, "certificate.revoked", admin, door, data{"serial": "0a", "subject": door.ID, "reason": "lost"})
	b.Want(0, "revoked")
	b.feed(2, "certificate.expiring", server, door, data{"serial": "0a", "subject": door.ID, "notAfter": "2026-12-01T00:00:00Z", "days": 8})
	if al := b.one("certificate", "0a", "expiring"); al.Subject.Name != "door-1" || al.Cleared != nil || al.Count != 2 {
		t.Errorf("%+v", al)
	}
	b.feed(1, "certificate.renewed", door, door, data{"serial": "0b", "previous": "0a", "notAfter": "2027-12-01T00:00:00Z"})
	if al := b.one("certificate", "0a", "renewed"); al.Cleared == nil {
		t.Error("renewal does not clear")
	}
}
