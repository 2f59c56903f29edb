package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/agent"
	"github.com/thingward/thingward/examples"
	"github.com/thingward/thingward/server"
)

// fleetPlan is the simulated fleet.
type fleetPlan struct {
	op     *apiClient
	root   []byte
	addr   server.Addresses
	dir    string
	log    *slog.Logger
	things []*thing
}

type site struct {
	name, code          string
	latitude, longitude float64
}

var sites = []site{{"hamburg-depot", "ham", 53.5511, 9.9937}, {"munich-office", "muc", 48.1351, 11.5820}, {"rotterdam-yard", "rtm", 51.9244, 4.4777}}

// kinds is the mix of the fleet; shares add up to 40.
var kinds = []struct {
	typ, short string
	share      int
}{{"thermostat", "thermo", 12}, {"door-lock", "lock", 10}, {"camera", "cam", 8}, {"air-quality", "air", 7}, {"gateway", "gw", 3}}

// register makes whatever is missing: system, sites, types, people and devices.
func (f *fleetPlan) register(ctx context.Context, n int) error {
	steps := []func(context.Context) error{f.registerPlaces, f.registerTypes, f.registerPeople}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	f.plan(n)
	known, err := f.known(ctx)
	if err != nil {
		return err
	}
	for _, t := range f.things {
		if err := f.registerThing(ctx, t, known); err != nil {
			return err
		}
	}
	return nil
}

func (f *fleetPlan) registerPlaces(ctx context.Context) error {
	err := f.op.call(ctx, http.MethodPost, "/systems", map[string]string{"name": "building-services", "owner": administrator}, nil)
	if err != nil && !errors.Is(err, errTaken) {
		return err
	}
	for _, s := range sites {
		err := f.op.call(ctx, http.MethodPost, "/sites", map[string]any{"name": s.name, "system": "building-services", "latitude": s.latitude, "longitude": s.longitude}, nil)
		if err != nil && !errors.Is(err, errTaken) {
			return err
		}
	}
	return nil
}

func (f *fleetPlan) registerTypes(ctx context.Context) error {
	return fs.WalkDir(examples.Types, "types", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		manifest, err := fs.ReadFile(examples.Types, path)
		if err != nil {
			return err
		}
		if err := f.op.send(ctx, http.MethodPut, "/types", "application/yaml", manifest, nil); err != nil && !errors.Is(err, errTaken) {
			return err
		}
		return nil
	})
}

func (f *fleetPlan) registerPeople(ctx context.Context) error {
	for name, role := range map[string]string{operator: "system-operator", auditor: "auditor", riskManager: "risk-manager", caretaker: "local-user"} {
		in := map[string]any{"name": name, "kind": "person", "roles": []string{role}, "password": randomPassword()}
		switch name {
		case caretaker:
			in["site"] = sites[0].name
		case auditor:
			in["expires"] = time.Now().AddDate(0, 6, 0).UTC().Format(time.RFC3339)
		}
		err := f.op.call(ctx, http.MethodPost, "/accounts", in, nil)
		if err != nil && !errors.Is(err, errTaken) {
			return err
		}
	}
	return nil
}

// plan lays out n devices over types and sites, the same way each time.
func (f *fleetPlan) plan(n int) {
	counts := map[string]int{}
	for i := 0; len(f.things) < n; i++ {
		slot, k := i*7%40, 0 // 7 and 40 share no factor: types are mixed from the start
		for slot >= kinds[k].share {
			slot -= kinds[k].share
			k++
		}
		s := sites[i%len(sites)]
		counts[kinds[k].short+s.code]++
		name := fmt.Sprintf("%s-%s-%03d", kinds[k].short, s.code, counts[kinds[k].short+s.code])
		f.things = append(f.things, newThing(len(f.things), name, kinds[k].typ, s.name))
	}
}

func (f *fleetPlan) known(ctx context.Context) (map[string]string, error) {
	known := map[string]string{}
	after := ""
	for {
		var page struct {
			Items []struct{ ID, Name string }
			Next  string
		}
		if err := f.op.call(ctx, http.MethodGet, "/devices?limit=1000&after="+after, nil, &page); err != nil {
			return nil, err
		}
		for _, d := range page.Items {
			known[d.Name] = d.ID
		}
		if after = page.Next; after == "" {
			return known, nil
		}
	}
}

// registerThing makes the device and, where it has no certificate yet, its one-time claim.
func (f *fleetPlan) registerThing(ctx context.Context, t *thing, known map[string]string) error {
	t.id = known[t.name]
	if t.id == "" {
		var d struct{ ID string }
		in := map[string]any{"type": t.typ, "name": t.name, "site": t.site, "system": "building-services", "serial": fmt.Sprintf("SIM-%05d", t.number), "assignee": operator}
		if err := f.op.call(ctx, http.MethodPost, "/devices", in, &d); err != nil {
			return err
		}
		t.id = d.ID
	}
	t.dir = filepath.Join(f.dir, t.name)
	if _, err := os.Stat(filepath.Join(t.dir, "identity.sealed")); err == nil {
		return nil
	}
	var c struct{ Claim string }
	if err := f.op.call(ctx, http.MethodPost, "/claims", map[string]any{"device": t.id}, &c); err != nil {
		return err
	}
	t.claim = c.Claim
	return nil
}

// start gives every device its agent and lets it live.
func (f *fleetPlan) start(ctx context.Context, wg *sync.WaitGroup, say func(string, ...any)) {
	var up atomic.Int64
	gate := make(chan struct{}, 8) // a few enrol at a time, as in the field
	for _, t := range f.things {
		wg.Go(func() {
			a, err := agent.New(agent.Config{
				Dir: t.dir, Server: "https://" + f.addr.HTTPS, Broker: f.addr.MQTTS, Root: f.root, Device: t.id, Claim: t.claim,
				Heartbeat: heartbeat, Inventory: t.inventory, Health: t.health, OnCommand: t.command, OnDesired: t.desired, Log: f.log,
			})
			if err != nil {
				say("%s: %v", t.name, err)
				return
			}
			t.agent = a
			gate <- struct{}{}
			err = a.Enrol(ctx)
			<-gate
			if err != nil {
				say("%s: %v", t.name, err)
				return
			}
			if n := up.Add(1); int(n) == len(f.things) {
				say("fleet: %d devices are enrolled", n)
			}
			close(t.enrolled)
			wg.Go(func() { t.live(ctx) })
			_ = a.Run(ctx) // ends with ctx
		})
	}
}
