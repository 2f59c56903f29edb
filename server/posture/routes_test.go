package posture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store/storetest"
)

// anyone is an authenticator and a policy that let one operator do everything but what is forbidden.
type anyone struct{ forbidden access.Permission }

// Authenticate gives the operator.
func (anyone) Authenticate(*http.Request) (access.Principal, error) {
	return access.Principal{Kind: access.Person, ID: "p1", Name: "mara", Method: "password"}, nil
}

// Decide allows.
func (a anyone) Decide(_ context.Context, _ access.Principal, need access.Permission, _ access.Resource) access.Decision {
	return access.Decision{Allowed: need != a.forbidden, Policies: []string{"test"}}
}

// site is an engine behind the real router.
type site struct {
	*Service
	t *testing.T
	w *world
	r *api.Router
}

func newSite(t *testing.T, gates ...Gate) *site {
	t.Helper()
	clk, w := clock.NewFake(start), newWorld()
	w.types["lock"] = &fleet.DeviceType{Name: "lock", Baseline: fleet.Baseline{Firmware: "2"}}
	for i := range 5 {
		w.device(fmt.Sprint("d", i), "lock", clk.Now()).Inventory = inventory(fmt.Sprint(1 + i%2))
	}
	db := storetest.Open(t)
	s := engine(t, db, w, clk, gates)
	mustSweep(t, s)
	r, err := api.New(api.Config{Version: "test", Auth: anyone{}, Policy: anyone{}, Events: w, Clock: clk, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	s.Routes(r)
	return &site{s, t, w, r}
}

// call makes a request and decodes the answer.
func (s *site) call(method, path string, want int, out any) {
	s.t.Helper()
	rec := httptest.NewRecorder()
	s.r.ServeHTTP(rec, httptest.NewRequest(method, "https://localhost"+api.Prefix+path, nil))
	if rec.Code != want {
		s.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	if out != nil {
		if err := json.Unmarshal(rec.Body.Bytes(), out); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestPostureRoutes(t *testing.T) {
	s := newSite(t)
	var o Overview
	s.call("GET", "/posture", 200, &o)
	if len(o.Domains) != 26 || o.Counts[fleet.Fail] != 1 || o.Score.Total != 160 || o.Score.Pass == nil || len(o.Changed) == 0 || !o.Sweep.Agreed || len(o.Trend) == 0 {
		t.Errorf("%+v", o)
	}
	var list struct {
		Items []struct {
			ID     string
			Status fleet.Status
			Checks int
		}
		Next  string
		Total int
	}
	s.call("GET", "/controls?limit=100", 200, &list)
	seen := len(list.Items)
	for list.Next != "" {
		after := list.Next
		list.Items, list.Next = nil, ""
		s.call("GET", "/controls?limit=100&after="+after, 200, &list)
		seen += len(list.Items)
	}
	if seen != 160 || list.Total != 160 {
		t.Errorf("%d of %d controls", seen, list.Total)
	}
	s.call("GET", "/controls?status=fail", 200, &list)
	if len(list.Items) != 1 || list.Items[0].ID != "COM-10" || list.Items[0].Checks != 1 {
		t.Errorf("%+v", list)
	}
	s.call("GET", "/controls?domain=COM&q=wireless", 200, &list)
	if len(list.Items) != 1 {
		t.Errorf("%+v", list)
	}
	for path, status := range map[string]int{"/controls/XXX-99": 404, "/controls?after=nonsense": 422, "/controls/XXX-99/objects": 404, "/controls/XXX-99/history": 404, "/devices/none/posture": 404, "/frameworks/none": 404, "/controls?status=fine": 422} {
		s.call("GET", path, status, nil)
	}
}

func TestControlSaysWhy(t *testing.T) {
	s := newSite(t)
	var v ControlView
	s.call("GET", "/controls/com-10", 200, &v)
	if v.Status != fleet.Fail || v.Reason != "Firmware is at its floor: 3 of 5 fail (device). Clears when: "+v.ClearsWhen || len(v.Evaluations) != 1 || len(v.OWASP) == 0 || v.Clears == "" {
		t.Fatalf("%+v", v)
	}
	c := v.Evaluations[0]
	if c.Counts.Fail != 3 || c.Counts.Pass != 2 || len(c.Failing) != 3 || c.Failing[0].Reason != "firmware 1" || c.Observed == nil || c.ValidUntil == nil {
		t.Errorf("%+v", c)
	}
	var objects struct {
		Items []ObjectView
		Next  string
		Total int
	}
	s.call("GET", "/controls/COM-10/objects?status=fail&limit=2", 200, &objects)
	if len(objects.Items) != 2 || objects.Total != 3 || objects.Next == "" || objects.Items[0].Subject.ID != "d0" {
		t.Fatalf("%+v", objects)
	}
	s.call("GET", "/controls/COM-10/objects?status=fail&limit=2&after="+objects.Next, 200, &objects)
	if len(objects.Items) != 1 || objects.Items[0].Subject.ID != "d4" {
		t.Errorf("%+v", objects)
	}
	var history struct{ Items []historyItem }
	s.call("GET", "/controls/COM-10/history", 200, &history)
	if len(history.Items) != 1 || history.Items[0].Status != fleet.Fail || history.Items[0].Reason == "" {
		t.Errorf("%+v", history)
	}
	s.call("GET", "/devices/name-d1/posture", 200, &objects)
	if len(objects.Items) != 2 || objects.Items[0].Control != "COM-10" || objects.Items[0].Status != fleet.Pass {
		t.Errorf("%+v", objects)
	}
	if tally := s.Tallies([]string{"d0", "d1", "none"}); tally["d0"].Fail != 1 || tally["d1"].Fail != 0 || len(tally) != 2 {
		t.Errorf("%+v", tally)
	}
	var f FrameworkView
	s.call("GET", "/frameworks/owasp-iot-2018?provenance=source", 200, &f)
	if len(f.Items) != 10 || f.Provenance != "source" {
		t.Errorf("%+v", f)
	}
}

// resident may read the devices of hall-1.
type resident struct{}

// Authenticate gives the resident.
func (resident) Authenticate(*http.Request) (access.Principal, error) {
	return access.Principal{Kind: access.Person, ID: "lou", Name: "lou", Site: "hall-1"}, nil
}

// Decide allows at the resident's site.
func (resident) Decide(_ context.Context, p access.Principal, need access.Permission, on access.Resource) access.Decision {
	return access.Decision{Allowed: need == access.DeviceRead && on.Site == p.Site, Policies: []string{"own-site"}}
}

func TestWhoReadsOneSiteSeesThePostureOfItsDevicesOnly(t *testing.T) {
	clk, w := clock.NewFake(start), newWorld()
	w.types["lock"] = &fleet.DeviceType{Name: "lock", Baseline: fleet.Baseline{Firmware: "2"}}
	for id, place := range map[string]string{"d1": "hall-1", "d2": "hall-2", "d3": ""} {
		w.device(id, "lock", clk.Now()).Device.Site = place
	}
	s := &site{Service: engine(t, storetest.Open(t), w, clk, nil), t: t, w: w}
	mustSweep(t, s.Service)
	var err error
	if s.r, err = api.New(api.Config{Version: "test", Auth: resident{}, Policy: resident{}, Events: w, Clock: clk, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()}); err != nil {
		t.Fatal(err)
	}
	s.Routes(s.r)
	var own struct{ Items []ObjectView }
	s.call("GET", "/devices/name-d1/posture", 200, &own)
	if len(own.Items) == 0 {
		t.Error("nothing is said of a device at the caller's site")
	}
	for _, path := range []string{"/devices/name-d2/posture", "/devices/name-d3/posture", "/devices/ghost/posture", "/posture", "/controls"} {
		s.call("GET", path, 403, nil)
	}
}

func TestRunRecordsWhoAskedAndLooksAgain(t *testing.T) {
	s := newSite(t)
	for _, d := range s.w.devices {
		d.Inventory = inventory("2") // nobody announced it
	}
	var v ControlView
	s.call("POST", "/controls/COM-10/run", 200, &v)
	if v.Status != fleet.Pass || v.Run == nil {
		t.Errorf("%+v", v)
	}
	asked := false
	for _, ev := range audittest.Recorded(t, s.DB) {
		asked = asked || (ev.Type == "control.run" && ev.Initiator.Name == "mara")
	}
	if !asked {
		t.Error("who asked is not in the log")
	}
	s.call("POST", "/controls/PRV-01/run", 409, nil)
}

func TestGatesRollUp(t *testing.T) {
	gates := []Gate{
		{ID: "COM-02/a", Control: "COM-02", Obligation: "plaintext-password-refused", Title: "Plaintext is refused", Probes: []string{"plain"}, Events: []string{"connection.refused"}, Settings: []string{"weak"}},
		{ID: "SNT-15/b", Control: "SNT-15", Obligation: "not-the-default", Title: "Nothing makes this try", Probes: []string{"none.such"}},
	}
	s := newSite(t, gates...)
	expect(t, s.Service, "COM-02", fleet.NotAssessed)
	s.w.probes["plain"] = ProbeResult{Attempted: true, Held: true, Detail: "refused", At: start}
	s.saw(fleet.NewEvent("connection.refused", start, fleet.Anonymous("192.0.2.1"), fleet.Server("broker"), map[string]any{"protocol": "mqtt", "reason": "plain"}))
	s.call("POST", "/controls/COM-02/run", 200, nil)
	expect(t, s.Service, "COM-02", fleet.Pass)
	var v ControlView
	s.call("GET", "/controls/COM-02", 200, &v)
	if c := v.Evaluations[0]; !c.Gate || c.Reason != "refused" || len(c.Seen) != 1 || c.Seen[0].Count != 1 {
		t.Errorf("%+v", c)
	}
	s.w.server.Weakened = []string{"weak"}
	s.call("POST", "/controls/COM-02/run", 200, nil)
	expect(t, s.Service, "COM-02", fleet.Fail)
	s.w.server.Weakened = nil
	s.w.probes["plain"] = ProbeResult{Detail: "no answer", At: start}
	s.call("POST", "/controls/COM-02/run", 200, nil)
	expect(t, s.Service, "COM-02", fleet.Unknown)
	if len(s.w.published("gate.tested")) != 2 {
		t.Errorf("%+v", s.w.published("gate.tested"))
	}
	expect(t, s.Service, "SNT-15", fleet.NotAssessed)
}

// TestRunOnTheBus runs the engine as the server does: a change that is announced is visible without anyone asking.
func TestRunOnTheBus(t *testing.T) {
	b, w := bustest.Open(t), newWorld()
	w.types["lock"] = &fleet.DeviceType{Name: "lock", Baseline: fleet.Baseline{Firmware: "2"}}
	w.device("a", "lock", time.Now()).Inventory = inventory("2")
	s := engine(t, storetest.Open(t), w, clock.Real{}, nil)
	s.Bus = b
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	waitFor(t, s, "COM-10", fleet.Pass)
	w.mu.Lock()
	w.devices["a"].Inventory = inventory("1")
	w.mu.Unlock()
	if err := b.Announce("changed", map[string]string{"kind": "device", "id": "a"}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, s, "COM-10", fleet.Fail)
	shared := fleet.NewEvent("account.shared", time.Now(), fleet.Party{Kind: "person", ID: "p1"}, fleet.Server("access"), map[string]any{"account": "mara", "addresses": []string{"192.0.2.1", "192.0.2.2"}})
	if err := b.Publish(shared); err != nil {
		t.Fatal(err)
	}
	for a := (&AccountFacts{ID: "p1"}); a.Shared.IsZero(); s.complete(a) {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	again := engine(t, s.DB, w, clock.Real{}, nil)
	a := &AccountFacts{ID: "p1"}
	if again.complete(a); a.Shared.IsZero() || len(a.Addresses) != 2 {
		t.Errorf("the sharing is forgotten after a restart: %+v", a)
	}
}

func waitFor(t *testing.T, s *Service, control string, want fleet.Status) {
	t.Helper()
	for range 2000 {
		if s.statusOf(control) == want {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	expect(t, s, control, want)
}

func TestMarkdown(t *testing.T) {
	s := newSite(t)
	var a, b bytes.Buffer
	if err := errors.Join(Markdown(&a, s.Catalogue, testChecks(), nil), Markdown(&b, s.Catalogue, testChecks(), nil)); err != nil {
		t.Fatal(err)
	}
	if a.String() != b.String() || !strings.Contains(a.String(), "3 of 160 controls") || !strings.Contains(a.String(), "| COM-10 |") || !strings.Contains(a.String(), "not assessed") {
		t.Error(a.String()[:400])
	}
}

func TestMetrics(t *testing.T) {
	s := newSite(t)
	reg := prometheus.NewRegistry()
	reg.MustRegister(&statusCollector{s.Service})
	families, err := reg.Gather()
	if err != nil || len(families) != 1 || len(families[0].GetMetric()) != 7 {
		t.Errorf("%v %v", families, err)
	}
}
