package access_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

const (
	good    = "plough-violet-kettle-42"
	another = "marble trombone eleven foxes"
	home    = "192.0.2.10"
)

// cheap makes hashing fast enough for tests; everything else is as in the product.
var cheap = access.Rules{HashMemory: 64, HashPasses: 1}

// world is a service with all that it needs, and what it published.
type world struct {
	*access.Service
	t     testing.TB
	db    *store.DB
	clock *clock.Fake
	key   sealed.Key
	trust *authority
}

// authority stands for package identity.
type authority struct {
	mu      sync.Mutex
	refuse  error
	revoked []string
}

func (a *authority) Usable(context.Context, *x509.Certificate) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.refuse
}

func (a *authority) RevokeSubject(_ *store.Tx, kind, id, _ string, _ fleet.Party) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.revoked = append(a.revoked, kind+"/"+id)
	return nil
}

func open(t testing.TB, db *store.DB, rules access.Rules) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: clock.NewFake(time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)), key: sealed.NewKey(), trust: &authority{}}
	w.start(rules)
	return w
}

// start opens the service; called again, it is a restart on the same data.
func (w *world) start(rules access.Rules) {
	w.t.Helper()
	b := bustest.Open(w.t)
	s, err := access.New(context.Background(), access.Config{
		DB: w.db, Bus: b, Audit: audittest.Open(w.t, w.db, b, w.clock), Clock: w.clock, Log: slog.New(slog.DiscardHandler), Key: w.key, Rules: rules,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(s.Close)
	s.Trust(w.trust, w.trust)
	w.Service = s
}

// published reads every event that was published so far.
func (w *world) published() (evs []fleet.Event) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	mark := fleet.NewEvent("access.refused", time.Now(), fleet.Server("test"), fleet.Server("test"), map[string]any{"permission": "mark", "policies": []string{}})
	if err := w.Bus.Publish(mark); err != nil {
		w.t.Fatal(err)
	}
	err := w.Bus.Consume(ctx, "test-"+mark.ID, func(_ context.Context, batch []fleet.Event) error {
		for _, ev := range batch {
			if ev.ID == mark.ID {
				cancel()
			} else if ev.Initiator.ID != "thingward/test" {
				evs = append(evs, ev)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return evs
}

func (w *world) types() (out []string) {
	w.t.Helper()
	for _, ev := range w.published() {
		out = append(out, ev.Type)
	}
	return out
}

func (w *world) person(name string, roles ...access.Role) access.Account {
	w.t.Helper()
	a, err := w.CreateAccount(context.Background(), access.NewAccount{Name: name, Kind: access.Person, Roles: roles, Password: good})
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *world) admin() access.Account {
	w.t.Helper()
	a, err := w.CreateFirstAdministrator(context.Background(), "anna", good)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *world) login(name, password, code string) (access.Grant, error) {
	return w.Login(context.Background(), access.LoginRequest{User: name, Password: password, Code: code, Address: home, Surface: "console"})
}

func (w *world) mustLogin(name string) access.Grant {
	w.t.Helper()
	g, err := w.login(name, good, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

func request(address string, set func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://thingward.test/api/v1/whoami", nil)
	r.RemoteAddr = address + ":4711"
	if set != nil {
		set(r)
	}
	return r
}

func cookie(secret string) *http.Request {
	return request(home, func(r *http.Request) { r.AddCookie(&http.Cookie{Name: access.SessionCookie, Value: secret}) })
}

func bearer(secret string) *http.Request {
	return request(home, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) })
}

func wantCode(t testing.TB, err error, want fleet.Code, text string) {
	t.Helper()
	if fleet.CodeOf(err) != want || !strings.Contains(err.Error(), text) {
		t.Errorf("error %v (code %q), want code %q with %q", err, fleet.CodeOf(err), want, text)
	}
}

func count(list []string, want string) (n int) {
	for _, one := range list {
		if one == want {
			n++
		}
	}
	return n
}

func TestFirstAdministratorOnlyOnce(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		ctx := context.Background()
		if _, err := w.CreateFirstAdministrator(ctx, "anna", "short"); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("weak password: %v", err)
		}
		a := w.admin()
		if a.Roles[0] != access.SystemAdministrator || a.Roles[1] != access.KeyManager || len(a.Roles) != 2 {
			t.Errorf("roles %v", a.Roles)
		}
		_, err := w.CreateFirstAdministrator(ctx, "bert", good)
		wantCode(t, err, fleet.CodeConflict, "there is an administrator already")
		if g := w.mustLogin("anna"); g.Principal.MustChange || g.Principal.MFA || g.Principal.Method != "password" {
			t.Errorf("principal %+v", g.Principal)
		}
	})
}

func TestAccountsAreCheckedAndListed(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		ctx := context.Background()
		for what, n := range map[string]access.NewAccount{
			"name":     {Name: "Bad Name", Kind: access.Person, Roles: []access.Role{access.RiskManager}},
			"kind":     {Name: "okay", Kind: access.Device, Roles: []access.Role{access.DeviceRole}},
			"roles":    {Name: "okay", Kind: access.Person},
			"roles[0]": {Name: "okay", Kind: access.ServiceAccount, Roles: []access.Role{access.SystemAdministrator}},
			"site":     {Name: "okay", Kind: access.Person, Roles: []access.Role{access.LocalUser}},
			"password": {Name: "okay", Kind: access.ServiceAccount, Roles: []access.Role{access.Application}, Password: good},
		} {
			_, err := w.CreateAccount(ctx, n)
			var fe *fleet.Error
			if !errors.As(err, &fe) || len(fe.Fields) != 1 || fe.Fields[0].Path != what {
				t.Errorf("%s: %v", what, err)
			}
		}
		for _, name := range []string{"cora", "anna", "bert"} {
			w.person(name, access.SystemOperator)
		}
		if _, err := w.CreateAccount(ctx, access.NewAccount{Name: "feed", Kind: access.ServiceAccount, Roles: []access.Role{access.Application}}); err != nil {
			t.Fatal(err)
		}
		_, err := w.CreateAccount(ctx, access.NewAccount{Name: "anna", Kind: access.Person, Roles: []access.Role{access.RiskManager}})
		wantCode(t, err, fleet.CodeConflict, "the name anna is taken")
		for _, c := range []struct {
			f    access.Filter
			want string
		}{
			{access.Filter{Limit: 10}, "anna bert cora feed"},
			{access.Filter{Limit: 2}, "anna bert"},
			{access.Filter{Limit: 10, After: "bert"}, "cora feed"},
			{access.Filter{Limit: 10, Kind: access.ServiceAccount}, "feed"},
			{access.Filter{Limit: 10, Query: "er"}, "bert"},
			{access.Filter{Limit: 10, Query: "%"}, ""},
		} {
			list, err := w.Accounts(ctx, c.f)
			var names []string
			for _, a := range list {
				names = append(names, a.Name)
			}
			if got := strings.Join(names, " "); err != nil || got != c.want {
				t.Errorf("%+v: %q, %v", c.f, got, err)
			}
		}
		_, err = w.Account(ctx, "nobody")
		wantCode(t, err, fleet.CodeNotFound, "nobody")
	})
}

