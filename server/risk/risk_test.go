package risk_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/risk"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// world knows a few things by name; their ids are the kind and the name.
type world struct{}

func (world) Named(_ context.Context, kind, ref string) (id, name string, ok bool, err error) {
	known := map[string][]string{
		"person": {"ann", "bob", "cleo"}, "system": {"doors", "heating"}, "site": {"north"}, "control": {"RSM-02"},
		"finding": {"f1"}, "device": {"lock-1"}, "record": {"r1"},
	}
	name = strings.TrimPrefix(strings.ToLower(ref), kind+"/")
	for _, k := range known[kind] {
		if strings.EqualFold(k, name) {
			return kind + "/" + k, k, true, nil
		}
	}
	return "", "", false, nil
}

type rig struct {
	*risk.Service
	t     testing.TB
	db    *store.DB
	bus   *bus.Bus
	clock *clock.Fake
}

func engines(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	storetest.Engines(t, func(t *testing.T, db *store.DB) { fn(t, newRig(t, db)) })
}

func newRig(t testing.TB, db *store.DB) *rig {
	t.Helper()
	r := &rig{t: t, db: db, bus: bustest.Open(t), clock: clock.NewFake(start)}
	s, err := risk.New(context.Background(), risk.Config{DB: db, Bus: r.bus, Events: r.bus, Audit: audittest.Open(t, db, r.bus, r.clock), Clock: r.clock, Log: slog.New(slog.DiscardHandler), World: world{}})
	if err != nil {
		t.Fatal(err)
	}
	r.Service = s
	return r
}

// as is a context in which a person acts.
func as(name string) context.Context {
	return access.With(context.Background(), access.Principal{Kind: access.Person, ID: "id-" + name, Name: name})
}

func sample() risk.Text {
	return risk.Text{
		Title: "Lock opens for anyone", Asset: "Front door lock", System: "doors", Scopes: []string{"network", "device"}, Threat: "Replay of an unlock command",
		Vulnerability: "Commands carry no counter", Likelihood: risk.High, Impact: risk.VeryHigh, Owner: "ann",
	}
}

func (r *rig) enter(change func(*risk.Text)) risk.Risk {
	r.t.Helper()
	text := sample()
	if change != nil {
		change(&text)
	}
	out, err := r.Enter(as("ann"), text)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

func (r *rig) must(out risk.Risk, err error) risk.Risk {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// refused fails the test unless err has the code and names every part.
func refused(t *testing.T, err error, code fleet.Code, parts ...string) {
	t.Helper()
	if fleet.CodeOf(err) != code {
		t.Errorf("error is %v, want %s", err, code)
		return
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not name %q", err, p)
		}
	}
}

func (r *rig) audited() (types []string) {
	r.t.Helper()
	for _, ev := range audittest.Recorded(r.t, r.db) {
		types = append(types, ev.Type)
	}
	return types
}

func TestLifeOfARisk(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		var mu sync.Mutex
		var heard []string
		stop, err := bus.Listen(r.bus, bus.TopicChanged, func(c bus.Changed) { mu.Lock(); heard = append(heard, c.Kind+" "+c.ID); mu.Unlock() })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		e := r.enter(nil)
		if e.Level != risk.VeryHigh || e.Decision != nil || e.State != risk.Open || !slices.Equal(e.Scopes, []string{"device", "network"}) {
			t.Fatalf("entered %+v", e)
		}
		d := r.must(r.Decide(as("bob"), e.ID, "", risk.Verdict{Decision: risk.Mitigate, Reason: "counter", ResidualLikelihood: risk.Low}))
		if d.Decision.Decider.Name != "bob" || d.Decision.ResidualLevel != risk.Moderate || !d.Decision.Ends.IsZero() {
			t.Errorf("decision is %+v", d.Decision)
		}
		r.must(r.AddMitigation(as("ann"), e.ID, "", risk.Task{Title: "Add a counter", Owner: "cleo", Due: start.AddDate(0, 1, 0)}))
		if page, err := r.List(as("ann"), risk.Filter{Limit: 10}); err != nil || page.Items[0].Remaining.Level != risk.VeryHigh {
			t.Errorf("what is only planned lowers the risk: %+v, %v", page.Items, err)
		}
		r.must(r.FinishMitigation(as("cleo"), e.ID, "", 1, "firmware 2.5 counts"))
		if page, err := r.List(as("ann"), risk.Filter{Limit: 10}); err != nil || page.Items[0].Remaining.Level != risk.Moderate || page.Items[0].Overdue {
			t.Errorf("a finished mitigation counts: %+v, %v", page.Items, err)
		}
		d = r.must(r.AddLink(as("ann"), e.ID, "", "control", "rsm-02"))
		if len(d.Links) != 1 || d.Links[0].ID != "control/RSM-02" {
			t.Errorf("links are %+v", d.Links)
		}
		again := r.must(r.AddLink(as("ann"), e.ID, "", "control", "RSM-02"))
		if again.Version != d.Version {
			t.Error("the same link again made a version")
		}
		r.must(r.RemoveLink(as("ann"), e.ID, "", "control", "control/RSM-02"))
		d = r.must(r.Close(as("bob"), e.ID, "", "locks replaced"))
		if d.State != risk.Closed || d.Version != 7 {
			t.Errorf("closed %+v", d)
		}
		want := []string{"risk.created", "risk.decided", "risk.changed", "risk.mitigated", "risk.changed", "risk.changed", "risk.closed"}
		if got := r.audited(); !slices.Equal(got, want) {
			t.Errorf("audit entries are %v, want %v", got, want)
		}
		_ = r.bus.Conn().Flush()
		mu.Lock()
		defer mu.Unlock()
		for _, h := range heard {
			if h != "risk "+e.ID {
				t.Errorf("heard %q", h)
			}
		}
	})
}

