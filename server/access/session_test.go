package access_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestSessionsEnd(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		ctx := context.Background()
		w.admin()
		idle, used := w.mustLogin("anna"), w.mustLogin("anna")
		cli, err := w.Login(ctx, access.LoginRequest{User: "anna", Password: good, Address: home, Surface: "cli"})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			w.clock.Advance(20 * time.Minute)
			if _, err := w.Authenticate(cookie(used.Token)); err != nil {
				t.Fatalf("a session in use ended: %v", err)
			}
		}
		_, err = w.Authenticate(cookie(idle.Token))
		wantCode(t, err, fleet.CodeUnauthenticated, "has ended")
		if _, err := w.Authenticate(bearer(cli.Token)); err != nil {
			t.Errorf("a session of the command line lies idle: %v", err)
		}
		for range 34 {
			w.clock.Advance(20 * time.Minute)
			_, err = w.Authenticate(cookie(used.Token))
		}
		wantCode(t, err, fleet.CodeUnauthenticated, "has ended")
		_, err = w.Authenticate(bearer(cli.Token))
		wantCode(t, err, fleet.CodeUnauthenticated, "has ended")
		if n := count(w.types(), "login.failed"); n != 0 {
			t.Errorf("%d ended sessions were taken for failed sign-ins", n)
		}
	})
}