func TestASiteBelongsToRolesOfOneSite(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	ctx := context.Background()
	_, err := w.CreateAccount(ctx, access.NewAccount{Name: "lou", Kind: access.Person, Roles: []access.Role{access.LocalUser}})
	wantCode(t, err, fleet.CodeInvalid, "thingward site list")
	_, err = w.CreateAccount(ctx, access.NewAccount{Name: "lou", Kind: access.Person, Roles: []access.Role{access.RiskManager}, Site: "hall-1"})
	wantCode(t, err, fleet.CodeInvalid, "limits the roles local-user and gateway only")
	if _, err = w.CreateAccount(ctx, access.NewAccount{Name: "lou", Kind: access.Person, Roles: []access.Role{access.LocalUser}, Site: "hall-1"}); err != nil {
		t.Fatal(err)
	}
	hall2, none := "hall-2", ""
	for _, c := range []struct {
		roles []access.Role
		site  *string
		want  string
		why   string
	}{
		{[]access.Role{access.LocalUser}, nil, "hall-1", ""},
		{[]access.Role{access.LocalUser}, &hall2, "hall-2", ""},
		{[]access.Role{access.LocalUser}, &none, "", "is required"},
		{[]access.Role{access.RiskManager}, &hall2, "", "leave it out"},
		{[]access.Role{access.LocalUser, access.RiskManager}, nil, "hall-2", ""},
		{[]access.Role{access.RiskManager}, nil, "", ""},
		{[]access.Role{access.LocalUser}, nil, "", "is required"},
	} {
		a, err := w.SetRoles(ctx, "lou", c.roles, c.site)
		if c.why != "" {
			wantCode(t, err, fleet.CodeInvalid, c.why)
		} else if err != nil || a.Site != c.want {
			t.Errorf("%v: at %q, %v", c.roles, a.Site, err)
		}
	}
}

func TestLastAdministratorStays(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		ctx := context.Background()
		w.admin()
		_, err := w.Disable(ctx, "anna", "left")
		wantCode(t, err, fleet.CodeConflict, "last enabled system administrator")
		_, err = w.SetRoles(ctx, "anna", []access.Role{access.RiskManager}, nil)
		wantCode(t, err, fleet.CodeConflict, "last enabled system administrator")
		names := []string{"anna", "bert", "cora"}
		for _, name := range names[1:] {
			w.person(name, access.SystemAdministrator)
		}
		var wg sync.WaitGroup
		for _, name := range names {
			wg.Go(func() { _, _ = w.Disable(ctx, name, "all at once") })
		}
		wg.Wait()
		left := 0
		for _, name := range names {
			if a, err := w.Account(ctx, name); err == nil && a.State == access.Active {
				left++
			}
		}
		if left != 1 {
			t.Errorf("%d administrators are left", left)
		}
	})
}

