package detect_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/detect/detecttest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// anybody lets everybody in as karl.
type anybody struct{}

func (anybody) Authenticate(*http.Request) (access.Principal, error) {
	return access.Principal{Kind: access.Person, ID: id.New(), Name: "karl"}, nil
}

func (anybody) Decide(context.Context, access.Principal, access.Permission, access.Resource) access.Decision {
	return access.Decision{Allowed: true}
}

type client struct {
	*testing.T
	r *api.Router
}

func newClient(t *testing.T, b *detecttest.Bench) *client {
	t.Helper()
	r, err := api.New(api.Config{Version: "test", Auth: anybody{}, Policy: anybody{}, Events: b.Bus, Bus: b.Bus, Clock: b.Clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b.Routes(r)
	return &client{t, r}
}

// call sends a request and decodes the answer into out; it fails unless the status is want.
func (c *client) call(want int, method, path string, in, out any) string {
	c.Helper()
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			c.Fatal(err)
		}
	}
	req := httptest.NewRequestWithContext(c.Context(), method, api.Prefix+path, &body)
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.r.ServeHTTP(w, req)
	if w.Code != want {
		c.Fatalf("%s %s: %d, want %d: %s", method, path, w.Code, want, w.Body)
	}
	if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			c.Fatalf("%s %s: %v: %s", method, path, err, w.Body)
		}
	}
	return w.Body.String()
}

type object = map[string]any

func TestAlertsOverHTTP(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b := detecttest.Open(t, db, []detect.Rule{duplicates(), logins()})
		c := newClient(t, b)
		for i := range 5 {
			b.Feed(duplicate(b, fmt.Sprint("d", i)))
			b.Clock.Advance(time.Second)
		}
		var page api.Page[detect.Alert]
		c.call(200, "GET", "/alerts?limit=2", nil, &page)
		if len(page.Items) != 2 || *page.Total != 5 || page.Items[0].Subject.ID != "d4" {
			t.Fatalf("%+v", page)
		}
		var seen []string
		for next := ""; ; {
			page = api.Page[detect.Alert]{}
			c.call(200, "GET", "/alerts?limit=2&state=open,acknowledged&severity=critical&rule=TSP-03&after="+url.QueryEscape(next), nil, &page)
			for _, al := range page.Items {
				seen = append(seen, al.Subject.ID)
			}
			if next = page.Next; next == "" {
				break
			}
		}
		if !slices.Equal(seen, []string{"d4", "d3", "d2", "d1", "d0"}) {
			t.Errorf("%v", seen)
		}
		one := "/alerts/" + b.Raised()[0].ID
		var al detect.Alert
		c.call(200, "POST", one+"/ack", object{}, &al)
		if al.State != detect.Acknowledged || al.Owner != "karl" || al.Acknowledged == nil {
			t.Errorf("%+v", al)
		}
		c.call(409, "POST", one+"/ack", object{}, nil)
		for _, body := range []object{{}, {"cause": "c"}, {"cause": " ", "remedy": "r"}, {"cause": "c", "remedy": strings.Repeat("x", 2001)}} {
			c.call(422, "POST", one+"/close", body, nil)
		}
		c.call(200, "POST", one+"/close", object{"cause": "cloned card", "remedy": "new key"}, &al)
		if al.State != detect.Closed || al.Cause != "cloned card" || al.Remedy != "new key" || al.ClosedBy != "karl" || al.Closed == nil {
			t.Errorf("%+v", al)
		}
		c.call(409, "POST", one+"/close", object{"cause": "c", "remedy": "r"}, nil)
		c.call(409, "POST", one+"/ack", object{}, nil)
		c.call(200, "GET", "/alerts?state=closed&q=DUPL&subject=d0", nil, &page)
		if len(page.Items) != 1 || *page.Total != 1 {
			t.Errorf("%+v", page)
		}
		if b.Recorded("alert.raised") != 5 || b.Recorded("alert.acknowledged") != 1 || b.Recorded("alert.closed") != 1 {
			t.Error("a move has no entry, or one too many")
		}
		c.call(404, "GET", "/alerts/"+id.New(), nil, nil)
		c.call(404, "GET", "/alerts/a%00b", nil, nil)
		c.call(404, "POST", "/alerts/nothing/ack", object{}, nil)
		c.call(422, "GET", "/alerts?state=lost", nil, nil)
		c.call(422, "GET", "/alerts?q=%00", nil, nil)
	})
}

