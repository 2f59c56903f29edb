package registry_test

import (
	"context"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/bus"
)

func TestNewPlacesAreAnnounced(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		told := make(chan bus.Changed, 16)
		stop, err := bus.Listen(r.bus, bus.TopicChanged, func(c bus.Changed) {
			if c.Kind == "system" || c.Kind == "site" {
				told <- c
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		sys, err := r.CreateSystem(context.Background(), fleet.System{Name: "lifts"})
		if err != nil {
			t.Fatal(err)
		}
		if c := <-told; c.Kind != "system" || c.ID != sys.ID {
			t.Errorf("told of %+v", c)
		}
		site, err := r.CreateSite(context.Background(), fleet.Site{Name: "harbour-gate", System: "lifts"})
		if err != nil {
			t.Fatal(err)
		}
		if c := <-told; c.Kind != "site" || c.ID != site.ID {
			t.Errorf("told of %+v", c)
		}
	})
}
