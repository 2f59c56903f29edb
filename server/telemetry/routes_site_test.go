package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

// resident may read the telemetry of hall-1.
type resident struct{}

func (resident) Authenticate(*http.Request) (access.Principal, error) {
	return access.Principal{Kind: access.Person, ID: "lou", Name: "lou", Site: "hall-1"}, nil
}

func (resident) Decide(_ context.Context, p access.Principal, need access.Permission, on access.Resource) access.Decision {
	return access.Decision{Allowed: need == access.TelemetryRead && on.Site == p.Site, Policies: []string{"own-site"}}
}

// at puts a device at a site.
func (p *park) at(site, name string, since time.Time) fleet.Device {
	d := p.add(name, fleet.Active, since)
	p.mu.Lock()
	defer p.mu.Unlock()
	d.Site = site
	p.devices[d.ID] = d
	return d
}

func TestWhoReadsOneSiteGetsItsReadingsOnly(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		router, err := api.New(api.Config{Version: "test", Auth: resident{}, Policy: resident{}, Events: r.Bus, Bus: r.Bus, Clock: r.clock, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		r.Routes(router)
		for site, name := range map[string]string{"hall-1": "s-1", "hall-2": "s-2", "": "s-3"} {
			r.handle(message(r.park.at(site, name, start), "air", `{"temperature":21.5}`, start.Add(-time.Minute)))
		}
		for path, status := range map[string]int{
			"/devices/s-1/telemetry": 200, "/devices/s-2/telemetry": 403, "/devices/s-3/telemetry": 403, "/devices/ghost/telemetry": 403, "/telemetry/rates": 403,
		} {
			w := httptest.NewRecorder()
			router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1"+path, nil))
			if w.Code != status || (status == 200) != strings.Contains(w.Body.String(), "21.5") || (status == 403) != strings.Contains(w.Body.String(), `"policies":["own-site"]`) {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	})
}

func TestNewsOfASilentDeviceAreOfItsSite(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		var sites []string
		r.live = func(site, kind string, _ access.Permission, _ any) { sites = append(sites, kind+" at "+site) }
		d := r.park.at("hall-1", "s-1", start)
		r.park.at("hall-2", "s-2", start)
		r.refreshNow()
		r.clock.Set(start.Add(time.Hour))
		r.checkNow()
		r.clock.Advance(time.Second)
		r.handle(message(d, "door", "true", r.clock.Now()))
		slices.Sort(sites)
		if !slices.Equal(sites, []string{"device at hall-1", "device at hall-1", "device at hall-2"}) {
			t.Errorf("%v", sites)
		}
	})
}
