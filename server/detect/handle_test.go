package detect_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/detect/detecttest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func named(ev fleet.Event) (fleet.Party, bool) {
	name, _ := ev.Data["account"].(string)
	return fleet.Party{Kind: "account", ID: name, Name: name}, name != ""
}

// logins is MSU-04 for these tests: five in a row in 30 minutes, ended by a success.
func logins() detect.Rule {
	return detect.Rule{
		ID: "MSU-04/test", Control: "MSU-04", Title: "Failed log-ins", Text: "Look.", Severity: fleet.High, Events: []string{"login.failed", "session.opened"},
		Key: named, Threshold: 5, Window: 30 * time.Minute, Resets: func(ev fleet.Event) bool { return ev.Type == "session.opened" },
	}
}

func duplicates() detect.Rule {
	return detect.Rule{
		ID: "TSP-03/test", Control: "TSP-03", Title: "Duplicate", Text: "Look.", Severity: fleet.Critical, Events: []string{"identity.duplicate"},
		Key: func(ev fleet.Event) (fleet.Party, bool) { return ev.Initiator, true }, Threshold: 1, Respond: true,
	}
}

func failed(b *detecttest.Bench, account string, ago time.Duration) fleet.Event {
	ev := b.Event("login.failed", fleet.Anonymous("192.0.2.1"), fleet.Server("access"), map[string]any{"surface": "api", "account": account, "reason": "wrong password"})
	ev.Time = ev.Time.Add(-ago)
	return ev
}

func opened(b *detecttest.Bench, account string, ago time.Duration) fleet.Event {
	ev := b.Event("session.opened", fleet.Party{Kind: "person", ID: "p", Name: account}, fleet.Server("access"), map[string]any{"method": "password", "session": "s", "account": account})
	ev.Time = ev.Time.Add(-ago)
	return ev
}

func duplicate(b *detecttest.Bench, device string) fleet.Event {
	return b.Event("identity.duplicate", fleet.Party{Kind: "device", ID: device, Name: "door-1"}, fleet.Server("broker"), map[string]any{"client": "c", "first": "192.0.2.1", "second": "192.0.2.2"})
}

func as(name string) context.Context {
	return access.With(context.Background(), access.Principal{Kind: access.Person, ID: id.New(), Name: name})
}

func TestOneAlertPerCrossing(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b := detecttest.Open(t, db, []detect.Rule{logins()})
		for range 4 {
			b.Feed(failed(b, "anna", 0))
		}
		b.Want(0, "after four")
		fifth := failed(b, "anna", 0)
		b.Feed(fifth)
		al := b.Want(1, "after five")[0]
		if al.Count != 5 || al.Subject.ID != "anna" || len(al.Events) != 5 || al.State != detect.Open || b.Recorded("alert.raised") != 1 {
			t.Errorf("%+v", al)
		}
		b.Feed(fifth)                // delivered again
		b.Feed(failed(b, "anna", 0)) // one more on the same alert
		if al = b.Want(1, "after six")[0]; al.Count != 6 || b.Recorded("alert.raised") != 1 {
			t.Errorf("after six: count %d, %d entries", al.Count, b.Recorded("alert.raised"))
		}
		b.Clock.Advance(time.Second)
		if _, err := b.CloseAlert(as("karl"), al.ID, "typing", "talked to anna"); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(time.Second)
		b.Feed(failed(b, "anna", 0), failed(b, "anna", 0), failed(b, "anna", 0), failed(b, "anna", 0))
		b.Want(0, "four after closing")
		b.Feed(failed(b, "anna", 0))
		if again := b.Want(1, "five after closing")[0]; again.ID == al.ID || again.Count != 5 {
			t.Errorf("%+v", again)
		}
	})
}

