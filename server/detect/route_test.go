package detect_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/detect/detecttest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func mailRoute(name string) detect.Route {
	return detect.Route{Name: name, Kind: detect.SMTP, URL: "smtp://mail.example:587", Severity: fleet.High, From: "thingward@example.com", Address: "duty@example.com"}
}

func TestRoutesThatCannotWorkAreRefused(t *testing.T) {
	b := detecttest.Open(t, storetest.Open(t), []detect.Rule{duplicates()})
	for field, change := range map[string]func(*detect.Route){
		"name":     func(r *detect.Route) { r.Name = "Pager!" },
		".name":    func(r *detect.Route) { r.Name = "quarantine" },
		"kind":     func(r *detect.Route) { r.Kind = "fax" },
		"severity": func(r *detect.Route) { r.Severity = "bad" },
		"secret":   func(r *detect.Route) { r.Secret = "short" },
		"address":  func(r *detect.Route) { r.Address = "duty@example.com" },
		"url":      func(r *detect.Route) { r.URL = "http://pager.example/in" },
		"url ":     func(r *detect.Route) { r.URL = "https://user:pw@pager.example/in" },
		"url  ":    func(r *detect.Route) { r.URL = "https://pager.example/in?token=x" },
		"url   ":   func(r *detect.Route) { r.URL = "https://169.254.169.254/latest" },
		"url    ":  func(r *detect.Route) { r.URL = "https://[fe80::1]/in" },
		"url     ": func(r *detect.Route) { r.URL = "https://[::ffff:169.254.169.254]/in" },
		"url .":    func(r *detect.Route) { r.URL = "://" },
	} {
		r := hook("pager", "https://pager.example/in")
		change(&r)
		_, err := b.SetDestinations(as("karl"), []detect.Route{r})
		if fleet.CodeOf(err) != fleet.CodeInvalid || !strings.Contains(err.Error(), strings.TrimSpace(strings.Trim(field, "."))) {
			t.Errorf("%s: %v", field, err)
		}
	}
	for field, change := range map[string]func(*detect.Route){
		"url":      func(r *detect.Route) { r.URL = "https://mail.example" },
		"url ":     func(r *detect.Route) { r.URL = "smtp://0.0.0.0:25" },
		"from":     func(r *detect.Route) { r.From = "nobody" },
		"address":  func(r *detect.Route) { r.Address = "" },
		"address ": func(r *detect.Route) { r.Address = "a@example.com, \nb" },
		"secret":   func(r *detect.Route) { r.User = "u" },
	} {
		r := mailRoute("duty")
		change(&r)
		if _, err := b.SetDestinations(as("karl"), []detect.Route{r}); fleet.CodeOf(err) != fleet.CodeInvalid || !strings.Contains(err.Error(), strings.TrimSpace(field)) {
			t.Errorf("mail %s: %v", field, err)
		}
	}
	if _, err := b.SetDestinations(as("karl"), []detect.Route{mailRoute("duty"), mailRoute("duty")}); fleet.CodeOf(err) != fleet.CodeInvalid {
		t.Errorf("twice: %v", err)
	}
	if routes, err := b.Destinations(context.Background()); err != nil || len(routes) != 0 || b.Recorded("route.changed") != 0 {
		t.Errorf("%v, %v", routes, err)
	}
}

func TestSecretsStayInside(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b := detecttest.Open(t, db, []detect.Rule{duplicates()})
		setRoutes(b, hook("pager", "https://pager.example/in"), mailRoute("duty"))
		routes, err := b.Destinations(context.Background())
		if err != nil || len(routes) != 2 || routes[1].Secret != "" || !routes[1].HasSecret || routes[0].HasSecret {
			t.Fatalf("%+v, %v", routes, err)
		}
		setRoutes(b, routes...) // what was read can be written back
		if routes, _ = b.Destinations(context.Background()); !routes[1].HasSecret {
			t.Error("the secret was lost")
		}
		routes[1].URL = "https://elsewhere.example/in"
		if _, err := b.SetDestinations(as("eve"), routes); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("a kept secret went to another address: %v", err)
		}
		for _, ev := range audittest.Recorded(t, db) {
			if s := fmt.Sprint(ev); strings.Contains(s, hookSecret) || strings.Contains(s, "/in") {
				t.Errorf("%s", s)
			}
		}
		var body string
		var sealed []byte
		if err := db.QueryRow(context.Background(), "SELECT body, secret FROM detect_route WHERE name = 'pager'").Scan(&body, &sealed); err != nil || strings.Contains(body+string(sealed), hookSecret) {
			t.Errorf("%v: %s", err, body)
		}
	})
}