func TestWhoMayDecide(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		e := r.enter(func(x *risk.Text) { x.Owner = "cleo" })
		v := risk.Verdict{Decision: risk.Accept, Reason: "small", Ends: start.AddDate(0, 6, 0)}
		_, err := r.Decide(as("ann"), e.ID, "", v)
		refused(t, err, fleet.CodeForbidden, "ann entered, rated or owns", "another risk manager")
		_, err = r.Decide(as("cleo"), e.ID, "", v)
		refused(t, err, fleet.CodeForbidden, "cleo")
		machine := access.With(context.Background(), access.Principal{Kind: access.ServiceAccount, ID: "m", Name: "robot"})
		_, err = r.Decide(machine, e.ID, "", v)
		refused(t, err, fleet.CodeForbidden, "only a person")
		// Whoever rates it anew cannot decide either.
		text := sample()
		text.Likelihood, text.Owner = risk.VeryLow, "cleo"
		r.must(r.Change(as("bob"), e.ID, "", text))
		_, err = r.Decide(as("bob"), e.ID, "", v)
		refused(t, err, fleet.CodeForbidden, "bob")
		_, err = r.Close(as("bob"), e.ID, "", "gone")
		refused(t, err, fleet.CodeForbidden, "bob")
		if got := r.audited(); !slices.Equal(got, []string{"risk.created", "risk.changed"}) {
			t.Errorf("refusals left entries: %v", got)
		}
	})
}

