package access_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestPasswordRules(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	for _, ok := range []string{good, another, "Grüße vom Mond 7 Äpfel", strings.Repeat("quart gnome zebra plum ", 11)} {
		if err := w.CheckPassword("anna-berg", ok); err != nil {
			t.Errorf("%q: %v", ok, err)
		}
	}
	for bad, why := range map[string]string{
		"":                             "at least 12",
		"x7!kQ2#pL9v":                  "at least 12",
		strings.Repeat("a-1 ", 65):     "at most 256",
		"annaberg-2026!":               "account's name",
		"GrebAnna12345":                "account's name",
		"4nn4b3rg!!!!!":                "account's name",
		"correcthorsebatterystaple":    "tried first",
		"Password12345678":             "tried first",
		"P@ssw0rdP@ssw0rd":             "tried first",
		"iloveyouforever1":             "tried first",
		"121212121212":                 "tried first",
		"passwordpasswordpassword":     "tried first",
		"michaeljennifer":              "easy to guess",
		"abcdefgh12345678":             "tried first",
		"mmmmmmmmmmmmmmmmm":            "easy to guess",
		strings.Repeat("20201010", 9):  "tried first",
		strings.Repeat("a4@", 24):      "easy to guess",
		strings.Repeat("zx9!", 8):      "easy to guess",
		"plough-violet\nkettle":        "control character",
		"plough-violet-\xff\xfekettle": "UTF-8",
	} {
		err := w.CheckPassword("anna-berg", bad)
		wantCode(t, err, fleet.CodeInvalid, why)
		if bad != "" && strings.Contains(fmt.Sprint(err), bad) {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

func TestPasswordChange(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		ctx := context.Background()
		w.admin()
		g, other := w.mustLogin("anna"), w.mustLogin("anna")
		wantCode(t, w.ChangePassword(ctx, g.Principal, "wrong", another), fleet.CodeInvalid, "present password")
		wantCode(t, w.ChangePassword(ctx, g.Principal, good, "short"), fleet.CodeInvalid, "new: has 5 characters")
		wantCode(t, w.ChangePassword(ctx, g.Principal, good, good), fleet.CodeInvalid, "used before")
		if err := w.ChangePassword(ctx, g.Principal, good, another); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Authenticate(cookie(g.Token)); err != nil {
			t.Errorf("the session that changed it: %v", err)
		}
		_, err := w.Authenticate(cookie(other.Token))
		wantCode(t, err, fleet.CodeUnauthenticated, "has ended")
		if _, err := w.login("anna", good, ""); err == nil {
			t.Error("the old password still works")
		}
		last := another
		for i := range 5 {
			w.clock.Advance(time.Second)
			next := fmt.Sprintf("marble trombone %d eleven foxes", i)
			wantCode(t, w.ChangePassword(ctx, g.Principal, last, good), fleet.CodeInvalid, "used before")
			if err := w.ChangePassword(ctx, g.Principal, last, next); err != nil {
				t.Fatal(err)
			}
			last = next
		}
		if err := w.ChangePassword(ctx, g.Principal, last, good); err != nil {
			t.Errorf("the sixth last: %v", err)
		}
		for range 5 {
			if err := w.ChangePassword(ctx, g.Principal, "wrong", another); err == nil {
				t.Error("changed with a wrong password")
			}
		}
		if err := w.ChangePassword(ctx, g.Principal, good, another); retry(err) == 0 {
			t.Errorf("an open session is a place to guess from: %v", err)
		}
	})
}

func TestPasswordReset(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	ctx := context.Background()
	w.admin()
	b := w.person("bert", access.SystemOperator)
	g := w.mustLogin("bert")
	_, secret, err := w.CreateToken(ctx, g.Principal, b.ID, "script", 1)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := w.ResetPassword(ctx, "bert", another); err != nil || !a.MustChange {
		t.Fatalf("%+v, %v", a, err)
	}
	if _, err := w.Authenticate(cookie(g.Token)); err == nil {
		t.Error("a session outlived the reset")
	}
	if _, err := w.Authenticate(bearer(secret)); err == nil {
		t.Error("a token outlived the reset")
	}
}

func TestFirstPasswordAfterALink(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	ctx := context.Background()
	if _, err := w.CreateAccount(ctx, access.NewAccount{Name: "fresh", Kind: access.Person, Roles: []access.Role{access.RiskManager}}); err != nil {
		t.Fatal(err)
	}
	link, err := w.CreateLink(ctx, "fresh", access.DefaultRules.LinkLife)
	if err != nil {
		t.Fatal(err)
	}
	g, err := w.LoginByLink(ctx, link, access.LoginRequest{Address: home, Surface: "console"})
	if err != nil || !g.Principal.MustChange {
		t.Fatalf("%+v, %v", g.Principal, err)
	}
	if err := w.ChangePassword(ctx, g.Principal, "", good); err != nil {
		t.Fatal(err)
	}
	if g := w.mustLogin("fresh"); g.Principal.MustChange {
		t.Error("must be changed again")
	}
}

func TestHashesMoveToTodaysCost(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	w.admin()
	w.start(access.Rules{HashMemory: 128, HashPasses: 1})
	w.mustLogin("anna")
	var hash string
	if err := w.db.QueryRow(context.Background(), "SELECT password FROM access_account").Scan(&hash); err != nil || !strings.Contains(hash, "m=128,") {
		t.Errorf("%.30s, %v", hash, err)
	}
	w.mustLogin("anna")
}

func FuzzCheckPassword(f *testing.F) {
	w := open(f, storetest.Open(f), cheap)
	f.Add("anna", good)
	f.Add("", strings.Repeat("é1", 130))
	f.Fuzz(func(t *testing.T, name, password string) {
		if err := w.CheckPassword(name, password); err == nil && len(password) < 12 {
			t.Errorf("%q accepted", password)
		}
	})
}