func TestAThresholdNeedsARoute(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b := detecttest.Open(t, db, []detect.Rule{logins(), duplicates()})
		three := detect.Setting{ID: "MSU-04/test", Threshold: 3, Window: 600}
		if _, err := b.SetRules(as("karl"), []detect.Setting{three}); fleet.CodeOf(err) != fleet.CodeInvalid || !strings.Contains(err.Error(), "a threshold needs a route") {
			t.Fatalf("without a route: %v", err)
		}
		above := mailRoute("duty")
		above.Severity = fleet.Critical
		setRoutes(b, above)
		if _, err := b.SetRules(as("karl"), []detect.Setting{three}); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Fatalf("with a route that carries only worse: %v", err)
		}
		three.Routes = []string{"duty"}
		views, err := b.SetRules(as("karl"), []detect.Setting{three})
		if err != nil || views[0].Threshold != 3 || views[0].Window != 600 || len(views[0].Routes) != 1 || !views[0].Custom || views[1].Custom {
			t.Fatalf("%+v, %v", views, err)
		}
		if _, err := b.SetDestinations(as("karl"), nil); fleet.CodeOf(err) != fleet.CodeConflict {
			t.Errorf("the route was taken away: %v", err)
		}
		b.Restart()
		b.Feed(failed(b, "anna", 0), failed(b, "anna", 0), failed(b, "anna", 0))
		al := b.Want(1, "three")[0]
		if al, err = b.Alert(context.Background(), al.ID); err != nil || len(al.Deliveries) != 1 {
			t.Errorf("%+v, %v", al, err)
		}
		if b.Recorded("rule.changed") != 1 || b.Recorded("route.changed") != 1 {
			t.Error("a change has no entry")
		}
		if _, err := b.SetRules(as("karl"), nil); err != nil {
			t.Fatal(err)
		}
		if _, err := b.SetDestinations(as("karl"), nil); err != nil {
			t.Errorf("the shelf's own thresholds hold no route: %v", err)
		}
	})
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	b := detecttest.Open(t, storetest.Open(t), []detect.Rule{logins()})
	setRoutes(b, mailRoute("duty"))
	good := detect.Setting{ID: "MSU-04/test", Threshold: 3, Window: 600}
	for name, list := range map[string][]detect.Setting{
		"no rule":   {{ID: "no", Threshold: 3, Window: 600}},
		"threshold": {{ID: good.ID, Threshold: 0, Window: 600}},
		"window":    {{ID: good.ID, Threshold: 3, Window: 86401}},
		"routes":    {{ID: good.ID, Threshold: 3, Window: 600, Routes: []string{"pager"}}},
		"twice":     {good, good},
	} {
		if _, err := b.SetRules(as("karl"), list); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRulesThatCannotWorkAreRefused(t *testing.T) {
	for name, change := range map[string]func(*detect.Config){
		"twice":      func(c *detect.Config) { c.Rules = append(c.Rules, c.Rules[0]) },
		"event":      func(c *detect.Config) { c.Rules[0].Events = []string{"no.such"} },
		"itself":     func(c *detect.Config) { c.Rules[0].Events = []string{"alert.raised"} },
		"window":     func(c *detect.Config) { c.Rules[0].Window = 0 },
		"threshold":  func(c *detect.Config) { c.Rules[0].Threshold = 0 },
		"text":       func(c *detect.Config) { c.Rules[0].Text = "" },
		"quarantine": func(c *detect.Config) { c.Quarantine = map[string]bool{"MSU-04/test": true} },
		"no rule":    func(c *detect.Config) { c.Quarantine = map[string]bool{"x": true} },
	} {
		c := detect.Config{Rules: []detect.Rule{logins()}}
		change(&c)
		if _, err := detect.New(context.Background(), c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
