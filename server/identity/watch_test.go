package identity_test

import (
	"context"
	"testing"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestExpiringCertificatesAreReportedTwice(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	s, _ := w.enrolled(protocol.SubjectDevice, "lock-1")
	for _, step := range []struct {
		days, want int
	}{{334, 0}, {2, 1}, {1, 1}, {22, 2}, {5, 2}} {
		w.pass(time.Duration(step.days) * identity.Day)
		got := w.reported("certificate.expiring")
		if len(got) != step.want {
			t.Fatalf("after %d more days: %d reports, want %d", step.days, len(got), step.want)
		}
		for _, ev := range got {
			if ev.Receiver.ID != s.ID || ev.Receiver.Kind != "device" {
				t.Errorf("%+v", ev)
			}
		}
	}
}

func TestRenewedInTimeIsNotReported(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	_, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
	w.pass(300 * identity.Day)
	if a := w.renew(cert, newKey(t)); a.status != 200 {
		t.Fatal(a.text)
	}
	w.pass(60 * identity.Day)
	if got := w.reported("certificate.expiring"); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestListsAreRenewedBeforeTheyEnd(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	before := w.crl(w.issuer, "issuing.crl")
	w.pass(time.Hour)
	if now := w.crl(w.issuer, "issuing.crl"); now.Number.Cmp(before.Number) != 0 {
		t.Error("published without need")
	}
	w.pass(12 * time.Hour)
	if now := w.crl(w.issuer, "issuing.crl"); now.Number.Cmp(before.Number) <= 0 || !now.NextUpdate.After(before.NextUpdate) {
		t.Errorf("number %v after %v", now.Number, before.Number)
	}
	after := w.crl(w.issuer, "issuing.crl")
	w.open()
	if now := w.crl(w.issuer, "issuing.crl"); now.Number.Cmp(after.Number) != 0 {
		t.Errorf("a restart published number %v after %v", now.Number, after.Number)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- w.Run(ctx) }()
	for range 20 {
		w.clock.Advance(5 * time.Second)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestOldUnusedClaimsAreForgotten(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	w.claim(w.subj.add(t, protocol.SubjectDevice, "lock-1"))
	count := func() (n int) {
		if err := w.db.QueryRow(context.Background(), "SELECT count(*) FROM identity_claim").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	w.pass(30 * identity.Day)
	if count() != 1 {
		t.Error("forgotten too early")
	}
	w.pass(2 * identity.Day)
	if count() != 0 {
		t.Error("kept")
	}
}
