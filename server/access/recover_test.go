package access_test

import (
	"context"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestRecoverALostPassword(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		ctx := context.Background()
		w.admin()
		before := w.mustLogin("anna")
		for range 6 {
			_, _ = w.login("anna", "not-what-it-was", "")
		}
		if a, err := w.Account(ctx, "anna"); err != nil || a.State != access.Locked {
			t.Fatalf("%+v, %v", a, err)
		}
		link, expires, err := w.Recover(ctx, "anna", time.Hour, true)
		if err != nil || !expires.Equal(w.clock.Now().Add(time.Hour)) {
			t.Fatalf("%v, %v", expires, err)
		}
		if _, err := w.Authenticate(cookie(before.Token)); fleet.CodeOf(err) != fleet.CodeUnauthenticated {
			t.Errorf("the session from before: %v", err)
		}
		if _, err := w.login("anna", good, ""); fleet.CodeOf(err) != fleet.CodeUnauthenticated {
			t.Errorf("the lost password: %v", err)
		}
		g, err := w.LoginByLink(ctx, link, access.LoginRequest{Address: home, Surface: "console"})
		if err != nil || !g.Principal.MustChange {
			t.Fatalf("%+v, %v", g.Principal, err)
		}
		wantCode(t, w.ChangePassword(ctx, g.Principal, "", good), fleet.CodeInvalid, "used before")
		if err := w.ChangePassword(ctx, g.Principal, "", another); err != nil {
			t.Fatal(err)
		}
		if _, err := w.login("anna", another, ""); err != nil {
			t.Errorf("the new password: %v", err)
		}
		if _, err := w.LoginByLink(ctx, link, access.LoginRequest{Address: home}); err == nil {
			t.Error("the link worked twice")
		}
		seen := map[string]bool{}
		for _, ev := range audittest.Recorded(t, db) {
			if ev.Initiator.ID == "thingward/recovery" {
				seen[ev.Type] = true
			}
		}
		if !seen["link.created"] || !seen["account.unlocked"] || seen["mfa.removed"] {
			t.Errorf("recorded: %v", seen)
		}
	})
}

func TestRecoverRefusesWhatIsNoEnabledPerson(t *testing.T) {
	w := open(t, storetest.Open(t), cheap)
	ctx := context.Background()
	w.admin()
	w.person("bert", access.SystemOperator)
	if _, err := w.CreateAccount(ctx, access.NewAccount{Name: "billing", Kind: access.ServiceAccount, Roles: []access.Role{access.Application}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Disable(ctx, "bert", "left"); err != nil {
		t.Fatal(err)
	}
	for name, code := range map[string]fleet.Code{"bert": fleet.CodeConflict, "billing": fleet.CodeConflict, "nobody": fleet.CodeNotFound} {
		if secret, _, err := w.Recover(ctx, name, time.Hour, false); fleet.CodeOf(err) != code || secret != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
