package people_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// devices stands for package registry.
type devices struct {
	all     []fleet.Device
	batches int
	broken  bool
}

// EveryDevice hands over what changed, in batches of 500.
func (d *devices) EveryDevice(_ *store.Tx, since time.Time, fn func([]fleet.Device) error) error {
	for batch := range slices.Chunk(d.all, 500) {
		var changed []fleet.Device
		for _, each := range batch {
			if !each.Changed.Before(since) {
				changed = append(changed, each)
			}
		}
		if len(changed) == 0 {
			continue
		}
		d.batches++
		if err := fn(changed); err != nil {
			return err
		}
	}
	return nil
}

// Reject suspends.
func (d *devices) Reject(_ context.Context, _ *store.Tx, deviceID, _ string) error {
	if d.broken {
		return errors.New("the registry is gone")
	}
	for i := range d.all {
		if d.all[i].ID == deviceID {
			d.all[i].State = fleet.Suspended
		}
	}
	return nil
}

// enrol adds devices of a type at a site.
func (w *world) enrol(n int, typ, site string) {
	for i := range n {
		w.fleet.all = append(w.fleet.all, fleet.Device{
			ID: id.New(), Name: fmt.Sprintf("%s-%s-%04d", typ, site, i), Type: typ, Site: site, State: fleet.Active, Created: w.clock.Now(), Changed: w.clock.Now(),
		})
	}
}

func (w *world) retire(name string) {
	for i := range w.fleet.all {
		if w.fleet.all[i].Name == name {
			w.fleet.all[i].State, w.fleet.all[i].Changed = fleet.Retired, w.clock.Now()
		}
	}
}

// names lists what a page of lines holds.
func (a answer) names() (out []string) {
	for _, l := range a.json["items"].([]any) {
		out = append(out, l.(map[string]any)["name"].(string))
	}
	return out
}

func (w *world) counts(review string) string {
	w.t.Helper()
	return fmt.Sprint(w.ok("GET", "/reviews/"+review, w.token, "").json["counts"])
}

func TestDevicesAreLines(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w, _, review := reviewed(t, db)
		w.enrol(1203, "lock", "hall-1")
		w.enrol(2, "lock", "yard")
		w.enrol(1, "meter", "yard")
		w.retire("lock-hall-1-0000")
		path := "/reviews/" + review
		if got := w.counts(review); got != "map[accounts:1208 devices:1205 disabled:0 kept:0 rejected:0 undecided:1208]" {
			t.Error(got)
		}
		for query, want := range map[string]string{
			"?kind=person": "[anna bert]", "?kind=device&site=yard": "[lock-yard-0000 lock-yard-0001 meter-yard-0000]", "?type=meter": "[meter-yard-0000]",
			"?q=YARD-0001": "[lock-yard-0001]", "?q=a%25": "[]", "?decided=keep": "[]", "?kind=service&decided=none": "[mailer]",
		} {
			if got := fmt.Sprint(w.ok("GET", path+"/lines"+query, w.token, "").names()); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
		var all []string
		for after := ""; ; {
			a := w.ok("GET", path+"/lines?limit=500&after="+after, w.token, "")
			if after == "" && a.json["total"] != 1208.0 {
				t.Errorf("total %v", a.json["total"])
			}
			all = append(all, a.names()...)
			next, more := a.json["next"].(string)
			if !more {
				break
			}
			after = next
		}
		if slices.Sort(all); len(all) != 1208 || len(slices.Compact(all)) != 1208 {
			t.Errorf("%d lines", len(all))
		}
		w.refused(422, "kind", "GET", path+"/lines?kind=robot", w.token, "")
		w.refused(422, "cannot be shown", "GET", path+"/lines?q=%00", w.token, "")
		w.refused(404, "no access review", "GET", "/reviews/nope/lines", w.token, "")

		w.clock.Advance(time.Hour)
		w.counts(review)
		w.enrol(1, "late", "yard")
		w.retire("meter-yard-0000")
		before := w.fleet.batches
		if got := w.counts(review); got != "map[accounts:1209 devices:1206 disabled:1 kept:0 rejected:0 undecided:1208]" {
			t.Error(got)
		}
		if n := w.fleet.batches - before; n != 1 {
			t.Errorf("%d batches were looked at for what changed in one", n)
		}
		w.refused(409, "1208 accounts are undecided", "POST", path+"/close", w.token, "")
	})
}

