package access_test

import (
	"context"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// An auditor's account always has an end, at most 366 days ahead, however the role comes to it. One of an earlier version
// without an end keeps working, and gets one with its next change.
func TestAuditorsHaveAnEnd(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, cheap)
		ctx := context.Background()
		auditor, other := []access.Role{access.Auditor}, []access.Role{access.RiskManager}
		end, late := w.clock.Now().Add(access.AuditorMost), w.clock.Now().Add(access.AuditorMost+time.Hour)
		for _, kind := range []access.Kind{access.Person, access.ServiceAccount} {
			for _, at := range []*time.Time{nil, &late} {
				_, err := w.CreateAccount(ctx, access.NewAccount{Name: "ada", Kind: kind, Roles: auditor, Expires: at})
				wantCode(t, err, fleet.CodeInvalid, "366 days")
			}
		}
		if _, err := w.CreateAccount(ctx, access.NewAccount{Name: "ada", Kind: access.Person, Roles: auditor, Password: another, Expires: &end}); err != nil {
			t.Fatal(err)
		}
		for _, at := range []*time.Time{nil, &late} {
			_, err := w.SetExpiry(ctx, "ada", at)
			wantCode(t, err, fleet.CodeInvalid, "expires")
		}
		if _, err := w.CreateAccount(ctx, access.NewAccount{Name: "bea", Kind: access.Person, Roles: other}); err != nil {
			t.Fatal(err)
		}
		_, err := w.SetRoles(ctx, "bea", auditor, nil)
		wantCode(t, err, fleet.CodeInvalid, "give the account an end")
		if _, err := w.SetExpiry(ctx, "bea", &late); err != nil {
			t.Fatal(err)
		}
		_, err = w.SetRoles(ctx, "bea", auditor, nil)
		wantCode(t, err, fleet.CodeInvalid, "366 days")
		if _, err := w.SetExpiry(ctx, "bea", &end); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SetRoles(ctx, "bea", auditor, nil); err != nil {
			t.Error(err)
		}

		if err := db.Keep(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE access_account SET expires = 0 WHERE name = 'ada'") // as an earlier version left it
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Login(ctx, access.LoginRequest{User: "ada", Password: another, Surface: "api"}); err != nil {
			t.Errorf("an auditor of an earlier version: %v", err)
		}
		if _, err := w.SetRoles(ctx, "ada", []access.Role{access.Auditor, access.RiskManager}, nil); err != nil {
			t.Error(err)
		}
		if a, err := w.SetExpiry(ctx, "ada", &end); err != nil || a.Expires == nil {
			t.Error(a, err)
		}
	})
}