func TestSweepEndsAndForgets(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		w.admin()
		w.mustLogin("anna")
		if _, err := w.CreateLink(context.Background(), "anna", time.Minute); err != nil {
			t.Fatal(err)
		}
		_, _ = w.login("nobody", "wrong", "")
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		closed := make(chan bus.Changed, 8)
		stop, err := bus.Listen(w.Bus, bus.TopicChanged, func(c bus.Changed) {
			if c.Kind == "session" {
				closed <- c
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		go func() { done <- w.Run(ctx) }()
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for waiting := true; waiting; {
			select {
			case <-closed:
				waiting = false
			case <-tick.C:
				w.clock.Advance(time.Minute)
			}
		}
		for rows(t, db) > 0 {
			<-tick.C
			w.clock.Advance(24 * time.Hour)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if count(w.types(), "session.closed") != 1 {
			t.Errorf("events %v", w.types())
		}
	})
}

// rows counts what the sweep is to forget.
func rows(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	err := db.QueryRow(context.Background(), "SELECT (SELECT count(*) FROM access_session) + (SELECT count(*) FROM access_link) + (SELECT count(*) FROM access_failure)").Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLogoutEndsThatSessionOnly(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	w.admin()
	one, two := w.mustLogin("anna"), w.mustLogin("anna")
	if _, err := w.Authenticate(cookie(one.Token)); err != nil {
		t.Fatal(err)
	}
	if err := w.Logout(context.Background(), one.Principal); err != nil {
		t.Fatal(err)
	}
	_, err := w.Authenticate(cookie(one.Token))
	wantCode(t, err, fleet.CodeUnauthenticated, "has ended")
	if _, err := w.Authenticate(cookie(two.Token)); err != nil {
		t.Errorf("the other session: %v", err)
	}
	if types := w.types(); count(types, "session.opened") != 2 || count(types, "session.closed") != 1 {
		t.Errorf("events %v", types)
	}
}

func TestSessionsAreBounded(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	w.admin()
	first := w.mustLogin("anna")
	for range 50 {
		w.clock.Advance(time.Second)
		w.mustLogin("anna")
	}
	_, err := w.Authenticate(cookie(first.Token))
	wantCode(t, err, fleet.CodeUnauthenticated, "has ended")
}

func TestRolesAndPasswordAgeReachOpenSessions(t *testing.T) {
	w := open(t, storetest.Open(t), access.Rules{HashMemory: 64, HashPasses: 1, SessionLife: 1000 * 24 * time.Hour, ConsoleIdle: 1000 * 24 * time.Hour})
	ctx := context.Background()
	w.admin()
	if _, err := w.CreateAccount(ctx, access.NewAccount{Name: "bert", Kind: access.Person, Roles: []access.Role{access.SystemOperator}, Password: good, MustChange: true}); err != nil {
		t.Fatal(err)
	}
	g := w.mustLogin("bert")
	if !g.Principal.MustChange || w.Decide(ctx, g.Principal, access.DeviceRead, access.Resource{}).Allowed {
		t.Error("a password that somebody else set does not have to be changed first")
	}
	if err := w.ChangePassword(ctx, g.Principal, good, another); err != nil {
		t.Fatal(err)
	}
	p, err := w.Authenticate(cookie(g.Token))
	if err != nil || p.MustChange || !w.Decide(ctx, p, access.DeviceRead, access.Resource{}).Allowed {
		t.Errorf("after the change: %+v, %v", p, err)
	}
	if _, err := w.SetRoles(ctx, "bert", []access.Role{access.RiskManager}, nil); err != nil {
		t.Fatal(err)
	}
	if p, err := w.Authenticate(cookie(g.Token)); err != nil || !p.Has(access.RiskManager) || p.Has(access.SystemOperator) {
		t.Errorf("after new roles: %+v, %v", p, err)
	}
	w.clock.Advance(366 * 24 * time.Hour)
	if p, err := w.Authenticate(cookie(g.Token)); err != nil || !p.MustChange {
		t.Errorf("a year later: %+v, %v", p, err)
	}
}

func TestTokens(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		ctx := context.Background()
		a := w.admin()
		g := w.mustLogin("anna")
		feed, err := w.CreateAccount(ctx, access.NewAccount{Name: "feed", Kind: access.ServiceAccount, Roles: []access.Role{access.Application}})
		if err != nil {
			t.Fatal(err)
		}
		for _, days := range []int{0, 91} {
			_, _, err := w.CreateToken(ctx, g.Principal, feed.ID, "export", days)
			wantCode(t, err, fleet.CodeInvalid, "1 to 90")
		}
		tok, secret, err := w.CreateToken(ctx, g.Principal, feed.ID, "export", 90)
		if err != nil || secret[:3] != "tw_" {
			t.Fatalf("%q, %v", secret, err)
		}
		_, _, err = w.CreateToken(ctx, g.Principal, feed.ID, "export", 90)
		wantCode(t, err, fleet.CodeConflict, "called export")
		p, err := w.Authenticate(bearer(secret))
		if err != nil || p.ID != feed.ID || p.Method != "token" || p.MFA || p.Kind != access.ServiceAccount {
			t.Fatalf("%+v, %v", p, err)
		}
		_, _, err = w.CreateToken(ctx, p, feed.ID, "more", 1)
		wantCode(t, err, fleet.CodeForbidden, "a token cannot make tokens")
		wantCode(t, w.ChangePassword(ctx, access.Principal{Kind: access.Person, ID: a.ID, Name: "anna", Method: "token"}, good, another), fleet.CodeForbidden, "not a token")
		list, err := w.Tokens(ctx, feed.ID)
		if err != nil || len(list) != 1 || list[0].LastUsed == nil || list[0].Address != home {
			t.Errorf("%+v, %v", list, err)
		}
		wantCode(t, w.RevokeToken(ctx, a.ID, tok.ID), fleet.CodeNotFound, "no such token") // of another account
		if err := w.RevokeToken(ctx, feed.ID, tok.ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.Authenticate(bearer(secret))
		wantCode(t, err, fleet.CodeUnauthenticated, "not valid")
		_, late, err := w.CreateToken(ctx, g.Principal, feed.ID, "export", 1)
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(24 * time.Hour)
		_, err = w.Authenticate(bearer(late))
		wantCode(t, err, fleet.CodeUnauthenticated, "not valid")
		if n := count(w.types(), "login.failed"); n != 2 {
			t.Errorf("%d failures reported for two dead tokens", n)
		}
	})
}

func TestBadCredentialsAreRefusedNotSkipped(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	w.admin()
	g := w.mustLogin("anna")
	for what, set := range map[string]func(*http.Request){
		"unknown token": func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer tw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
		},
		"basic":        func(r *http.Request) { r.SetBasicAuth("anna", good) },
		"empty bearer": func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") },
		"link as session": func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer twl_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
		},
		"twice": func(r *http.Request) {
			r.Header["Authorization"] = []string{"Bearer " + g.Token, "Bearer " + g.Token}
		},
	} {
		r := cookie(g.Token) // the cookie is good, and must not save it
		set(r)
		if _, err := w.Authenticate(r); fleet.CodeOf(err) != fleet.CodeUnauthenticated {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := w.Authenticate(request(home, nil))
	wantCode(t, err, fleet.CodeUnauthenticated, "sign in first")
	if n := count(w.types(), "login.failed"); n != 5 {
		t.Errorf("%d failures reported, want 5: a request without credential is none", n)
	}
}

func TestFailureFloodIsCounted(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	for range 200 {
		_, _ = w.Authenticate(bearer("nonsense"))
	}
	w.clock.Advance(time.Second)
	_, _ = w.Authenticate(bearer("nonsense"))
	told, own := 0.0, 0
	for _, ev := range w.published() {
		own++
		if n, ok := ev.Data["unreported"].(float64); ok {
			told += n
		}
	}
	if own+int(told) != 201 || own > 70 {
		t.Errorf("%d events, %v more counted, of 201 failures", own, told)
	}
}

func certificate(t *testing.T, uri string, notAfter time.Time) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: "x"}, NotBefore: notAfter.Add(-time.Hour), NotAfter: notAfter, URIs: []*url.URL{u}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func presenting(cert *x509.Certificate) *http.Request {
	return request(home, func(r *http.Request) { r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}} })
}

