package traffic_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api/apitest"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
	"github.com/thingward/thingward/server/traffic"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// accounts are those that grants may name.
type accounts map[string]access.Account

// Account finds one by name.
func (a accounts) Account(_ context.Context, ref string) (access.Account, error) {
	if x, ok := a[ref]; ok {
		return x, nil
	}
	return access.Account{}, fleet.Errorf(fleet.CodeNotFound, "there is no account %q", ref)
}

// Accounts lists all services.
func (a accounts) Accounts(_ context.Context, f access.Filter) (out []access.Account, err error) {
	for _, x := range a {
		if x.Kind == f.Kind {
			out = append(out, x)
		}
	}
	return out, nil
}

// places is one type and one site.
type places struct{}

// Type knows locks.
func (places) Type(_ context.Context, name string) (*fleet.DeviceType, error) {
	if name != "lock" {
		return nil, fleet.Errorf(fleet.CodeNotFound, "there is no type %q", name)
	}
	return &fleet.DeviceType{Name: "lock", Version: "1.0.0"}, nil
}

// SiteName knows the hall.
func (places) SiteName(_ context.Context, ref string) (string, error) {
	if ref != "hall" {
		return "", fleet.Invalid("site", "there is no such site")
	}
	return "hall", nil
}

type world struct {
	*traffic.Service
	t     testing.TB
	db    *store.DB
	clock *clock.Fake
	bus   *bus.Bus
	who   accounts
}

func service(name string, roles ...access.Role) access.Account {
	return access.Account{ID: "id-" + name, Name: name, Kind: access.ServiceAccount, Roles: roles, State: access.Active}
}

func open(t testing.TB, db *store.DB, extra ...access.Account) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: clock.NewFake(now), bus: bustest.Open(t), who: accounts{"ada": {ID: "id-ada", Name: "ada", Kind: access.Person, Roles: []access.Role{access.SystemAdministrator}}}}
	for _, a := range extra {
		w.who[a.Name] = a
	}
	w.Service = w.again()
	return w
}

// again is the service after another start.
func (w *world) again() *traffic.Service {
	w.t.Helper()
	s, err := traffic.New(context.Background(), traffic.Config{
		DB: w.db, Bus: w.bus, Audit: audittest.Open(w.t, w.db, nil, w.clock), Clock: w.clock, Log: slog.New(slog.DiscardHandler), Accounts: w.who, Fleet: places{}, Own: "own",
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func ada() context.Context {
	return access.With(context.Background(), access.Principal{Kind: access.Person, ID: "id-ada", Name: "ada", Roles: []access.Role{access.SystemAdministrator}})
}

func draft() traffic.Draft {
	return traffic.Draft{Name: "doors", Account: "app", Kinds: []string{"telemetry"}, Stream: "door", Type: "lock", Site: "hall", Classes: []string{"restricted"}, Purpose: "show which doors are open"}
}

// TestUpgrade gives accounts that were there what their roles opened, once.
func TestUpgrade(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, service("app", access.Application), service("ops", access.SystemOperator), service("eyes", access.Auditor), service("own", access.Application))
		for name, kinds := range map[string]int{"app": 3, "ops": 4, "eyes": 0, "own": 0} {
			all, err := w.Of(context.Background(), "id-"+name)
			if err != nil || (kinds == 0) != (len(all) == 0) || kinds > 0 && (len(all[0].Kinds) != kinds || !all[0].Broad || all[0].Origin != "upgrade") {
				t.Errorf("%s: %+v, %v", name, all, err)
			}
		}
		w.who["late"] = service("late", access.Application)
		late := w.again()
		if all, err := late.Of(context.Background(), "id-late"); err != nil || len(all) != 0 {
			t.Errorf("an account made later got %v, %v", all, err)
		}
		n := 0
		for _, ev := range audittest.Recorded(t, db) {
			if ev.Type == "grant.created" {
				n++
			}
		}
		if n != 2 {
			t.Errorf("%d entries, want 2", n)
		}
	})
}

func TestGrantLife(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db)
		w.who["app"] = service("app", access.Application)
		told := make(chan bus.Changed, 10)
		stop, err := bus.Listen(w.bus, bus.TopicChanged, func(c bus.Changed) { told <- c })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
		ends := now.Add(time.Hour)
		d := draft()
		d.Ends = &ends
		g, err := w.Create(ada(), d)
		if err != nil || g.Broad || g.CreatedBy != "ada" || g.Account != "id-app" {
			t.Fatalf("%+v, %v", g, err)
		}
		if c := <-told; c.Kind != "account" || c.ID != "id-app" {
			t.Errorf("told %v", c)
		}
		if _, err := w.Create(ada(), d); fleet.CodeOf(err) != fleet.CodeConflict {
			t.Errorf("the same again: %v", err)
		}
		if err := w.Used(context.Background(), []string{g.ID, "gone"}, now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if err := w.Used(context.Background(), []string{g.ID}, now); err != nil {
			t.Fatal(err)
		}
		all, err := w.Of(context.Background(), "id-app")
		if err != nil || len(all) != 1 || all[0].Used == nil || !all[0].Used.Equal(now.Add(time.Minute)) || !all[0].Ends.Equal(ends) {
			t.Fatalf("%+v, %v", all, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		w.clock.Advance(time.Hour)
		if all, err := w.Of(context.Background(), "id-app"); err != nil || len(all) != 0 {
			t.Errorf("in force after its end: %v, %v", all, err)
		}
		for over := false; !over; {
			select {
			case <-told:
				over = true
			case <-time.After(10 * time.Millisecond):
				w.clock.Advance(2 * time.Second)
			}
		}
		cancel()
		<-done
		last := audittest.Recorded(t, db)
		if ev := last[len(last)-1]; ev.Type != "grant.revoked" || ev.Data["reason"] != "its time is up" {
			t.Errorf("%v", ev)
		}
		if _, err := w.Revoke(ada(), g.ID); fleet.CodeOf(err) != fleet.CodeNotFound {
			t.Errorf("revoked twice: %v", err)
		}
	})
}