func TestEventsOverHTTP(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		place := places{}
		b := detecttest.Open(t, db, []detect.Rule{logins()}, func(c *detect.Config) { c.Entries = place })
		c := newClient(t, b)
		var all []string
		for i := range 6 {
			ev := failed(b, "anna", 0)
			if i%2 == 0 {
				ev = duplicate(b, "door-100%")
			}
			all = append([]string{ev.ID}, all...)
			place[ev.ID] = int64(i)
			b.Feed(ev)
			b.Clock.Advance(time.Minute)
		}
		var seen []string
		for next := ""; ; {
			var page api.Page[detect.EventItem]
			c.call(200, "GET", "/events?limit=4&after="+url.QueryEscape(next), nil, &page)
			for _, ev := range page.Items {
				seen = append(seen, ev.ID)
				if ev.Entry == nil || *ev.Entry != place[ev.ID] {
					t.Errorf("%s: entry %v", ev.ID, ev.Entry)
				}
			}
			if next = page.Next; next == "" {
				break
			}
		}
		if !slices.Equal(seen, all) {
			t.Errorf("%v, want %v", seen, all)
		}
		for query, want := range map[string]int{
			"type=login.failed": 3, "type=login.failed,identity.duplicate": 6, "severity=medium": 3, "subject=door-100%25": 3, "q=DOOR-100%25": 3, "q=_": 0, "q=192.0.2.1": 3,
			"from=2026-11-22T12:04:00Z": 2, "to=2026-11-22T12:00:00Z": 1, "subject=nobody": 0,
		} {
			var page api.Page[detect.EventItem]
			if c.call(200, "GET", "/events?"+query, nil, &page); len(page.Items) != want {
				t.Errorf("%s: %d events, want %d", query, len(page.Items), want)
			}
		}
		var ocsf api.Page[object]
		if c.call(200, "GET", "/events?format=ocsf&limit=1", nil, &ocsf); ocsf.Items[0]["class_uid"] != float64(3002) || ocsf.Next == "" {
			t.Errorf("%v", ocsf)
		}
		for _, query := range []string{"type=no.such", "severity=bad", "from=now", "format=cef", "after=zzz", "limit=0"} {
			c.call(422, "GET", "/events?"+query, nil, nil)
		}
		var types api.Page[fleet.EventType]
		if c.call(200, "GET", "/event-types", nil, &types); len(types.Items) != len(fleet.EventTypes) {
			t.Errorf("%d types", len(types.Items))
		}
	})
}

// places is an audit log that knows where events are.
type places map[string]int64

func (p places) Indexes(_ context.Context, ids []string) (map[string]int64, error) {
	found := map[string]int64{}
	for _, one := range ids {
		found[one] = p[one]
	}
	return found, nil
}

func TestRoutesAndRulesOverHTTP(t *testing.T) {
	b := detecttest.Open(t, storetest.Open(t), []detect.Rule{logins(), duplicates()})
	c := newClient(t, b)
	setting := object{"rules": []object{{"id": "MSU-04/test", "threshold": 3, "window": 600}}}
	if said := c.call(422, "PUT", "/rules", setting, nil); !strings.Contains(said, "a threshold needs a route") {
		t.Errorf("%s", said)
	}
	routes := object{"routes": []object{{"name": "pager", "kind": "webhook", "url": "https://pager.example/in", "severity": "medium", "secret": hookSecret}}}
	if said := c.call(200, "PUT", "/routes", routes, nil); strings.Contains(said, hookSecret) || !strings.Contains(said, `"hasSecret":true`) {
		t.Errorf("%s", said)
	}
	if said := c.call(200, "GET", "/routes", nil, nil); strings.Contains(said, hookSecret) || !strings.Contains(said, "pager.example") {
		t.Errorf("%s", said)
	}
	c.call(200, "PUT", "/rules", setting, nil)
	var page api.Page[detect.RuleView]
	if c.call(200, "GET", "/rules", nil, &page); len(page.Items) != 2 || page.Items[0].Threshold != 3 || page.Items[0].Window != 600 || page.Items[1].Routes[0] != "pager" {
		t.Errorf("%+v", page)
	}
	c.call(409, "PUT", "/routes", object{"routes": []object{}}, nil)
	c.call(422, "PUT", "/routes", object{"routes": []object{{"name": "x"}}}, nil)
	c.call(422, "PUT", "/rules", object{"rules": []object{{"id": "MSU-04/test", "threshold": 501, "window": 600}}}, nil)
}