func TestEventsCountAtTheirOwnTime(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b := detecttest.Open(t, db, []detect.Rule{logins()})
		minutes := func(account string, ago ...int) {
			for _, m := range ago {
				b.Feed(failed(b, account, time.Duration(m)*time.Minute))
			}
		}
		minutes("spread", 31, 20, 15, 10, 0)
		b.Want(0, "five over 31 minutes")
		minutes("edge", 30, 20, 15, 10, 0)
		b.Want(1, "five over 30 minutes")
		minutes("late", 0, 200, 190, 195, 185, 180) // an offline device's events, in any order
		b.Want(2, "five late ones")
		minutes("reset", 20, 18, 16, 14)
		b.Feed(opened(b, "reset", 15*time.Minute)) // a late success splits what came before from what came after
		minutes("reset", 10)
		b.Want(2, "a late success between")
		minutes("reset", 17)
		b.Want(2, "four before the success")
		minutes("reset", 19)
		b.Want(3, "five before the success")
	})
}

func TestFutureAndForgottenTimes(t *testing.T) {
	b := detecttest.Open(t, storetest.Open(t), []detect.Rule{logins()})
	for i := range 5 {
		b.Feed(failed(b, "ahead", -time.Duration(i)*240*time.Hour)) // a clock that runs wild counts at arrival
	}
	b.Want(1, "events from the future")
	for range 4 {
		b.Feed(failed(b, "back", 0))
	}
	b.Clock.Advance(-72 * time.Hour) // the server's own clock was ahead, and is set right
	b.Restart()
	b.Feed(failed(b, "back", 0))
	b.Want(2, "the clock was set back")
}

// event is what the reference counter knows of an event.
type event struct {
	id    string
	at    time.Time
	reset bool
}

// reference counts by definition, without bounds, state or cleverness.
type reference struct {
	seen   map[string]bool
	events []event
	floor  time.Time
	open   bool
	count  int
	raised int
}

func (r *reference) take(e event) {
	if r.seen[e.id] || !e.at.After(r.floor) {
		return
	}
	r.seen[e.id] = true
	if r.open {
		if !e.reset {
			r.count++
		}
		return
	}
	r.events = append(r.events, e)
	slices.SortFunc(r.events, func(a, b event) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.id, b.id)) })
	for last := range r.events {
		for first := 0; first <= last; first++ {
			if n := r.within(first, last); n >= 5 {
				for last+1 < len(r.events) && r.within(first, last+1) > n {
					last, n = last+1, n+1
				}
				r.open, r.count, r.events = true, n, nil
				r.raised++
				return
			}
		}
	}
}

// within counts from first to last when nothing ends the sequence there and it fits the window, or is 0.
func (r *reference) within(first, last int) int {
	for _, e := range r.events[first : last+1] {
		if e.reset {
			return 0
		}
	}
	if r.events[last].at.Sub(r.events[first].at) > 30*time.Minute {
		return 0
	}
	return last - first + 1
}

func TestRandomOrderAgreesWithTheReference(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		rnd := rand.New(rand.NewPCG(seed, 1))
		b := detecttest.Open(t, db, []detect.Rule{logins()})
		refs := map[string]*reference{}
		for i := range 12 {
			refs[fmt.Sprint("account-", i)] = &reference{seen: map[string]bool{}}
		}
		var before [][]fleet.Event
		for range 220 {
			batch := randomBatch(b, rnd)
			if len(before) > 0 && rnd.IntN(6) == 0 {
				batch = before[rnd.IntN(len(before))] // not acknowledged: it comes again
			}
			before = append(before, batch)
			b.Feed(batch...)
			for _, ev := range batch {
				refs[ev.Data["account"].(string)].take(event{ev.ID, ev.Time.Truncate(time.Microsecond), ev.Type == "session.opened"})
			}
			if rnd.IntN(10) == 0 {
				b.Restart()
			}
			closeSome(b, rnd, refs)
			b.Clock.Advance(time.Duration(rnd.IntN(300)) * time.Second)
		}
		agree(t, b, refs)
	})
}