func TestDecisionsEnd(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		e := r.enter(nil)
		for _, c := range []struct {
			v    risk.Verdict
			path string
		}{
			{risk.Verdict{Decision: risk.Accept, Reason: "x"}, "ends: is missing"},
			{risk.Verdict{Decision: risk.Defer, Reason: "x"}, "ends: is missing"},
			{risk.Verdict{Decision: risk.Accept, Reason: "x", Ends: start}, "ends: is past"},
			{risk.Verdict{Decision: risk.Accept, Reason: "x", Ends: start.AddDate(1, 0, 2)}, "ends: is too far ahead"},
			{risk.Verdict{Decision: risk.Mitigate, Reason: "x", Ends: start.AddDate(2, 0, 0)}, "ends: is too far ahead"},
			{risk.Verdict{Decision: "ignore", Reason: "x"}, "decision: want mitigate, defer or accept"},
			{risk.Verdict{Decision: risk.Mitigate, Reason: " "}, "reason: is missing"},
			{risk.Verdict{Decision: risk.Mitigate, Reason: "x", ResidualImpact: 9}, "residualImpact: want a level"},
			{risk.Verdict{Decision: risk.Mitigate, Reason: "x", ResidualLikelihood: risk.VeryHigh}, "residualLikelihood: is more"},
			{risk.Verdict{Decision: risk.Accept, Reason: "x", Ends: start.AddDate(0, 1, 0), ResidualImpact: risk.Low}, "residualImpact: is less"},
		} {
			_, err := r.Decide(as("bob"), e.ID, "", c.v)
			refused(t, err, fleet.CodeInvalid, c.path)
		}
		r.must(r.Decide(as("bob"), e.ID, "", risk.Verdict{Decision: risk.Accept, Reason: "until the exchange", Ends: start.AddDate(0, 6, 0)}))
		undecided := func() int {
			page, err := r.List(as("bob"), risk.Filter{Decision: "undecided", Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			return len(page.Items)
		}
		if undecided() != 0 {
			t.Error("an accepted risk counts as undecided")
		}
		r.clock.Set(start.AddDate(0, 6, 0))
		if undecided() != 1 {
			t.Error("a decision counts past its end")
		}
		m, err := r.Matrix(as("bob"), "", time.Time{})
		if err != nil || m.Undecided != 1 || m.Lapsed != 1 {
			t.Errorf("matrix is %+v, %v", m, err)
		}
	})
}

func TestAnotherRatingUndoesTheDecision(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		e := r.enter(nil)
		r.must(r.Decide(as("bob"), e.ID, "", risk.Verdict{Decision: risk.Mitigate, Reason: "x"}))
		text := sample()
		text.Title = "Lock opens for a replayed command"
		out := r.must(r.Change(as("ann"), e.ID, `"2"`, text))
		if out.Decision == nil {
			t.Error("another title undid the decision")
		}
		same := r.must(r.Change(as("ann"), e.ID, "", text))
		if same.Version != out.Version {
			t.Error("a change of nothing made a version")
		}
		stolen := text
		stolen.Owner = "Bob"
		_, err := r.Change(as("ann"), e.ID, "", stolen)
		refused(t, err, fleet.CodeInvalid, "owner: bob decided")
		text.Impact = risk.Low
		out = r.must(r.Change(as("cleo"), e.ID, "", text))
		if out.Decision != nil || out.Level != risk.Low || out.Rated.Name != "cleo" || out.Entered.Name != "ann" {
			t.Errorf("rated anew it is %+v", out)
		}
		_, err = r.Change(as("ann"), e.ID, `"2"`, sample())
		if err == nil || !strings.Contains(err.Error(), "changed by someone else") {
			t.Errorf("an old version was taken: %v", err)
		}
	})
}