func TestDevicesAreDecided(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w, bert, review := reviewed(t, db)
		w.enrol(3, "lock", "hall-1")
		w.enrol(2, "meter", "yard")
		path := "/reviews/" + review
		decide := func(token, body string) answer { return w.ok("POST", path+"/decide", token, body) }
		refused := func(status int, says, body string) {
			t.Helper()
			w.refused(status, says, "POST", path+"/decide", w.token, body)
		}
		w.counts(review)
		if a := decide(w.token, `{"account":"lock-hall-1-0001","decision":"reject","reason":"nobody knows it"}`); a.json["state"] != "suspended" || a.json["kind"] != "device" || w.fleet.all[1].State != fleet.Suspended {
			t.Errorf("%s", a.Body)
		}
		refused(409, "resume it first", `{"account":"lock-hall-1-0001","decision":"keep","reason":"after all"}`)
		refused(422, "one by one", `{"filter":{"kind":"device"},"decision":"reject","reason":"x"}`)
		refused(422, "filter", `{"filter":{"kind":"person"},"decision":"keep","reason":"x"}`)
		refused(422, "an account or a filter", `{"decision":"keep","reason":"x"}`)
		refused(422, "an account or a filter", `{"account":"bert","filter":{"kind":"device"},"decision":"keep","reason":"x"}`)
		refused(422, "reason", `{"filter":{"kind":"device"},"decision":"keep","reason":" "}`)
		refused(409, "no undecided device", `{"filter":{"kind":"device","type":"robot"},"decision":"keep","reason":"x"}`)
		if a := decide(w.token, `{"filter":{"kind":"device","type":"meter","site":"yard"},"decision":"keep","reason":"counted on site"}`); a.json["devices"] != 2.0 || a.json["name"] != nil {
			t.Errorf("%s", a.Body)
		}
		for i, kept := range map[int]bool{1: false, 2: false, 3: true, 4: true} { // rejected, undecided, kept by the filter
			if at, err := w.reviews.Kept(context.Background(), w.fleet.all[i].ID); err != nil || kept != at.Equal(w.clock.Now()) || kept == at.IsZero() {
				t.Errorf("device %d last kept at %s, %v", i, at, err)
			}
		}
		if got := w.counts(review); got != "map[accounts:8 devices:5 disabled:0 kept:2 rejected:1 undecided:5]" {
			t.Error(got)
		}
		if a := decide(w.token, `{"filter":{"kind":"device"},"decision":"keep","reason":"in use"}`); a.json["devices"] != 2.0 {
			t.Errorf("what was rejected was kept: %s", a.Body)
		}
		decide(w.token, `{"account":"bert","decision":"keep","reason":"x"}`)
		decide(w.token, `{"account":"mailer","decision":"keep","reason":"x"}`)
		decide(bert, `{"account":"anna","decision":"keep","reason":"x"}`)
		w.clock.Advance(time.Minute)
		w.enrol(1, "late", "yard")
		if a := w.do("POST", path+"/close", w.token, ""); a.Code != 409 || !strings.Contains(fmt.Sprint(a.problem.Errors), "device late-yard-0000") {
			t.Errorf("%s", a.Body)
		}
		w.counts(review)
		w.retire("late-yard-0000")
		done := w.ok("POST", path+"/close", w.token, "")
		if got := fmt.Sprint(done.json["state"], done.json["counts"]); got != "closedmap[accounts:9 devices:6 disabled:1 kept:7 rejected:1 undecided:0]" {
			t.Error(got)
		}
		w.enrol(1, "after", "yard")
		if got := w.ok("GET", path+"/lines?kind=device&q=after", w.token, "").names(); len(got) != 0 {
			t.Errorf("a closed review grew: %v", got)
		}
		refused(409, "closed", `{"filter":{"kind":"device"},"decision":"keep","reason":"x"}`)
		var counted []any
		for _, ev := range audittest.Recorded(t, db) {
			if n, bulk := ev.Data["devices"]; bulk && ev.Type == "review.decided" {
				counted = append(counted, n)
			}
		}
		if got := fmt.Sprint(counted); got != "[2 2]" {
			t.Error(got)
		}
	})
}