func randomBatch(b *detecttest.Bench, rnd *rand.Rand) (batch []fleet.Event) {
	for range 1 + rnd.IntN(9) {
		account := fmt.Sprint("account-", rnd.IntN(12))
		ago := time.Duration(rnd.IntN(5)) * time.Duration(rnd.IntN(900)) * time.Second
		if rnd.IntN(8) == 0 {
			batch = append(batch, opened(b, account, ago))
		} else {
			batch = append(batch, failed(b, account, ago))
		}
	}
	return batch
}

func closeSome(b *detecttest.Bench, rnd *rand.Rand, refs map[string]*reference) {
	b.Helper()
	for _, al := range b.Raised() {
		if rnd.IntN(12) != 0 {
			continue
		}
		closed, err := b.CloseAlert(as("karl"), al.ID, "test", "test")
		if err != nil {
			b.Fatal(err)
		}
		r := refs[al.Subject.ID]
		if al.Count != r.count {
			b.Fatalf("%s closed with %d, the reference has %d", al.Subject.ID, al.Count, r.count)
		}
		r.open, r.count, r.floor = false, 0, *closed.Closed
	}
}

func agree(t *testing.T, b *detecttest.Bench, refs map[string]*reference) {
	t.Helper()
	raised, total := map[string]int{}, 0
	for _, al := range b.All() {
		raised[al.Subject.ID]++
	}
	for _, al := range b.Raised() {
		if r := refs[al.Subject.ID]; !r.open || r.count != al.Count {
			t.Errorf("%s: alert counts %d, reference %+v", al.Subject.ID, al.Count, r)
		}
	}
	for name, r := range refs {
		total += r.raised
		if raised[name] != r.raised {
			t.Errorf("%s: %d alerts, the reference has %d", name, raised[name], r.raised)
		}
	}
	if total < 12 || b.Recorded("alert.raised") != total {
		t.Errorf("%d alerts in the reference, %d recorded", total, b.Recorded("alert.raised"))
	}
}

func TestInventedNamesPushOutTheLightest(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b := detecttest.Open(t, db, []detect.Rule{logins()}, func(c *detect.Config) { c.MaxSubjects = 20 })
		for range 4 {
			b.Feed(failed(b, "victim", 0))
		}
		for i := range 20 {
			var batch []fleet.Event
			for j := range 10 {
				batch = append(batch, failed(b, fmt.Sprintf("invented-%d-%d", i, j), 0))
			}
			b.Feed(batch...)
		}
		views, err := b.RuleViews(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if v := views[0]; v.Counted != 20 || v.Evicted != 181 {
			t.Errorf("%+v", v)
		}
		b.Feed(failed(b, "victim", 0))
		b.Want(1, "the one under attack is still counted")
	})
}

func TestManySubjectsShareOneFurtherAlert(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b := detecttest.Open(t, db, []detect.Rule{duplicates()}, func(c *detect.Config) { c.MaxOpen = 3 })
		var batch []fleet.Event
		for i := range 10 {
			batch = append(batch, duplicate(b, fmt.Sprint("d", i)))
		}
		b.Feed(batch...)
		b.Feed(duplicate(b, "d11"))
		all := b.Want(4, "ten subjects, three alerts")
		i := slices.IndexFunc(all, func(al *detect.Alert) bool { return al.Subject.Kind == "rule" })
		if i < 0 || all[i].Count != 8 {
			t.Errorf("%+v", all)
		}
	})
}

func TestHostileTextIsStored(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b := detecttest.Open(t, db, []detect.Rule{logins()})
		for range 5 {
			b.Feed(failed(b, "a\x00b\n\x1b[31m"+strings.Repeat("x", 5000), 0))
		}
		al := b.Want(1, "an account name full of control characters")[0]
		if strings.ContainsAny(al.Subject.Name, "\x00\n\x1b") || len(al.Subject.ID) > 220 {
			t.Errorf("%q", al.Subject)
		}
	})
}