func TestNobodyChangesTheirOwnRoles(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	a := w.admin()
	w.person("bert", access.SystemAdministrator)
	ctx := access.With(context.Background(), access.Principal{Kind: access.Person, ID: a.ID, Name: "anna"})
	_, err := w.SetRoles(ctx, "anna", []access.Role{access.SystemAdministrator, access.RiskManager}, nil)
	wantCode(t, err, fleet.CodeConflict, "nobody changes their own roles")
	_, err = w.ResetPassword(ctx, "anna", another)
	wantCode(t, err, fleet.CodeConflict, "your own account")
	b, err := w.SetRoles(ctx, "bert", []access.Role{access.RiskManager, access.SystemAdministrator}, nil)
	if err != nil || len(b.Roles) != 2 || b.Roles[1] != access.RiskManager {
		t.Errorf("%v, %v", b.Roles, err)
	}
}

func TestDisableEndsEverythingAtOnce(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		ctx := context.Background()
		w.admin()
		b := w.person("bert", access.SystemOperator)
		g := w.mustLogin("bert")
		_, secret, err := w.CreateToken(ctx, g.Principal, b.ID, "script", 30)
		if err != nil {
			t.Fatal(err)
		}
		link, err := w.CreateLink(ctx, "bert", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []*http.Request{cookie(g.Token), bearer(secret)} {
			if _, err := w.Authenticate(r); err != nil {
				t.Fatal(err)
			}
		}
		cut := make(chan bus.Cut, 1)
		stop, err := bus.Listen(w.Bus, bus.TopicCut, func(c bus.Cut) { cut <- c })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		_, err = w.Disable(ctx, "bert", " ")
		wantCode(t, err, fleet.CodeInvalid, "reason")
		if _, err := w.Disable(ctx, "bert", "left the company"); err != nil {
			t.Fatal(err)
		}
		for _, r := range []*http.Request{cookie(g.Token), bearer(secret)} {
			if _, err := w.Authenticate(r); fleet.CodeOf(err) != fleet.CodeUnauthenticated {
				t.Errorf("after disabling: %v", err)
			}
		}
		if _, err := w.LoginByLink(ctx, link, access.LoginRequest{Address: home}); fleet.CodeOf(err) != fleet.CodeUnauthenticated {
			t.Errorf("link after disabling: %v", err)
		}
		if c := <-cut; c.SubjectKind != "account" || c.SubjectID != b.ID {
			t.Errorf("announced %+v", c)
		}
		if len(w.trust.revoked) != 1 || w.trust.revoked[0] != "account/"+b.ID {
			t.Errorf("revoked %v", w.trust.revoked)
		}
		if _, err := w.Enable(ctx, "bert"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Authenticate(cookie(g.Token)); err == nil {
			t.Error("a session came back to life")
		}
		w.mustLogin("bert")
	})
}

// No secret may be in an event or audit entry, whatever was done with it.
func TestNoSecretInAnyEvent(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	ctx := context.Background()
	w.admin()
	b := w.person("bert", access.SystemOperator)
	secrets := []string{good, another, "typed into the name field"}
	g := w.mustLogin("bert")
	_, _ = w.login("typed into the name field", "wrong-guess-of-mine", "")
	secrets = append(secrets, "wrong-guess-of-mine", g.Token)
	_, token, err1 := w.CreateToken(ctx, g.Principal, b.ID, "script", 1)
	link, err2 := w.CreateLink(ctx, "bert", time.Hour)
	enrolment, err3 := w.BeginFactor(ctx, g.Principal)
	code, err4 := totp.GenerateCode(enrolment.Secret, w.clock.Now())
	err5 := w.ConfirmFactor(ctx, g.Principal, code)
	err6 := w.ChangePassword(ctx, g.Principal, good, another)
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, token, link, enrolment.Secret, code)
	w.clock.Advance(time.Minute)
	_, _ = w.login("bert", another, "000000")
	_, _ = w.LoginByLink(ctx, link, access.LoginRequest{Address: home})
	_, _ = w.Authenticate(bearer(token + "x"))
	all, err := json.Marshal([]any{w.published(), audittest.Recorded(t, w.db)})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if strings.Contains(string(all), `"`+secret+`"`) || len(secret) > 8 && strings.Contains(string(all), secret) {
			t.Errorf("an event holds %q", secret)
		}
	}
}
