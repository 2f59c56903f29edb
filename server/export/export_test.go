package export_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/export"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

var now = time.Date(2026, 11, 22, 18, 30, 0, 0, time.UTC)

// fleetOf is a made-up installation: readers over numbers, the same for the same size. Every hostile text that a device or a
// person might choose is in it.
type fleetOf struct {
	devices  int
	findings int
}

// hostile begins like formulas, steers terminals, breaks XML, lines and scripts.
var hostile = []string{
	`=HYPERLINK("http://evil.example","click")`, "+1+1", "-2+3", "@SUM(A1:A9)", "\t=1+1", "quo\"ted, with comma", "line\nbreak", "<b>&amp;</b>", "bell\x07 and \x1b[31mred", "Grüße, Ελλάδα, Россия, 设备 🔒", "|calc", "plain",
}

var statuses = []string{"pass", "fail", "stale", "unknown", "not-assessed", "not-applicable", "excepted", "pass"}

func (f fleetOf) control(n int) export.Control {
	domain := string([]byte{'A' + byte(n/8%26), 'B', 'C'})
	id := fmt.Sprintf("%s-%02d", domain, n%8+1)
	c := export.Control{
		ID: id, Key: "csa-iot-v1/" + id, Domain: domain, DomainName: "Domain " + domain, Title: "Every device does what control " + id + " says", Statement: "What must be true for " + id + ".", Status: statuses[n%len(statuses)],
		Since: now.Add(-time.Duration(n) * time.Hour), Reason: hostile[n%len(hostile)], Modes: []string{"measured", "enforced"}, Layers: []string{"device"}, FailsWhen: "A device does not.", ClearsWhen: "Every device does.",
	}
	c.Excepted = c.Status == "excepted"
	if c.Status == "not-assessed" {
		c.Missing, c.Since = "Needs something.", time.Time{}
	}
	for o := range 3 {
		key := fmt.Sprintf("obligation-%d", o)
		c.Obligations = append(c.Obligations, export.Obligation{Key: key, Mode: "measured", Text: "Part " + key + " holds.", Status: c.Status})
		if o < 2 && c.Status != "not-assessed" {
			c.Checks = append(c.Checks, export.Check{ID: id + "/" + key, Title: "Check of " + key, Obligation: key, Reads: "inventory", Subject: "device", Status: c.Status, Reason: "counted", Pass: f.devices - 1, Fail: 1, Observed: now.Add(-time.Minute), ValidUntil: now.Add(time.Hour)})
		}
	}
	return c
}

// Snapshot is 160 controls.
func (f fleetOf) Snapshot(_ context.Context, at time.Time) (export.Snapshot, error) {
	s := export.Snapshot{At: now, Past: !at.IsZero()}
	if s.Past {
		s.At = at
	}
	for n := range 160 {
		s.Controls = append(s.Controls, f.control(n))
	}
	fr := export.Framework{ID: "owasp-iot-2018", Name: "OWASP IoT Top 10 2018", Provenance: "product"}
	for i := range 10 {
		item := export.Item{ID: fmt.Sprintf("I%d", i+1), Name: "Item number " + fmt.Sprint(i+1)}
		for n := i; n < 160; n += 7 + i {
			item.Controls = append(item.Controls, export.Mapping{Control: s.Controls[n].ID, Relation: "supports", Why: "it does"})
		}
		fr.Items = append(fr.Items, item)
	}
	s.Frameworks = []export.Framework{fr}
	for d := range 60 {
		pass := 30 + float64(d)*0.4
		p := export.Point{At: now.AddDate(0, 0, d-60), Pass: &pass, Coverage: 50 + float64(d)*0.3}
		if d > 20 && d < 25 {
			p.Pass = nil
		}
		s.Trend = append(s.Trend, p)
	}
	return s, nil
}