func TestAPanickingRuleStopsNothing(t *testing.T) {
	bad := duplicates()
	bad.ID, bad.Key = "TSP-03/bad", func(fleet.Event) (fleet.Party, bool) { panic("fault") }
	b := detecttest.Open(t, storetest.Open(t), []detect.Rule{bad, duplicates()})
	b.Feed(duplicate(b, "d"))
	b.Want(1, "beside a rule that panics")
}

func TestClearing(t *testing.T) {
	silent := detect.Rule{
		ID: "SNT-10/test", Control: "SNT-10", Title: "Silent", Text: "Look.", Severity: fleet.Medium, Events: []string{"device.silent", "device.heard"}, Threshold: 1,
		Key:    func(ev fleet.Event) (fleet.Party, bool) { return ev.Receiver, true },
		Clears: func(ev fleet.Event) bool { return ev.Type == "device.heard" },
	}
	b := detecttest.Open(t, storetest.Open(t), []detect.Rule{silent})
	d := fleet.Party{Kind: "device", ID: "d"}
	heard := func() fleet.Event {
		return b.Event("device.heard", fleet.Server("telemetry"), d, map[string]any{"device": "d", "silentFor": 9})
	}
	b.Feed(heard())
	b.Want(0, "heard without having been silent")
	b.Feed(b.Event("device.silent", fleet.Server("telemetry"), d, map[string]any{"device": "d", "lastSeen": "", "limit": 60}))
	if al := b.Want(1, "silent")[0]; al.Cleared != nil {
		t.Errorf("cleared at %v", al.Cleared)
	}
	b.Clock.Advance(time.Minute)
	b.Feed(heard())
	if al := b.Want(1, "heard again: a person closes it")[0]; al.Cleared == nil || al.Count != 1 {
		t.Errorf("%+v", al)
	}
}

// TestAcrossRestarts sends events through the real stream while the engine is stopped and started at any moment.
func TestAcrossRestarts(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b := detecttest.Open(t, db, []detect.Rule{logins()})
		const accounts, each = 20, 7
		sent := make(chan error, 1)
		go func() {
			for i := range accounts * each {
				if err := b.Bus.Publish(failed(b, fmt.Sprint("account-", i%accounts), 0)); err != nil {
					sent <- err
					return
				}
				if err := b.Bus.Flush(context.Background()); err != nil {
					sent <- err
					return
				}
			}
			sent <- nil
		}()
		done := func() bool {
			n := 0
			for _, al := range b.Raised() {
				n += al.Count
			}
			return n >= accounts*each
		}
		for run := 0; !done(); run++ {
			ctx, stop := context.WithCancel(context.Background())
			moment := time.AfterFunc(time.Duration(20+run*10)*time.Millisecond, stop)
			if err := b.Run(ctx); err != nil {
				t.Fatal(err)
			}
			moment.Stop()
			stop()
			b.Restart()
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		for _, al := range b.Want(accounts, "after many restarts") {
			if al.Count != each {
				t.Errorf("%s: %d, want %d", al.Subject.ID, al.Count, each)
			}
		}
	})
}

func BenchmarkHandle(bm *testing.B) {
	db := storetest.Open(bm)
	b := detecttest.Open(bm, db, []detect.Rule{logins(), duplicates()})
	batches := make([][]fleet.Event, bm.N)
	for i := range batches {
		for j := range 512 {
			if j%8 == 0 {
				batches[i] = append(batches[i], failed(b, fmt.Sprint("account-", (i*512+j)%5000), 0))
				continue
			}
			batches[i] = append(batches[i], b.Event("connection.opened", fleet.Party{Kind: "device", ID: fmt.Sprint(j)}, fleet.Server("broker"), map[string]any{"protocol": "mqtt", "client": "c"}))
		}
	}
	bm.ResetTimer()
	for _, batch := range batches {
		if err := b.Handle(context.Background(), batch); err != nil {
			bm.Fatal(err)
		}
	}
	bm.ReportMetric(float64(bm.N*512)/bm.Elapsed().Seconds(), "events/s")
}
