package access_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestWrongSignInsSoundAlike(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	ctx := context.Background()
	w.admin()
	w.person("gone", access.SystemOperator)
	if _, err := w.Disable(ctx, "gone", "left"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.CreateAccount(ctx, access.NewAccount{Name: "feed", Kind: access.ServiceAccount, Roles: []access.Role{access.Application}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.CreateAccount(ctx, access.NewAccount{Name: "fresh", Kind: access.Person, Roles: []access.Role{access.RiskManager}}); err != nil {
		t.Fatal(err)
	}
	texts := map[string]bool{}
	for name, password := range map[string]string{"anna": "wrong", "nobody": good, "gone": good, "feed": "", "fresh": ""} {
		_, err := w.login(name, password, "")
		wantCode(t, err, fleet.CodeUnauthenticated, "is wrong")
		texts[err.Error()] = true
	}
	if len(texts) != 1 {
		t.Errorf("they can be told apart: %v", texts)
	}
	var reasons []string
	for _, ev := range w.published() {
		if ev.Type == "login.failed" {
			reasons = append(reasons, fmt.Sprint(ev.Data["account"], ": ", ev.Data["reason"]))
			if ev.Data["surface"] != "console" || ev.Data["address"] != home {
				t.Errorf("surface and address: %v", ev.Data)
			}
		}
	}
	slices.Sort(reasons)
	want := []string{"anna: wrong password", "feed: not a person", "fresh: wrong password", "gone: account disabled", "unknown: unknown account"}
	if !slices.Equal(reasons, want) {
		t.Errorf("reasons %q", reasons)
	}
}

func TestLockOutHoldsDoublesAndSurvives(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		w.admin()
		for _, name := range []string{"anna", "nobody"} { // names that do not exist lock alike
			for i := range 4 {
				if _, err := w.login(name, "wrong", ""); retry(err) != 0 {
					t.Fatalf("%s locked at failure %d", name, i+1)
				}
			}
			if _, err := w.login(name, "wrong", ""); retry(err) != 15*time.Minute {
				t.Errorf("%s, fifth failure: %v, retry after %v", name, err, retry(err))
			}
		}
		w.start(cheap)
		w.clock.Advance(14 * time.Minute)
		if _, err := w.login("anna", good, ""); retry(err) != time.Minute {
			t.Errorf("right password, locked, after a restart: %v", err)
		}
		a, err := w.Account(context.Background(), "anna")
		if err != nil || a.State != access.Locked || a.LockedUntil == nil {
			t.Errorf("state %+v, %v", a, err)
		}
		w.clock.Advance(time.Minute)
		for range 5 {
			_, err = w.login("anna", "wrong", "")
		}
		if retry(err) != 30*time.Minute {
			t.Errorf("second lock lasts %v", retry(err))
		}
		if _, err := w.Unlock(context.Background(), "anna"); err != nil {
			t.Fatal(err)
		}
		w.mustLogin("anna")
		for range 5 {
			_, err = w.login("anna", "wrong", "")
		}
		if retry(err) != 15*time.Minute {
			t.Errorf("first lock after a success lasts %v", retry(err))
		}
	})
}

func retry(err error) time.Duration {
	var fe *fleet.Error
	if errors.As(err, &fe) {
		return fe.RetryAfter
	}
	return 0
}

func TestLocksEndInADay(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	w.admin()
	var last time.Duration
	for range 10 {
		for range 5 {
			_, err := w.login("anna", "wrong", "")
			last = retry(err)
			w.clock.Advance(time.Minute) // the address may go on
		}
		w.clock.Advance(last)
	}
	if last != 24*time.Hour {
		t.Errorf("tenth lock lasts %v", last)
	}
}

func TestManyGuessesAtOnceGetNoMoreThanFive(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		w.admin()
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				_, _ = w.Login(context.Background(), access.LoginRequest{User: "anna", Password: "wrong", Address: fmt.Sprintf("198.51.100.%d", i), Surface: "api"})
			})
		}
		wg.Wait()
		guesses := 0
		for _, ev := range w.published() {
			if ev.Type == "login.failed" && ev.Data["reason"] == "wrong password" {
				guesses++
			}
		}
		if guesses != 5 {
			t.Errorf("%d guesses were looked at", guesses)
		}
	})
}

func TestAddressThatFailsTooOftenWaits(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	w.admin()
	var err error
	for i := range 21 {
		_, err = w.login(fmt.Sprintf("guess-%d", i), "wrong", "")
	}
	wantCode(t, err, fleet.CodeUnavailable, "your address")
	if _, err := w.Login(context.Background(), access.LoginRequest{User: "anna", Password: good, Address: "203.0.113.9"}); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	w.clock.Advance(time.Minute)
	w.mustLogin("anna")
}

