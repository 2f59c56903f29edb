package broker_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/bus/bustest"
)

// anyone lets everybody do everything.
type anyone struct{}

func (anyone) Authenticate(*http.Request) (access.Principal, error) {
	return access.Principal{Kind: access.Person, ID: "p", Name: "p"}, nil
}

func (anyone) Decide(context.Context, access.Principal, access.Permission, access.Resource) access.Decision {
	return access.Decision{Allowed: true}
}

func TestRoutes(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	r, err := api.New(api.Config{Version: "test", Auth: anyone{}, Policy: anyone{}, Events: w.bus, Clock: clock.Real{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w.b.Routes(r)
	get := func(path string, into any) {
		t.Helper()
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, api.Prefix+path, nil))
		if rec.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, rec.Code, rec.Body)
		}
		if err := json.Unmarshal(rec.Body.Bytes(), into); err != nil {
			t.Fatal(err)
		}
	}
	d1 := w.device(packet.V5, "d1")
	d1.subscribe("things/d1/command/+")
	w.device(packet.V311, "d2", lasting)
	app := w.account(packet.V5, "app", lasting)
	app.send(&packet.Disconnect{})
	app.gone()
	eventually(t, func() bool { return w.b.Stats().Away == 1 })
	var page api.Page[broker.SessionInfo]
	var all []broker.SessionInfo
	for after := ""; ; after = page.Next {
		page = api.Page[broker.SessionInfo]{}
		get("/sessions?limit=1&after="+after, &page)
		all = append(all, page.Items...)
		if page.Next == "" {
			break
		}
	}
	if len(all) != 3 || *page.Total != 3 || all[0].SubjectID != "app" || all[0].State != "away" || all[2].Protocol != "MQTT 3.1.1" {
		t.Fatalf("%+v", all)
	}
	if s := all[1]; s.State != "live" || s.SubjectName != "thing-d1" || s.TLS != "TLS 1.3" || s.Address != "127.0.0.1" || s.KeepAlive != 60 || len(s.Subscriptions) != 1 || !s.Clean || s.In != 0 || s.Connected == nil {
		t.Errorf("%+v", s)
	}
	get("/sessions?device=d2&connected=true", &page)
	if len(page.Items) != 1 || page.Items[0].SubjectID != "d2" {
		t.Errorf("%+v", page.Items)
	}
	var stats broker.Stats
	get("/broker", &stats)
	if stats.Connections != 2 || stats.Sessions != 3 || stats.Away != 1 || len(stats.Listeners) != 1 || stats.Limits.Packet != 256<<10 {
		t.Errorf("%+v", stats)
	}
}

// resident may read the devices of hall-1.
type resident struct{}

func (resident) Authenticate(*http.Request) (access.Principal, error) {
	return access.Principal{Kind: access.Person, ID: "lou", Name: "lou", Site: "hall-1"}, nil
}

func (resident) Decide(_ context.Context, p access.Principal, need access.Permission, on access.Resource) access.Decision {
	return access.Decision{Allowed: need == access.DeviceRead && on.Site == p.Site, Policies: []string{"own-site"}}
}

func TestWhoReadsOneSiteSeesSessionsOfItsDevicesOnly(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	for id, site := range map[string]string{"d1": "hall-1", "d2": "hall-2"} {
		w.people.set(broker.Client{Kind: "device", ID: id, Name: "thing-" + id, State: fleet.Active, Type: thermostat, Site: site})
	}
	r, err := api.New(api.Config{Version: "test", Auth: resident{}, Policy: resident{}, Events: w.bus, Clock: clock.Real{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w.b.Routes(r)
	w.device(packet.V5, "d1")
	w.device(packet.V5, "d2")
	w.account(packet.V5, "app")
	for path, status := range map[string]int{
		"/sessions?device=d1": 200, "/sessions?device=d1&connected=false": 200, "/sessions?device=d2": 403, "/sessions?device=ghost": 403, "/sessions": 403,
		"/sessions?account=app": 403, "/sessions?device=d1&account=app": 403, "/broker": 403,
	} {
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, api.Prefix+path, nil))
		var page api.Page[broker.SessionInfo]
		if err := json.Unmarshal(rec.Body.Bytes(), &page); err != nil || rec.Code != status || len(page.Items) > 1 || (path == "/sessions?device=d1") != (len(page.Items) == 1) {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	b, err := broker.New(t.Context(), broker.Config{Bus: bustest.Open(t), Clock: clock.Real{}, Log: slog.New(slog.DiscardHandler), Metrics: reg})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close(context.Background()) }()
	if n, err := testutil.GatherAndCount(reg); err != nil || n < 10 {
		t.Errorf("%d metrics, %v", n, err)
	}
}