func TestBadDraftsChangeNothing(t *testing.T) {
	w := open(t, storetest.Open(t))
	w.who["app"], w.who["eyes"] = service("app", access.Application), service("eyes", access.Auditor)
	before := len(audittest.Recorded(t, w.db))
	past := now.Add(-time.Hour)
	for says, spoil := range map[string]func(*traffic.Draft){
		"name":                func(d *traffic.Draft) { d.Name = "" },
		"/commands/":          func(d *traffic.Draft) { d.Direction = "publish" },
		"kinds":               func(d *traffic.Draft) { d.Kinds = nil },
		"kinds[0]":            func(d *traffic.Draft) { d.Kinds, d.Stream = []string{"commands"}, "" },
		"kinds[1]":            func(d *traffic.Draft) { d.Kinds, d.Stream = []string{"event", "event"}, "" },
		"purpose":             func(d *traffic.Draft) { d.Purpose = "" },
		"stream":              func(d *traffic.Draft) { d.Kinds = []string{"event"} },
		"ends":                func(d *traffic.Draft) { d.Ends = &past },
		"classes[0]":          func(d *traffic.Draft) { d.Classes = []string{"public"} },
		"there is no account": func(d *traffic.Draft) { d.Account = "nobody" },
		"does not use MQTT":   func(d *traffic.Draft) { d.Account = "eyes" },
		"there is no type":    func(d *traffic.Draft) { d.Type = "door" },
		"site":                func(d *traffic.Draft) { d.Site = "moon" },
	} {
		d := draft()
		spoil(&d)
		if _, err := w.Create(ada(), d); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	if all, err := w.Of(context.Background(), "id-app"); err != nil || len(all) != 0 || len(audittest.Recorded(t, w.db)) != before {
		t.Errorf("%v, %v", all, err)
	}
}

func TestRoutes(t *testing.T) {
	w := open(t, storetest.Open(t))
	w.who["app"] = service("app", access.Application)
	call := apitest.Open(t, w.bus, w.clock, apitest.Rules{
		Who: func(name string) access.Principal {
			return access.Principal{Kind: access.Person, ID: "id-" + name, Name: name}
		},
		May: func(p access.Principal, need access.Permission) bool {
			return p.Name == "ada" || need == access.AccountRead
		},
	}, w.Routes)
	const narrow = `{"name":"doors","account":"app","kinds":["telemetry"],"type":"lock","purpose":"doors"}`
	const broad = `{"name":"all","account":"app","kinds":["telemetry","event"],"classes":["confidential","restricted"],"purpose":"all"}`
	for _, c := range []struct {
		who, method, path, body string
		status                  int
		want                    string
	}{
		{"eve", "POST", "/grants", narrow, 403, "may not account:write"},
		{"ada", "POST", "/grants", narrow, 200, `"broad":false`},
		{"ada", "POST", "/grants", narrow, 409, "choose another name"},
		{"ada", "POST", "/grants", broad, 200, `"broad":true`},
		{"eve", "GET", "/grants?broad=true", "", 200, `"name":"all"`},
		{"eve", "GET", "/grants?limit=1", "", 200, `"next":`},
		{"eve", "GET", "/grants?unused=1", "", 200, `"items":[]`},
		{"eve", "GET", "/grants?after=rubbish", "", 422, `"path":"after"`},
		{"eve", "DELETE", "/grants/none", "", 403, "may not"},
		{"ada", "DELETE", "/grants/none", "", 404, "thingward grant list"},
	} {
		if got := call(c.who, c.method, c.path, c.body); got.Code != c.status || !strings.Contains(got.Body.String(), c.want) {
			t.Errorf("%s %s %s: %d %s, want %d %s", c.who, c.method, c.path, got.Code, got.Body, c.status, c.want)
		}
	}
	w.clock.Advance(48 * time.Hour)
	if got := call("eve", "GET", "/grants?unused=1", "").Body.String(); strings.Count(got, `"purpose"`) != 2 {
		t.Errorf("unused: %s", got)
	}
	all, err := w.Of(context.Background(), "id-app")
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	if got := call("ada", "DELETE", "/grants/"+all[0].ID, ""); got.Code != 200 {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}
