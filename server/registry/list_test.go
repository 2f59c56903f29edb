package registry_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/registry"
)

func TestList(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		for i := range 25 {
			typ := "door-lock"
			if i%5 == 0 {
				typ = "thermostat"
			}
			if _, err := r.Create(ctx, fleet.Device{Type: typ, Name: fmt.Sprintf("thing-%02d", i), Serial: fmt.Sprintf("SN%%_%04d", i*7)}); err != nil {
				t.Fatal(err)
			}
			r.clock.Advance(time.Second)
		}
		if _, err := r.Move(ctx, "thing-03", registry.Quarantine, registry.Asked{Reason: "x"}); err != nil {
			t.Fatal(err)
		}
		odd, err := r.Device(ctx, "thing-07")
		if err != nil {
			t.Fatal(err)
		}
		r.others.connected[odd.ID] = "192.0.2.1"
		yes := true
		for name, c := range map[string]struct {
			f    registry.Filter
			want []string
		}{
			"type":      {registry.Filter{Type: "thermostat"}, []string{"thing-00", "thing-05", "thing-10", "thing-15", "thing-20"}},
			"state":     {registry.Filter{State: "quarantined"}, []string{"thing-03"}},
			"both":      {registry.Filter{State: "registered", Type: "thermostat", Sort: "-name", Limit: 2}, []string{"thing-20", "thing-15", "thing-10", "thing-05", "thing-00"}},
			"part":      {registry.Filter{Query: "ing-1", Limit: 3}, []string{"thing-10", "thing-11", "thing-12", "thing-13", "thing-14", "thing-15", "thing-16", "thing-17", "thing-18", "thing-19"}},
			"serial":    {registry.Filter{Query: "sn%_0007"}, []string{"thing-01"}},
			"wild":      {registry.Filter{Query: "g%0"}, nil},
			"quotes":    {registry.Filter{Query: `a"b OR c`}, nil},
			"two":       {registry.Filter{Query: "th", Limit: 1000, Type: "thermostat"}, []string{"thing-00", "thing-05", "thing-10", "thing-15", "thing-20"}},
			"id":        {registry.Filter{Query: odd.ID}, []string{"thing-07"}},
			"connected": {registry.Filter{Connected: &yes, Limit: 1}, []string{"thing-07"}},
			"unknown":   {registry.Filter{Status: "unknown", Query: "thing-2", Limit: 2, Sort: "-created"}, []string{"thing-24", "thing-23", "thing-22", "thing-21", "thing-20"}},
			"pass":      {registry.Filter{Status: "pass"}, nil},
			"changed":   {registry.Filter{Type: "door-lock", Sort: "-changed", Limit: 1, Query: "thing-0"}, []string{"thing-03", "thing-09", "thing-08", "thing-07", "thing-06", "thing-04", "thing-02", "thing-01"}},
		} {
			got, total := r.collect(c.f)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v", name, got)
			}
			if total != nil && *total != len(c.want) {
				t.Errorf("%s: total %d, want %d", name, *total, len(c.want))
			}
		}
		for _, bad := range []registry.Filter{{Sort: "colour"}, {After: "x"}, {State: "lost"}, {Sort: "name", After: api.Cursor("changed", "1", "2")}} {
			bad.Limit = 10
			if _, err := r.List(ctx, bad); fleet.CodeOf(err) != fleet.CodeInvalid {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		types, err := r.Types(ctx)
		if err != nil || len(types) != 2 || types[0].Devices != 20 || types[1].Devices != 5 {
			t.Errorf("%v", err)
		}
	})
}

// collect pages through a whole list.

func (r *rig) collect(f registry.Filter) (names []string, total *int) {
	r.t.Helper()
	if f.Limit == 0 {
		f.Limit = 4
	}
	for {
		page, err := r.List(context.Background(), f)
		if err != nil {
			r.t.Fatal(err)
		}
		if f.After == "" {
			total = page.Total
		}
		if len(page.Items) > f.Limit {
			r.t.Fatalf("%d items with limit %d", len(page.Items), f.Limit)
		}
		for _, d := range page.Items {
			names = append(names, d.Name)
		}
		if page.Next == "" {
			return names, total
		}
		f.After = page.Next
	}
}

func TestEachAndListening(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		for i := range 1203 {
			r.create(fmt.Sprintf("lock-%04d", i))
		}
		d := r.active("lock-9000")
		if err := r.Handle(ctx, []fleet.Message{reported(d, start, `{"inventory":{"firmware":"1.0.0","rootServices":null,"openPorts":[]}}`)}); err != nil {
			t.Fatal(err)
		}
		seen, withInventory := map[string]bool{}, 0
		err := r.Each(ctx, func(f registry.DeviceFacts) error {
			seen[f.Device.ID] = true
			if f.Inventory != nil {
				withInventory++
				if f.Inventory.RootServices != nil || f.Inventory.OpenPorts == nil {
					t.Errorf("not measured and none found are mixed up: %+v", f.Inventory)
				}
			}
			if f.Type == nil || f.Type.Name != "door-lock" {
				t.Errorf("type %+v", f.Type)
			}
			return nil
		})
		if err != nil || len(seen) != 1204 || withInventory != 1 {
			t.Errorf("%d devices, %d with inventory, %v", len(seen), withInventory, err)
		}
		n := 0
		err = r.Listening(ctx, func(d fleet.Device, typ *fleet.DeviceType, since time.Time) error {
			n++
			if d.Name != "lock-9000" || typ == nil || since.IsZero() {
				t.Errorf("%+v %v", d, since)
			}
			return nil
		})
		if err != nil || n != 1 {
			t.Errorf("%d listening, %v", n, err)
		}
		f, err := r.Facts(ctx, "lock-9000")
		if err != nil || f.Inventory.Firmware != "1.0.0" || f.ReportedAt.IsZero() || !f.Since.Equal(start) {
			t.Errorf("%+v, %v", f, err)
		}
	})
}