// A rejection that cannot suspend the device decides nothing.
func TestDeviceRejectionIsWholeOrNothing(t *testing.T) {
	w, _, review := reviewed(t, storetest.Open(t))
	w.enrol(1, "lock", "yard")
	w.fleet.broken = true
	if a := w.do("POST", "/reviews/"+review+"/decide", w.token, `{"account":"lock-yard-0000","decision":"reject","reason":"x"}`); a.Code < 500 {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	if got := w.counts(review); !strings.Contains(got, "rejected:0 undecided:4") {
		t.Error(got)
	}
}

// What a name means must not depend on the order in which it is looked up.
func TestSharedNameIsRefused(t *testing.T) {
	w, _, review := reviewed(t, storetest.Open(t))
	w.fleet.all = []fleet.Device{{ID: id.New(), Name: "mailer", Type: "lock", State: fleet.Active, Created: w.clock.Now(), Changed: w.clock.Now()}}
	w.refused(409, "give the id", "POST", "/reviews/"+review+"/decide", w.token, `{"account":"mailer","decision":"reject","reason":"x"}`)
	w.ok("POST", "/reviews/"+review+"/decide", w.token, fmt.Sprintf(`{"account":%q,"decision":"reject","reason":"x"}`, w.fleet.all[0].ID))
	if a := w.ok("GET", "/accounts/mailer", w.token, ""); a.json["state"] != "active" {
		t.Errorf("%s", a.Body)
	}
}

// The log says of each decision which kind of subject it is about and which; one over many devices names none, and what it chose.
func TestLogNamesSubjects(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w, bert, review := reviewed(t, db)
		w.enrol(2, "lock", "yard")
		path := "/reviews/" + review
		for _, body := range []string{
			`{"account":"mailer","decision":"keep","reason":"x"}`, `{"account":"lock-yard-0000","decision":"reject","reason":"x"}`,
			`{"filter":{"kind":"device","type":"lock"},"decision":"keep","reason":"x"}`, `{"account":"anna","decision":"keep","reason":"x"}`,
		} {
			w.ok("POST", path+"/decide", bert, body)
		}
		w.ok("POST", path+"/decide", w.token, `{"account":"bert","decision":"keep","reason":"x"}`)
		w.ok("POST", path+"/close", w.token, "")
		var got []string
		for _, ev := range audittest.Recorded(t, db) {
			if !strings.HasPrefix(ev.Type, "review.") {
				continue
			}
			for key, value := range ev.Data {
				if value == "" {
					t.Errorf("%s: %s is empty", ev.Type, key)
				}
			}
			delete(ev.Data, "due")
			if id, named := ev.Data["subjectId"]; named && id == "" {
				t.Errorf("%v", ev.Data)
			}
			for _, key := range []string{"review", "subjectId", "reason", "title"} {
				delete(ev.Data, key)
			}
			got = append(got, fmt.Sprint(ev.Type, ev.Data))
		}
		slices.Sort(got)
		want := []string{
			"review.closedmap[devices:2 disabled:0 kept:4 rejected:1]",
			"review.decidedmap[account:anna decision:keep subject:anna subjectKind:person]",
			"review.decidedmap[account:bert decision:keep subject:bert subjectKind:person]",
			"review.decidedmap[account:mailer decision:keep subject:mailer subjectKind:service]",
			"review.decidedmap[decision:keep devices:1 subjectKind:device type:lock]",
			"review.decidedmap[decision:reject subject:lock-yard-0000 subjectKind:device]",
			"review.openedmap[accounts:3 devices:0]",
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// Whoever else looks at a review hears of each step, once it is in the log, and of nothing that was refused.
func TestStepsAreAnnounced(t *testing.T) {
	b := bustest.Open(t)
	w := open(t, storetest.Open(t), b)
	changed := make(chan string, 10)
	stop, err := bus.Listen(b, bus.TopicChanged, func(c bus.Changed) {
		if c.Kind == "review" {
			changed <- c.ID
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	live := make(chan string, 10)
	if stop, err = bus.Listen(b, "live", func(m api.LiveMessage) {
		if m.Kind == "review" && m.Need == access.AccountRead {
			live <- string(m.Data)
		}
	}); err != nil {
		t.Fatal(err)
	}
	defer stop()
	w.ok("POST", "/accounts", w.token, `{"name":"mailer","kind":"service","roles":["application"]}`)
	review := w.ok("POST", "/reviews", w.token, `{"title":"Yearly","due":"2026-12-01T00:00:00Z"}`).json["id"].(string)
	w.refused(409, "own account", "POST", "/reviews/"+review+"/decide", w.token, `{"account":"anna","decision":"keep","reason":"x"}`)
	w.ok("POST", "/reviews/"+review+"/decide", w.token, `{"account":"mailer","decision":"keep","reason":"x"}`)
	w.ok("POST", "/reviews", w.token, `{"title":"Last","due":"2026-12-01T00:00:00Z"}`)
	for range 2 {
		if id, said := <-changed, <-live; id != review || said != `{"id":"`+review+`"}` {
			t.Errorf("heard of %s and %s, want %s", id, said, review)
		}
	}
	if <-changed == review {
		t.Error("what was refused was announced")
	}
}
