package agent

import (
	"context"
	"encoding/pem"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus/bustest"
	ca "github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// anyDevice is a directory in which every device may enrol.
type anyDevice struct{}

func (anyDevice) Lookup(_ context.Context, kind protocol.SubjectKind, ref string) (ca.Subject, error) {
	return ca.Subject{Kind: kind, ID: ref, Name: ref}, nil
}
func (anyDevice) Enrolled(*store.Tx, ca.Subject, fleet.Party) error { return nil }
func (anyDevice) Admit(context.Context, *store.Tx, ca.Admission) (ca.Subject, error) {
	return ca.Subject{}, fleet.Errorf(fleet.CodeForbidden, "no manufacturer is known")
}

// authority runs the server's certificate authority over HTTPS.
func authority(t *testing.T) (s *ca.Service, url string) {
	t.Helper()
	ctx, dir, key, c := t.Context(), t.TempDir(), sealed.NewKey(), clock.Real{}
	if err := ca.Setup(ctx, dir, key, ca.SetupOptions{Organisation: "Test", Clock: c}); err != nil {
		t.Fatal(err)
	}
	db, b := storetest.Open(t), bustest.Open(t)
	s, err := ca.New(ctx, ca.Config{Dir: dir, Key: key, DB: db, Bus: b, Audit: audittest.Open(t, db, b, c), Clock: c, Log: slog.New(slog.DiscardHandler), Directory: anyDevice{}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: s.ESTHandler(), TLSConfig: s.HTTPSConfig()}
	go func() { _ = srv.ServeTLS(l, "", "") }()
	t.Cleanup(func() { _ = srv.Close() })
	return s, "https://" + l.Addr().String()
}

func TestEnrolAndRenewWithTheRealAuthority(t *testing.T) {
	s, url := authority(t)
	claim, err := s.NewClaim(t.Context(), protocol.SubjectDevice, "d1", 0)
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(Config{Dir: t.TempDir(), Server: url, Root: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Root().Raw}), Device: claim.User, Claim: claim.Secret})
	if err != nil {
		t.Fatal(err)
	}
	first, err := a.enrol(t.Context())
	if err != nil || first.device != "d1" || s.Usable(t.Context(), first.leaf) != nil {
		t.Fatalf("enrolment: %+v, %v", first, err)
	}
	next, err := a.renew(t.Context(), first)
	if err != nil || next.leaf.Equal(first.leaf) || s.Usable(t.Context(), next.leaf) != nil {
		t.Fatalf("renewal: %v", err)
	}
	if _, err := a.enrol(t.Context()); err == nil {
		t.Error("a claim enrolled twice")
	}
}