// Findings makes as many as there are.
func (f fleetOf) Findings(ctx context.Context, _ time.Time, fn func(export.Finding) error) error {
	severities := []string{"low", "medium", "high", "critical"}
	for n := range f.findings {
		c := f.control(1 + 8*(n%20))
		x := export.Finding{
			ID: fmt.Sprintf("0193%08x-0000-7000-8000-%012x", n, n), Control: c.ID, Check: c.Checks[0].ID, Title: c.Checks[0].Title, Kind: "device", Subject: fmt.Sprintf("device-%d", n%max(f.devices, 1)), Name: hostile[n%len(hostile)],
			System: []string{"north", "south"}[n%2], Severity: severities[n%4], State: "open", Reason: "because of " + hostile[(n+3)%len(hostile)], Opened: now.Add(-time.Duration(n%1000) * time.Hour), Owner: "olga", Due: now.Add(time.Duration(500-n%1000) * time.Hour), Overdue: n%1000 > 500,
		}
		if n%10 == 0 {
			x.State, x.Exception = "excepted", "exception-0"
		}
		if err := fn(x); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Exceptions makes three.
func (f fleetOf) Exceptions(_ context.Context, _ time.Time, fn func(export.Exception) error) error {
	for n := range 3 {
		if err := fn(export.Exception{ID: fmt.Sprintf("exception-%d", n), Control: f.control(1).ID, State: "approved", Requester: "olga", Approver: "rita", Justification: hostile[n], Compensating: "a guard", Requested: now.AddDate(0, -1, 0), Ends: now.AddDate(0, 1, 0), Covers: 4}); err != nil {
			return err
		}
	}
	return nil
}

// Records makes forty.
func (f fleetOf) Records(_ context.Context, _ time.Time, fn func(export.Record) error) error {
	states := []string{"current", "expiring", "expired", "missing", "waiting"}
	for n := range 40 {
		if err := fn(export.Record{Kind: "security-policy", Title: "Security policy " + fmt.Sprint(n), Object: hostile[n%len(hostile)], About: "system", System: []string{"north", "south"}[n%2], State: states[n%5], Owner: "olga", Expires: now.AddDate(0, n-5, 0), Controls: []string{f.control(n).ID}, Evidence: 1}); err != nil {
			return err
		}
	}
	return nil
}

// Risks makes seven.
func (f fleetOf) Risks(_ context.Context, _ time.Time, fn func(export.Risk) error) error {
	for n := range 7 {
		if err := fn(export.Risk{ID: fmt.Sprintf("risk-%d", n), Title: "Risk " + hostile[n], Asset: "locks", Threat: "somebody " + hostile[n], System: "north", Likelihood: n%5 + 1, Impact: 3, Level: "moderate", Decision: []string{"", "mitigate", "accept"}[n%3], State: "open", Ends: now.AddDate(0, n, 0)}); err != nil {
			return err
		}
	}
	return nil
}

// Devices makes as many as there are, half of them in the system north.
func (f fleetOf) Devices(ctx context.Context, _ time.Time, system string, fn func(export.Device) error) error {
	for n := range f.devices {
		d := export.Device{ID: fmt.Sprintf("device-%d", n), Name: hostile[n%len(hostile)], Type: "lock", System: []string{"north", "south"}[n%2], Site: "hall", State: "active", Firmware: "2.4.1", Created: now.AddDate(-1, 0, 0)}
		if system != "" && system != d.System {
			continue
		}
		if err := fn(d); err != nil {
			return err
		}
	}
	return ctx.Err()
}

type world struct {
	*export.Service
	t     testing.TB
	db    *store.DB
	dir   string
	clock *clock.Fake
	conf  export.Config
}

func open(t testing.TB, f fleetOf) *world {
	t.Helper()
	return openOn(t, storetest.Open(t), f)
}

func openOn(t testing.TB, db *store.DB, f fleetOf) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: clock.NewFake(now), dir: t.TempDir()}
	log := audittest.Open(t, w.db, nil, w.clock)
	w.conf = export.Config{
		DB: w.db, Audit: log, Clock: w.clock, Log: slog.New(slog.DiscardHandler), Dir: w.dir, Version: "1.2.3",
		Readers: export.Readers{Posture: f, Records: f, Risks: f, Devices: f, Proofs: newProofs(t, f)},
	}
	w.start()
	return w
}

func (w *world) start() {
	var err error
	if w.Service, err = export.New(context.Background(), w.conf); err != nil {
		w.t.Fatal(err)
	}
}

// made asks for a pack and makes it.
func (w *world) made(o export.Order, bodies bool) export.Job {
	w.t.Helper()
	ctx := context.Background()
	j, err := w.Ask(ctx, o, bodies)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Next(ctx); err != nil {
		w.t.Fatal(err)
	}
	if j, err = w.Job(ctx, j.ID); err != nil {
		w.t.Fatal(err)
	}
	return j
}