func TestSecondFactor(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		ctx := context.Background()
		w.admin()
		g := w.mustLogin("anna")
		enrolment, err := w.BeginFactor(ctx, g.Principal)
		if err != nil || !strings.HasPrefix(enrolment.URI, "otpauth://totp/Thingward:anna?") {
			t.Fatalf("%+v, %v", enrolment, err)
		}
		var box []byte
		if err := db.QueryRow(ctx, "SELECT secret FROM access_factor").Scan(&box); err != nil || strings.Contains(string(box), enrolment.Secret) {
			t.Errorf("the secret is stored in the clear (%v)", err)
		}
		if _, err := w.login("anna", good, ""); err != nil {
			t.Errorf("not confirmed yet, so no code: %v", err)
		}
		code := func() string {
			c, err := totp.GenerateCode(enrolment.Secret, w.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		wantCode(t, w.ConfirmFactor(ctx, g.Principal, "12345"), fleet.CodeInvalid, "code")
		if err := w.ConfirmFactor(ctx, g.Principal, code()); err != nil {
			t.Fatal(err)
		}
		if p, err := w.Authenticate(cookie(g.Token)); err != nil || !p.MFA {
			t.Errorf("the enrolling session counts as two-factor: %+v, %v", p, err)
		}
		_, err = w.login("anna", good, "")
		var fe *fleet.Error
		if !errors.As(err, &fe) || len(fe.Fields) != 1 || fe.Fields[0].Path != "code" {
			t.Errorf("code missing: %v", err)
		}
		_, err = w.login("anna", good, code())
		wantCode(t, err, fleet.CodeUnauthenticated, "is wrong") // the code that confirmed is used up
		w.clock.Advance(30 * time.Second)
		if g, err := w.login("anna", good, code()); err != nil || !g.Principal.MFA || g.Principal.Method != "totp" {
			t.Errorf("with code: %+v, %v", g.Principal, err)
		}
		_, err = w.login("anna", good, code())
		wantCode(t, err, fleet.CodeUnauthenticated, "is wrong")
		w.clock.Advance(time.Minute)
		for range 4 {
			_, err = w.login("anna", good, "000000")
		}
		if retry(err) == 0 {
			t.Errorf("wrong codes do not lock: %v", err)
		}
		if _, err := w.Unlock(ctx, "anna"); err != nil {
			t.Fatal(err)
		}
		if err := w.RemoveFactor(ctx, g.Principal, code()); err != nil {
			t.Fatal(err)
		}
		if g, err := w.login("anna", good, ""); err != nil || g.Principal.MFA {
			t.Errorf("after removal: %+v, %v", g.Principal, err)
		}
		if p, err := w.Authenticate(cookie(g.Token)); err != nil || p.MFA {
			t.Errorf("the session no longer counts as two-factor: %+v, %v", p, err)
		}
	})
}

func TestLinkWorksOnce(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		ctx := context.Background()
		w.admin()
		_, err := w.CreateLink(ctx, "anna", 25*time.Hour)
		wantCode(t, err, fleet.CodeInvalid, "ttl")
		link, err := w.CreateLink(ctx, "anna", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		q := access.LoginRequest{Address: home, Surface: "console"}
		var wg sync.WaitGroup
		var mu sync.Mutex
		opened := 0
		for range 8 {
			wg.Go(func() {
				if g, err := w.LoginByLink(ctx, link, q); err == nil && g.Principal.Method == "link" {
					mu.Lock()
					opened++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if opened != 1 {
			t.Errorf("the link opened %d sessions", opened)
		}
		late, err := w.CreateLink(ctx, "anna", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Hour)
		_, err = w.LoginByLink(ctx, late, q)
		wantCode(t, err, fleet.CodeUnauthenticated, "used or has expired")
		_, err = w.LoginByLink(ctx, "twl_nonsense", q)
		wantCode(t, err, fleet.CodeUnauthenticated, "used or has expired")
	})
}

func TestSharedAccountIsReported(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	w.admin()
	g := w.mustLogin("anna")
	if _, err := w.Authenticate(cookie(g.Token)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Login(context.Background(), access.LoginRequest{User: "anna", Password: good, Address: "203.0.113.7", Surface: "console"}); err != nil {
		t.Fatal(err)
	}
	if n := count(w.types(), "account.shared"); n != 1 {
		t.Errorf("two sign-ins from two addresses: %d reports", n)
	}
	stolen := cookie(g.Token)
	stolen.RemoteAddr = "203.0.113.8:9"
	for range 3 {
		if _, err := w.Authenticate(stolen); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Authenticate(cookie(g.Token)); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(w.types(), "account.shared"); n != 2 {
		t.Errorf("one session in two places: %d reports in all, want 2", n)
	}
}
