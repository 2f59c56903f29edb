package registry_test

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/registry"
)

// resident may read the devices of hall-1, and what types there are.
type resident struct{}

func (resident) Authenticate(*http.Request) (access.Principal, error) {
	return access.Principal{Kind: access.Person, ID: "lou", Name: "lou", Site: "hall-1"}, nil
}

func (resident) Decide(_ context.Context, p access.Principal, need access.Permission, on access.Resource) access.Decision {
	ok := need == access.TypeRead || need == access.SelfRead || (need == access.DeviceRead && on.Site == p.Site)
	return access.Decision{Allowed: ok, Policies: []string{"own-site"}}
}

// halls puts two devices into hall-1, one into hall-2 and one nowhere.
func (r *rig) halls() (router *api.Router, devices map[string]fleet.Device) {
	r.t.Helper()
	ctx := context.Background()
	if _, err := r.Apply(ctx, example(r.t, "camera"), false); err != nil {
		r.t.Fatal(err)
	}
	for _, sys := range []string{"doors", "heating", "gates", "unseen"} {
		if _, err := r.CreateSystem(ctx, fleet.System{Name: sys}); err != nil {
			r.t.Fatal(err)
		}
	}
	for site, sys := range map[string]string{"hall-1": "doors", "hall-2": "gates"} {
		if _, err := r.CreateSite(ctx, fleet.Site{Name: site, System: sys}); err != nil {
			r.t.Fatal(err)
		}
	}
	devices = map[string]fleet.Device{}
	for _, d := range []fleet.Device{{Name: "cam-1", Site: "hall-1"}, {Name: "cam-2", Site: "hall-1", System: "heating"}, {Name: "cam-3", Site: "hall-2"}, {Name: "cam-4"}} {
		d.Type = "camera"
		made, err := r.Create(ctx, d)
		if err != nil {
			r.t.Fatal(err)
		}
		devices[d.Name] = made
	}
	router, err := api.New(api.Config{Version: "test", Auth: resident{}, Policy: resident{}, Events: r.bus, Bus: r.bus, Clock: r.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		r.t.Fatal(err)
	}
	r.Routes(router)
	return router, devices
}

func TestWhoReadsOneSiteSeesItsDevicesOnly(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		router, devices := r.halls()
		get := func(path string) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1"+path, nil))
			return w
		}
		names := func(path string) (names []string, total int) {
			var page struct {
				Items []struct{ Name string }
				Total int
				Next  string
			}
			for after := ""; ; after = "&after=" + page.Next {
				page.Next = ""
				if err := json.Unmarshal(get(path+after).Body.Bytes(), &page); err != nil {
					t.Fatal(err)
				}
				for _, i := range page.Items {
					names = append(names, i.Name)
				}
				if page.Next == "" {
					return names, page.Total
				}
			}
		}
		for path, want := range map[string][]string{
			"/devices?limit=1":                          {"cam-1", "cam-2"},
			"/devices?limit=9&sort=-name":               {"cam-2", "cam-1"},
			"/devices?limit=9&site=hall-1":              {"cam-1", "cam-2"},
			"/devices?limit=9&q=cam-3":                  nil,
			"/devices?limit=9&q=" + devices["cam-3"].ID: nil,
			"/devices?limit=9&system=gates":             nil,
			"/devices?limit=9&connected=false":          {"cam-1", "cam-2"},
			"/devices?limit=9&status=unknown":           {"cam-1", "cam-2"},
			"/sites?limit=5":                            {"hall-1"},
			"/systems?limit=5":                          {"doors", "heating"},
			"/systems?limit=1":                          {"doors", "heating"},
		} {
			if got, total := names(path); !slices.Equal(got, want) || (strings.HasSuffix(path, "limit=5") && total != len(want)) {
				t.Errorf("%s: %v of %d, want %v", path, got, total, want)
			}
		}
		for _, path := range []string{"/types", "/types/camera"} {
			if w := get(path); !strings.Contains(w.Body.String(), `"name":"camera"`) || !strings.Contains(w.Body.String(), `"devices":2`) {
				t.Errorf("%s counts what is elsewhere: %s", path, w.Body)
			}
		}
		for path, status := range map[string]int{
			"/devices/cam-1": 200, "/devices/" + devices["cam-1"].ID: 200, "/devices/cam-1/twin": 200, "/devices?site=hall-2": 403, "/devices?site=nowhere": 403,
			"/devices/cam-3": 403, "/devices/" + devices["cam-3"].ID: 403, "/devices/cam-3/twin": 403, "/devices/cam-4": 403, "/devices/ghost": 403, "/devices/ghost/twin": 403,
		} {
			w := get(path)
			if w.Code != status {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
			if status == 403 && (!strings.Contains(w.Body.String(), `"policies":["own-site"]`) || !strings.Contains(w.Body.String(), "lou may device:read at the site hall-1 only")) {
				t.Errorf("%s: %s", path, w.Body)
			}
		}
	})
}

func TestLiveNewsOfDevicesStayAtTheirSite(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		router, devices := r.halls()
		s := httptest.NewServer(router)
		t.Cleanup(s.Close)
		ctx, cancel := context.WithCancel(context.Background())
		t.Cleanup(cancel)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v1/live", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		lines := bufio.NewScanner(res.Body)
		next := func() string {
			for lines.Scan() {
				if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && !strings.Contains(data, "epoch") {
					return data
				}
			}
			t.Fatalf("the stream ended: %v", lines.Err())
			return ""
		}
		change := func(name string, f registry.Facts) {
			if _, err := r.Change(ctx, name, "", f); err != nil {
				t.Fatal(err)
			}
		}
		who, hall1, hall2 := "Ann", "hall-1", "hall-2"
		for _, elsewhere := range []string{"cam-3", "cam-4"} {
			change(elsewhere, registry.Facts{Assignee: &who})
		}
		change("cam-1", registry.Facts{Assignee: &who})
		if data := next(); !strings.Contains(data, devices["cam-1"].ID) || !strings.Contains(data, `"assignee":"Ann"`) {
			t.Errorf("first: %s", data)
		}
		change("cam-1", registry.Facts{Site: &hall2})
		if data := next(); data != `{"id":"`+devices["cam-1"].ID+`","name":"cam-1"}` {
			t.Errorf("a device that left: %s", data)
		}
		change("cam-1", registry.Facts{Assignee: new(string)})
		change("cam-3", registry.Facts{Site: &hall1})
		if data := next(); !strings.Contains(data, devices["cam-3"].ID) || !strings.Contains(data, `"site":"hall-1"`) {
			t.Errorf("a device that came: %s", data)
		}
	})
}
