package access_test

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// An account whose time is over cannot sign in by any means, from that very moment and without anybody's help.
func TestExpiredAccountCannotSignIn(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		ctx := context.Background()
		if _, err := w.CreateFirstAdministrator(ctx, "anna", good); err != nil {
			t.Fatal(err)
		}
		end := w.clock.Now().Add(time.Hour)
		a, err := w.CreateAccount(ctx, access.NewAccount{Name: "ada", Kind: access.Person, Roles: []access.Role{access.Auditor}, Password: another, Expires: &end})
		if err != nil || !a.Expires.Equal(end) {
			t.Fatal(a, err)
		}
		robot, err := w.CreateAccount(ctx, access.NewAccount{Name: "robot", Kind: access.ServiceAccount, Roles: []access.Role{access.Auditor}, Expires: &end})
		if err != nil {
			t.Fatal(err)
		}
		g, err := w.Login(ctx, access.LoginRequest{User: "ada", Password: another, Address: home, Surface: "api"})
		if err != nil || g.Expires.After(end) {
			t.Fatal(g, err)
		}
		_, token, err := w.CreateToken(ctx, g.Principal, "ada", "nightly", 30)
		if err != nil {
			t.Fatal(err)
		}
		link, err := w.CreateLink(ctx, "ada", 2*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		uri, _ := url.Parse(protocol.IdentityURI(protocol.SubjectAccount, robot.ID))
		cert := &x509.Certificate{Raw: []byte("robot"), URIs: []*url.URL{uri}, NotAfter: end.AddDate(1, 0, 0)}
		doors := map[string]func() error{
			"session":     func() error { _, err := w.Authenticate(bearer(g.Token)); return err },
			"token":       func() error { _, err := w.Authenticate(bearer(token)); return err },
			"certificate": func() error { _, err := w.Authenticate(withCertificate(cert)); return err },
		}
		for name, door := range doors {
			if err := door(); err != nil {
				t.Errorf("%s before the end: %v", name, err)
			}
		}
		doors["password"] = func() error {
			_, err := w.Login(ctx, access.LoginRequest{User: "ada", Password: another, Address: home, Surface: "api"})
			return err
		}
		doors["link"] = func() error { _, err := w.LoginByLink(ctx, link, access.LoginRequest{Address: home}); return err }
		w.clock.Advance(time.Hour)
		for name, door := range doors {
			if err := door(); fleet.CodeOf(err) != fleet.CodeUnauthenticated {
				t.Errorf("%s after the end: %v", name, err)
			}
		}
		if a, err := w.Account(ctx, "ada"); err != nil || a.State != access.Disabled {
			t.Errorf("%+v %v", a, err)
		}
	})
}

func withCertificate(c *x509.Certificate) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://thingward.test/", http.NoBody)
	r.TLS.PeerCertificates = []*x509.Certificate{c}
	return r
}

// The service disables it by itself, with its entry, its certificates and its sessions, and once only.
func TestExpiredAccountIsDisabledByItself(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	end := w.clock.Now().Add(90 * time.Minute)
	a, err := w.CreateAccount(ctx, access.NewAccount{Name: "robot", Kind: access.ServiceAccount, Roles: []access.Role{access.Application}, Expires: &end})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(90 * time.Minute)
	for range 2 {
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, ev := range audittest.Recorded(t, w.db) {
		if ev.Type == "account.disabled" && ev.Receiver.ID == a.ID && ev.Data["reason"] == "its time is over" && ev.Initiator.Kind == "server" {
			n++
		}
	}
	if n != 1 || len(w.trust.revoked) != 1 || w.trust.revoked[0] != "account/"+a.ID {
		t.Errorf("%d entries, revoked %v", n, w.trust.revoked)
	}
	if _, err := w.Enable(ctx, "robot"); fleet.CodeOf(err) != fleet.CodeConflict {
		t.Error(err)
	}
	if _, err := w.SetExpiry(ctx, "robot", nil); err != nil {
		t.Fatal(err)
	}
	if a, err := w.Enable(ctx, "robot"); err != nil || a.State != access.Active || a.Expires != nil {
		t.Error(a, err)
	}
}

func TestEndsAreChecked(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	ctx := context.Background()
	anna, err := w.CreateFirstAdministrator(ctx, "anna", good)
	if err != nil {
		t.Fatal(err)
	}
	past, far, soon := w.clock.Now(), w.clock.Now().AddDate(6, 0, 0), w.clock.Now().Add(time.Hour)
	for _, at := range []*time.Time{&past, &far} {
		_, err := w.SetExpiry(ctx, "anna", at)
		wantCode(t, err, fleet.CodeInvalid, "expires")
		_, err = w.CreateAccount(ctx, access.NewAccount{Name: "guest", Kind: access.Person, Roles: []access.Role{access.Auditor}, Expires: at})
		wantCode(t, err, fleet.CodeInvalid, "expires")
	}
	_, err = w.SetExpiry(ctx, "anna", &soon)
	wantCode(t, err, fleet.CodeConflict, "last enabled system administrator")
	if _, err := w.CreateAccount(ctx, access.NewAccount{Name: "bert", Kind: access.Person, Roles: []access.Role{access.SystemAdministrator}, Password: another, Expires: &soon}); err != nil {
		t.Fatal(err)
	}
	// An administrator whose account ends by itself does not keep the installation governable.
	_, err = w.Disable(ctx, "anna", "left")
	wantCode(t, err, fleet.CodeConflict, "last enabled system administrator")
	_, err = w.SetExpiry(access.With(ctx, access.Principal{Kind: access.Person, ID: anna.ID, Name: "anna"}), "anna", nil)
	wantCode(t, err, fleet.CodeConflict, "own account")
}