func TestCertificatesOfServiceAccounts(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	ctx := context.Background()
	a := w.admin()
	feed, err := w.CreateAccount(ctx, access.NewAccount{Name: "feed", Kind: access.ServiceAccount, Roles: []access.Role{access.Application}})
	if err != nil {
		t.Fatal(err)
	}
	end := w.clock.Now().Add(time.Hour)
	of := func(kind protocol.SubjectKind, id string) *x509.Certificate {
		return certificate(t, protocol.IdentityURI(kind, id), end)
	}
	own := of(protocol.SubjectAccount, feed.ID)
	p, err := w.Authenticate(presenting(own))
	if err != nil || p.ID != feed.ID || p.Method != "certificate" || p.Session != "certificate/4d" {
		t.Fatalf("%+v, %v", p, err)
	}
	for what, cert := range map[string]*x509.Certificate{
		"a person's": of(protocol.SubjectAccount, a.ID), "a device's": of(protocol.SubjectDevice, feed.ID), "nobody's": of(protocol.SubjectAccount, "0192f3a0-0000-7000-8000-000000000000"),
	} {
		if _, err := w.Authenticate(presenting(cert)); fleet.CodeOf(err) != fleet.CodeUnauthenticated {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.trust.mu.Lock()
	w.trust.refuse = fleet.Errorf(fleet.CodeForbidden, "it was revoked")
	w.trust.mu.Unlock()
	_, err = w.Authenticate(presenting(own))
	wantCode(t, err, fleet.CodeUnauthenticated, "it was revoked")
	w.trust.mu.Lock()
	w.trust.refuse = nil
	w.trust.mu.Unlock()
	if _, err := w.Authenticate(presenting(own)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Disable(ctx, "feed", "decommissioned"); err != nil {
		t.Fatal(err)
	}
	_, err = w.Authenticate(presenting(own))
	wantCode(t, err, fleet.CodeUnauthenticated, "disabled")
}

// Another node learns of an end through the bus.
func TestEndsReachOtherNodes(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	ctx := context.Background()
	w.admin()
	w.person("bert", access.SystemOperator)
	g := w.mustLogin("bert")
	c := w.Config
	other, err := access.New(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Authenticate(cookie(g.Token)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Disable(ctx, "bert", "left"); err != nil {
		t.Fatal(err)
	}
	for { // the clock stands still, so only the announcement can end it
		if _, err := other.Authenticate(cookie(g.Token)); err != nil {
			wantCode(t, err, fleet.CodeUnauthenticated, "has ended")
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func FuzzCredential(f *testing.F) {
	w := open(f, storetest.Open(f), cheap)
	f.Add("Bearer tw_AAAA", "__Host-thingward=tws_x; a=b")
	f.Add("Basic YTpi", "")
	f.Add("", "__Host-thingward=tws_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, authorization, cookies string) {
		r := request(home, func(r *http.Request) {
			r.Header = http.Header{}
			if authorization != "" {
				r.Header["Authorization"] = []string{authorization}
			}
			r.Header["Cookie"] = []string{cookies}
		})
		if p, err := w.Authenticate(r); fleet.CodeOf(err) != fleet.CodeUnauthenticated || p.ID != "" {
			t.Errorf("%q %q: %+v, %v", authorization, cookies, p, err)
		}
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	w := open(b, storetest.Open(b), cheap)
	w.admin()
	r := cookie(w.mustLogin("anna").Token)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Authenticate(r); err != nil {
			b.Fatal(err)
		}
	}
}
