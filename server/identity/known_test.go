package identity_test

import (
	"context"
	"testing"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestKnownTellsKeysAndSharing(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	ctx := context.Background()
	s, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
	other, otherCert := w.enrolled(protocol.SubjectDevice, "lock-2")
	serial := identity.SerialOf(cert.Leaf)
	k, ok, err := w.OneKnown(ctx, serial)
	if err != nil || !ok || len(k.URIs) != 1 || k.URIs[0] != protocol.IdentityURI(s.Kind, s.ID) || !k.KeySince.Equal(begin) || len(k.SharedWith) != 0 {
		t.Errorf("%+v, %v, %v", k, ok, err)
	}
	if _, ok, err := w.OneKnown(ctx, "00"); ok || err != nil {
		t.Errorf("unknown serial number: %v, %v", ok, err)
	}
	w.subj.set(t, "UPDATE identity_certificate SET key_hash = (SELECT key_hash FROM identity_certificate WHERE subject_id = ?) WHERE subject_id = ?", s.ID, other.ID)
	seen := map[string][]string{}
	if err := w.EachKnown(ctx, func(k identity.Known) error { seen[k.Certificate.Serial] = k.SharedWith; return nil }); err != nil {
		t.Fatal(err)
	}
	if got := seen[serial]; len(seen) != 3 || len(got) != 1 || got[0] != identity.SerialOf(otherCert.Leaf) {
		t.Errorf("%v", seen)
	}
}