func TestConcurrentClosingHappensOnce(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b := detecttest.Open(t, db, []detect.Rule{duplicates()})
		b.Feed(duplicate(b, "d"))
		al := b.Raised()[0]
		var wait sync.WaitGroup
		results := make([]error, 8)
		for i := range results {
			wait.Go(func() { _, results[i] = b.CloseAlert(as(fmt.Sprint("p", i)), al.ID, "c", "r") })
		}
		wait.Wait()
		done := 0
		for _, err := range results {
			switch {
			case err == nil:
				done++
			case fleet.CodeOf(err) != fleet.CodeConflict:
				t.Error(err)
			}
		}
		if done != 1 || b.Recorded("alert.closed") != 1 {
			t.Errorf("closed %d times", done)
		}
	})
}

func TestPruning(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b := detecttest.Open(t, db, []detect.Rule{logins()}, func(c *detect.Config) { c.MaxEvents = 10 })
		left := func() int {
			if err := b.Prune(context.Background()); err != nil {
				t.Fatal(err)
			}
			all, err := b.Events(context.Background(), detect.EventFilter{Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			return len(all)
		}
		for range 15 {
			b.Clock.Advance(time.Second)
			b.Feed(failed(b, "", 0))
		}
		b.Feed(failed(b, "anna", 0))
		if n := left(); n != 10 {
			t.Errorf("%d events of 16, want the newest 10", n)
		}
		b.Clock.Advance(29*24*time.Hour + 12*time.Hour)
		if n := left(); n != 10 {
			t.Errorf("%d events after 29 days", n)
		}
		b.Clock.Advance(24 * time.Hour)
		if n := left(); n != 0 {
			t.Errorf("%d events after a month", n)
		}
		if views, err := b.RuleViews(context.Background()); err != nil || views[0].Counted != 0 || views[0].Evicted != 0 {
			t.Errorf("%+v, %v", views, err)
		}
	})
}

func TestWhatIsShown(t *testing.T) {
	r := newReceiver(t, http.StatusOK)
	registry := prometheus.NewRegistry()
	var mu sync.Mutex
	shown := map[string]int{}
	b := detecttest.Open(t, storetest.Open(t), []detect.Rule{duplicates()}, trusting(r.Certificate()), func(c *detect.Config) {
		c.Metrics = registry
		c.Live = func(kind string, need access.Permission, _ any) {
			mu.Lock()
			defer mu.Unlock()
			shown[kind+" "+string(need)]++
		}
	})
	setRoutes(b, hook("pager", r.URL))
	var flood []fleet.Event
	for range 200 {
		flood = append(flood, duplicate(b, "d"))
	}
	b.Feed(flood...)
	deliver(b)
	if shown["event event:read"] != 100 || shown["alert alert:read"] != 2 {
		t.Errorf("%v", shown)
	}
	if n := testutil.CollectAndCount(registry, "thingward_detect_alerts_total"); n != 1 {
		t.Errorf("%d series", n)
	}
	want := `# HELP thingward_detect_events_total Events handled, each once.
# TYPE thingward_detect_events_total counter
thingward_detect_events_total 200
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "thingward_detect_events_total"); err != nil {
		t.Error(err)
	}
	open, err := b.OpenAlerts(context.Background())
	if err != nil || open["critical"] != 1 {
		t.Errorf("%v, %v", open, err)
	}
	standings, err := b.Standings(context.Background())
	if err != nil || len(standings) != 1 || !standings[0].LastOK.Equal(b.Clock.Now()) || !standings[0].LastError.IsZero() {
		t.Errorf("%+v, %v", standings, err)
	}
}

// BenchmarkDelay measures from the publishing of the fifth failure to its alert, over the real event stream.
func BenchmarkDelay(bm *testing.B) {
	raised := make(chan struct{}, 1)
	b := detecttest.Open(bm, storetest.Open(bm), []detect.Rule{logins()}, func(c *detect.Config) {
		c.Live = func(kind string, _ access.Permission, _ any) {
			if kind == "alert" {
				raised <- struct{}{}
			}
		}
	})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	var delays []time.Duration
	for i := range bm.N {
		for range 4 {
			if err := b.Bus.Publish(failed(b, fmt.Sprint("account-", i), 0)); err != nil {
				bm.Fatal(err)
			}
		}
		start := time.Now()
		if err := b.Bus.Publish(failed(b, fmt.Sprint("account-", i), 0)); err != nil {
			bm.Fatal(err)
		}
		<-raised
		delays = append(delays, time.Since(start))
	}
	slices.Sort(delays)
	bm.ReportMetric(float64(delays[len(delays)*99/100].Microseconds())/1000, "p99-ms")
	stop()
	if err := <-ended; err != nil {
		bm.Error(err)
	}
}