func TestMitigationsAndTheirDates(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		e := r.enter(nil)
		for _, c := range []struct {
			task risk.Task
			path string
		}{
			{risk.Task{Title: "", Owner: "cleo", Due: start.AddDate(0, 0, 1)}, "title: is missing"},
			{risk.Task{Title: "x", Owner: "nobody", Due: start.AddDate(0, 0, 1)}, "owner: there is no person"},
			{risk.Task{Title: "x", Owner: "cleo", Due: start.AddDate(0, 0, -1)}, "due: is past"},
			{risk.Task{Title: "x", Owner: "cleo"}, "due: is missing"},
			{risk.Task{Title: "x", Owner: "cleo", Due: start.AddDate(9, 0, 0)}, "due: is too far ahead"},
		} {
			_, err := r.AddMitigation(as("ann"), e.ID, "", c.task)
			refused(t, err, fleet.CodeInvalid, c.path)
		}
		r.must(r.AddMitigation(as("ann"), e.ID, "", risk.Task{Title: "Counter", Owner: "cleo", Due: start.AddDate(0, 0, 7)}))
		r.clock.Set(start.AddDate(0, 0, 7))
		page, err := r.List(as("ann"), risk.Filter{Overdue: true, Limit: 10})
		if err != nil || len(page.Items) != 1 || !page.Items[0].Overdue {
			t.Errorf("overdue: %+v, %v", page, err)
		}
		for _, who := range []string{"ann", "cleo"} {
			_, err = r.MoveMitigation(as(who), e.ID, "", 1, start.AddDate(0, 0, 14), "late")
			refused(t, err, fleet.CodeForbidden, who)
		}
		out := r.must(r.MoveMitigation(as("bob"), e.ID, "", 1, start.AddDate(0, 0, 14), "parts are late"))
		if m := out.Mitigations[0]; len(m.Moved) != 1 || !m.Moved[0].From.Equal(start.AddDate(0, 0, 7)) || !m.Due.Equal(start.AddDate(0, 0, 14)) {
			t.Errorf("moved: %+v", m)
		}
		_, err = r.Close(as("bob"), e.ID, "", "done")
		refused(t, err, fleet.CodeConflict, "not finished")
		_, err = r.FinishMitigation(as("cleo"), e.ID, "", 2, "x")
		refused(t, err, fleet.CodeNotFound, "no mitigation 2")
		_, err = r.FinishMitigation(as("cleo"), e.ID, "", 1, "")
		refused(t, err, fleet.CodeInvalid, "outcome: is missing")
		r.must(r.FinishMitigation(as("cleo"), e.ID, "", 1, "done"))
		_, err = r.FinishMitigation(as("cleo"), e.ID, "", 1, "again")
		refused(t, err, fleet.CodeConflict, "was finished")
		r.must(r.Close(as("bob"), e.ID, "", "done"))
		_, err = r.AddMitigation(as("ann"), e.ID, "", risk.Task{Title: "x", Owner: "cleo", Due: start.AddDate(0, 1, 0)})
		refused(t, err, fleet.CodeConflict, "was closed")
	})
}

func TestBadEntries(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		for _, c := range []struct {
			change func(*risk.Text)
			parts  []string
		}{
			{func(x *risk.Text) { *x = risk.Text{} }, []string{"title: is missing", "asset:", "threat:", "owner:", "likelihood: want", "impact: want", "scopes: say which"}},
			{func(x *risk.Text) { x.Likelihood = 6 }, []string{"likelihood: want a level"}},
			{func(x *risk.Text) { x.Impact = -1 }, []string{"impact: want a level"}},
			{func(x *risk.Text) { x.Scopes = []string{"device", "moon"} }, []string{`scopes[1]: "moon" is no scope`}},
			{func(x *risk.Text) { x.System = "ghost" }, []string{`system: there is no system "ghost"`}},
			{func(x *risk.Text) { x.Site = "ghost" }, []string{`site: there is no site "ghost"`}},
			{func(x *risk.Text) { x.Owner = "ghost" }, []string{"owner: there is no person"}},
			{func(x *risk.Text) { x.Title = "a\x00b" }, []string{"title: holds characters"}},
			{func(x *risk.Text) { x.Title = "two\nlines" }, []string{"title: holds characters"}},
			{func(x *risk.Text) { x.Threat = strings.Repeat("x", 4001) }, []string{"threat: has 4001 characters"}},
			{func(x *risk.Text) { x.Asset = "\xff" }, []string{"asset:"}},
		} {
			text := sample()
			c.change(&text)
			_, err := r.Enter(as("ann"), text)
			refused(t, err, fleet.CodeInvalid, c.parts...)
		}
		if got := r.audited(); got != nil {
			t.Errorf("refused entries left %v", got)
		}
		_, err := r.One(as("ann"), "ghost")
		refused(t, err, fleet.CodeNotFound, "thingward risk list")
		for _, bad := range [][2]string{{"ghost", "x"}, {"control", "XXX-01"}, {"device", ""}} {
			_, err := r.AddLink(as("ann"), r.enter(nil).ID, "", bad[0], bad[1])
			refused(t, err, fleet.CodeInvalid)
		}
	})
}

func TestSafetyIsAScope(t *testing.T) {
	r := newRig(t, storetest.Open(t))
	if e := r.enter(func(x *risk.Text) { x.Safety = true }); !slices.Contains(e.Scopes, "safety") {
		t.Errorf("scopes are %v", e.Scopes)
	}
}
