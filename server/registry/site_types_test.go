package registry_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/registry"
)

func TestTypesAtForgetsRetiredDevices(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		if _, err := r.CreateSite(ctx, fleet.Site{Name: "munich"}); err != nil {
			t.Fatal(err)
		}
		for name, typ := range map[string]string{"lock-1": "door-lock", "lock-2": "door-lock", "warm-1": "thermostat"} {
			if _, err := r.Create(ctx, fleet.Device{Type: typ, Name: name, Site: "munich"}); err != nil {
				t.Fatal(err)
			}
		}
		if at, err := r.TypesAt(ctx); err != nil || fmt.Sprint(at) != "map[munich:[door-lock thermostat]]" {
			t.Errorf("%v, %v", at, err)
		}
		if _, err := r.Move(ctx, "warm-1", registry.Retire, registry.Asked{Reason: "broken"}); err != nil {
			t.Fatal(err)
		}
		if at, err := r.TypesAt(ctx); err != nil || fmt.Sprint(at) != "map[munich:[door-lock]]" {
			t.Errorf("after one retired: %v, %v", at, err)
		}
	})
}
