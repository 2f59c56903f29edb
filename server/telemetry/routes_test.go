package telemetry

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

type everyone struct{}

func (everyone) Authenticate(*http.Request) (access.Principal, error) {
	return access.Principal{Kind: access.Person, ID: "p", Name: "pia"}, nil
}

func (everyone) Decide(context.Context, access.Principal, access.Permission, access.Resource) access.Decision {
	return access.Decision{Allowed: true}
}

func TestRoutes(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		router, err := api.New(api.Config{Version: "test", Auth: everyone{}, Policy: everyone{}, Events: r.Bus, Bus: r.Bus, Clock: r.clock, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		r.Routes(router)
		get := func(path string) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1"+path, nil))
			return w
		}
		d := r.park.add("s-1", fleet.Active, start)
		r.handle(message(d, "air", `{"temperature":21.5,"people":3}`, start.Add(-time.Minute)))
		for path, want := range map[string]string{
			"/devices/s-1/telemetry":                                             `"points":[[` + jsonOf(start.Add(-time.Minute).UnixMilli()) + `,21.5]]`,
			"/devices/s-1/telemetry?property=people":                             `"property":"people"`,
			"/devices/s-1/telemetry?from=2026-03-01T08:00:00Z&to=x":              `"path":"to"`,
			"/devices/s-1/telemetry?from=2026-03-02T08:00:00Z":                   "must be before to",
			"/devices/s-1/telemetry?points=1001":                                 "points",
			"/devices/s-1/telemetry?property=a%00b":                              "property",
			"/devices/s-1/telemetry?from=2026-02-01T08:00:00Z&stream=health":     `"series":[]`,
			"/devices/ghost/telemetry":                                           "no device",
			"/devices/s-1/telemetry?to=2026-02-01T08:00:00%2B01:00&stream=air":   `"series":[]`,
			"/devices/s-1/telemetry?from=2026-03-01T07:59:00Z&points=2&to=":      `"max":21.5`,
			"/devices/s-1/telemetry?from=2026-03-01T07:59:00Z&property=pressure": `"series":[]`,
		} {
			if body := get(path).Body.String(); !strings.Contains(body, want) {
				t.Errorf("%s: %s", path, body)
			}
		}
	})
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func TestRates(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		var messages, refused int64
		r.Stats = func() (int64, int, int64) { return messages, 7, refused }
		router, err := api.New(api.Config{Version: "test", Auth: everyone{}, Policy: everyone{}, Events: r.Bus, Bus: r.Bus, Clock: r.clock, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		r.Routes(router)
		for i := range 4000 {
			messages += 50
			if i%60 == 0 {
				refused += 3
			}
			r.clock.Advance(time.Second)
			r.sample(r.clock.Now())
		}
		for minutes, points := range map[string]int{"1": 60, "10": 600, "60": 900} {
			w := httptest.NewRecorder()
			router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/telemetry/rates?minutes="+minutes, nil))
			var got struct {
				Messages, Connected, Refused [][2]float64
				Now                          Now
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			n := len(got.Messages)
			if n != points || len(got.Connected) != n || got.Messages[n-1][1] != 50 || got.Connected[0][1] != 7 || got.Refused[n-1][1] != 3 || got.Now.Messages != 50 {
				t.Errorf("%s minutes: %d points, %+v", minutes, n, got.Now)
			}
		}
	})
}

func TestRunPersistsWhenItEnds(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		d := r.park.add("s-1", fleet.Active, start)
		r.refreshNow()
		r.handle(message(d, "door", "true", start))
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := r.Run(ctx); err != nil {
			t.Fatal(err)
		}
		again := newRig(t, r.DB, r.Bus, r.park, r.clock)
		if at, ok := again.LastSeen(context.Background(), d.ID); !ok || !at.Equal(start) {
			t.Errorf("last seen %v %v", at, ok)
		}
	})
}
