package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/bus"
)

// door authenticates by a header and lets people do what their list says.
type door struct {
	mu     sync.Mutex
	may    map[string][]access.Permission // by name
	events []fleet.Event
}

func (d *door) Authenticate(r *http.Request) (access.Principal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := r.Header.Get("Authorization")
	if name == "broken" {
		return access.Principal{}, errors.New("disk on fire")
	}
	if _, ok := d.may[name]; !ok {
		return access.Principal{}, fleet.Errorf(fleet.CodeUnauthenticated, "sign in first")
	}
	p := access.Principal{Kind: access.Person, ID: "id-" + name, Name: name, Session: "session-" + name, Address: api.Address(r)}
	if name == "local" {
		p.Site = "hall-1"
	}
	return p, nil
}

func (d *door) Decide(_ context.Context, p access.Principal, need access.Permission, on access.Resource) access.Decision {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Contains(d.may[p.Name], need) {
		return access.Decision{Policies: []string{"no policy permits"}}
	}
	if p.Site != "" && on.Site != p.Site && need != access.SelfRead {
		return access.Decision{Policies: []string{"own-site-only"}}
	}
	return access.Decision{Allowed: true, Policies: []string{"test"}}
}

func (d *door) Publish(ev fleet.Event) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, ev)
	return ev.Check()
}

type thing struct {
	Name  string `json:"name" minLength:"2"`
	Count int    `json:"count,omitempty" minimum:"0"`
}

type thingInput struct {
	Ref     string `path:"ref"`
	IfMatch string `header:"If-Match"`
}

type thingBody struct{ Body thing }

type thingChange struct {
	IfMatch string `header:"If-Match"`
	Body    thing
}

// world is a router with one route of each sort.
type world struct {
	*api.Router
	t     *testing.T
	door  *door
	clock *clock.Fake
	log   *strings.Builder
	done  []string // what handlers did
}

func open(t *testing.T, b *bus.Bus) *world {
	t.Helper()
	w := &world{t: t, clock: clock.NewFake(time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)), log: &strings.Builder{}, door: &door{may: map[string][]access.Permission{
		"anna": access.Permissions, "rita": {access.DeviceRead, access.SelfRead}, "local": {access.DeviceRead, access.SelfRead}, "mute": {},
	}}}
	var err error
	w.Router, err = api.New(api.Config{
		Version: "test", Auth: w.door, Policy: w.door, Events: w.door, Bus: b, Clock: w.clock, Log: slog.New(slog.NewTextHandler(w.log, nil)), Metrics: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.routes()
	return w
}

func (w *world) routes() {
	doc := api.Doc{Tag: "Things", Summary: "Test"}
	api.Get(w.Router, "/things", access.DeviceRead, doc, func(_ context.Context, in *api.PageInput) (*api.List[thing], error) {
		keys, ok, err := api.ParseCursor(in.After, 1)
		if err != nil {
			return nil, err
		}
		var all []thing
		for _, name := range []string{"aa", "bb", "cc", "dd", "ee"} {
			if (!ok || name > keys[0]) && len(all) <= in.Limit {
				all = append(all, thing{Name: name})
			}
		}
		return api.NewList(all, in.Limit, nil, func(t thing) string { return api.Cursor(t.Name) }), nil
	})
	api.Get(w.Router, "/things/{ref}", access.DeviceRead, doc, func(_ context.Context, in *thingInput) (*api.One[thing], error) {
		switch in.Ref {
		case "panic":
			panic("a fault of ours")
		case "fault":
			return nil, errors.New("password of the database: hunter2")
		case "none":
			return nil, fleet.Errorf(fleet.CodeNotFound, "there is no such thing").Because(errors.New("secret cause"))
		case "busy":
			return nil, &fleet.Error{Code: fleet.CodeUnavailable, Message: "too busy", RetryAfter: 1500 * time.Millisecond}
		case "locked":
			return nil, &fleet.Error{Code: fleet.CodeUnauthenticated, Message: "wrong", RetryAfter: time.Minute}
		}
		return &api.One[thing]{ETag: api.ETag(7), Body: thing{Name: in.Ref}}, nil
	})
	api.Put(w.Router, "/things/{ref}", access.DeviceWrite, "device.changed", doc, func(_ context.Context, in *thingChange) (*api.Nothing, error) {
		if err := api.CheckMatch(in.IfMatch, 7); err != nil {
			return nil, err
		}
		w.done = append(w.done, "put "+in.Body.Name)
		return &api.Nothing{}, nil
	})
	api.Post(w.Router, "/things", access.DeviceWrite, "device.created", api.Doc{Tag: "Things", Summary: "Make", MaxBody: 1000}, func(_ context.Context, in *thingBody) (*api.One[thing], error) {
		w.done = append(w.done, "post "+in.Body.Name)
		return &api.One[thing]{Body: in.Body}, nil
	})
	api.Get(w.Router, "/sites/{ref}", access.DeviceRead, api.Doc{Tag: "Things", Summary: "Scoped", Scoped: true}, func(ctx context.Context, in *thingInput) (*api.One[thing], error) {
		if in.Ref == "nowhere" {
			return nil, fleet.Errorf(fleet.CodeNotFound, "there is no such site")
		}
		if err := w.Allow(ctx, access.DeviceRead, access.Resource{Kind: "site", Site: in.Ref}); err != nil {
			return nil, err
		}
		site, limited := w.Scope(ctx, access.DeviceRead)
		if limited != (site != "") {
			w.t.Errorf("scope %q, limited %v", site, limited)
		}
		return &api.One[thing]{Body: thing{Name: site}}, nil
	})
	api.Open(w.Router, http.MethodPost, "/knock", "whoever knocks is not known yet.", "session.opened", doc, func(ctx context.Context, _ *struct{}) (*api.One[thing], error) {
		return &api.One[thing]{Body: thing{Name: api.AddressOf(ctx)}}, nil
	})
}

// do sends a request and decodes a problem where the answer is one.
func (w *world) do(method, path, who, body string, set ...func(*http.Request)) (*httptest.ResponseRecorder, api.Problem) {
	w.t.Helper()
	r := httptest.NewRequest(method, "https://thingward.test"+path, strings.NewReader(body))
	if body == "" {
		r.Body = http.NoBody
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		r.Header.Set("Authorization", who)
	}
	for _, f := range set {
		f(r)
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	var p api.Problem
	if rec.Code >= 400 {
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Header().Get("Content-Type") != "application/problem+json" {
			w.t.Errorf("%s %s: the error is no problem: %s %q", method, path, rec.Header().Get("Content-Type"), rec.Body)
		}
		if p.Status != rec.Code || p.Request == "" || p.Request != rec.Header().Get("X-Request-Id") || p.Title == "" || p.Detail == "" || p.Type == "" {
			w.t.Errorf("%s %s: status %d, problem %+v", method, path, rec.Code, p)
		}
	}
	return rec, p
}

func TestEveryRefusalIsAProblem(t *testing.T) {
	w := open(t, nil)
	header := func(k, v string) func(*http.Request) { return func(r *http.Request) { r.Header.Set(k, v) } }
	for _, c := range []struct {
		what, method, path, who, body string
		set                           func(*http.Request)
		status                        int
		code                          fleet.Code
		detail                        string
	}{
		{"nobody", "GET", "/api/v1/things/a", "", "", nil, 401, fleet.CodeUnauthenticated, "sign in first"},
		{"nobody writes", "POST", "/api/v1/things", "", `{"name":"no"}`, nil, 401, fleet.CodeUnauthenticated, "sign in first"},
		{"authentication fails", "GET", "/api/v1/things/a", "broken", "", nil, 500, "internal", "request"},
		{"not allowed", "POST", "/api/v1/things", "rita", `{"name":"no"}`, nil, 403, fleet.CodeForbidden, "rita may not device:write"},
		{"one site only", "GET", "/api/v1/things/a", "local", "", nil, 403, fleet.CodeForbidden, "local may device:read at the site hall-1 only"},
		{"another site", "GET", "/api/v1/sites/hall-2", "local", "", nil, 403, fleet.CodeForbidden, "local may device:read at the site hall-1 only"},
		{"nowhere, asked by who may read one site", "GET", "/api/v1/sites/nowhere", "local", "", nil, 403, fleet.CodeForbidden, "local may device:read at the site hall-1 only"},
		{"nowhere, asked by who may read all", "GET", "/api/v1/sites/nowhere", "anna", "", nil, 404, fleet.CodeNotFound, "no such site"},
		{"unknown path", "GET", "/api/v1/nothing/here", "anna", "", nil, 404, fleet.CodeNotFound, "nothing is at GET /api/v1/nothing/here"},
		{"unknown method", "PATCH", "/api/v1/things", "anna", "", nil, 405, fleet.CodeInvalid, "want GET, HEAD, POST"},
		{"not found", "GET", "/api/v1/things/none", "anna", "", nil, 404, fleet.CodeNotFound, "no such thing"},
		{"fault", "GET", "/api/v1/things/fault", "anna", "", nil, 500, "internal", "the log has the reason"},
		{"panic", "GET", "/api/v1/things/panic", "anna", "", nil, 500, "internal", "the log has the reason"},
		{"busy", "GET", "/api/v1/things/busy", "anna", "", nil, 429, fleet.CodeUnavailable, "too busy"},
		{"locked", "GET", "/api/v1/things/locked", "anna", "", nil, 401, fleet.CodeUnauthenticated, "wrong"},
		{"changed meanwhile", "PUT", "/api/v1/things/a", "anna", `{"name":"no"}`, header("If-Match", `"6"`), 412, fleet.CodeConflict, "changed by someone else"},
		{"no JSON", "POST", "/api/v1/things", "anna", `{"name":`, nil, 400, fleet.CodeInvalid, ""},
		{"field too short", "POST", "/api/v1/things", "anna", `{"name":"x"}`, nil, 422, fleet.CodeInvalid, ""},
		{"unknown field", "POST", "/api/v1/things", "anna", `{"name":"xx","colour":"red"}`, nil, 422, fleet.CodeInvalid, ""},
		{"body too large", "POST", "/api/v1/things", "anna", `{"name":"` + strings.Repeat("x", 1000) + `"}`, nil, 413, fleet.CodeInvalid, "too large"},
		{"another media type", "POST", "/api/v1/things", "anna", `name=xx`, header("Content-Type", "application/x-www-form-urlencoded"), 415, fleet.CodeInvalid, ""},
		{"limit too high", "GET", "/api/v1/things?limit=1001", "anna", "", nil, 422, fleet.CodeInvalid, ""},
		{"no cursor of ours", "GET", "/api/v1/things?after=xyz", "anna", "", nil, 422, fleet.CodeInvalid, ""},
		{"from another site", "POST", "/api/v1/things", "anna", `{"name":"no"}`, header("Sec-Fetch-Site", "cross-site"), 403, fleet.CodeForbidden, "another site"},
		{"from another origin", "POST", "/api/v1/things", "anna", `{"name":"no"}`, header("Origin", "https://evil.test"), 403, fleet.CodeForbidden, "another site"},
	} {
		set := c.set
		if set == nil {
			set = func(*http.Request) {}
		}
		rec, p := w.do(c.method, c.path, c.who, c.body, set)
		if rec.Code != c.status || p.Code != c.code || !strings.Contains(p.Detail, c.detail) {
			t.Errorf("%s: %d %s %q, want %d %s %q", c.what, rec.Code, p.Code, p.Detail, c.status, c.code, c.detail)
		}
		if strings.Contains(rec.Body.String(), "hunter2") || strings.Contains(rec.Body.String(), "secret cause") {
			t.Errorf("%s: the answer tells what is only for the log: %s", c.what, rec.Body)
		}
	}
	if len(w.done) != 0 {
		t.Errorf("refused requests did something: %v", w.done)
	}
	for _, text := range []string{"hunter2", "a fault of ours", "disk on fire", "secret cause"} {
		if !strings.Contains(w.log.String(), text) {
			t.Errorf("the log does not say %q", text)
		}
	}
}

func TestRefusalNamesPoliciesAndIsAnEvent(t *testing.T) {
	w := open(t, nil)
	_, p := w.do("POST", "/api/v1/things", "rita", `{"name":"no"}`)
	if !slices.Equal(p.Policies, []string{"no policy permits"}) {
		t.Errorf("policies %v", p.Policies)
	}
	if len(w.door.events) != 1 || w.door.events[0].Type != "access.refused" || w.door.events[0].Data["permission"] != "device:write" || w.door.events[0].Initiator.Name != "rita" {
		t.Errorf("events %+v", w.door.events)
	}
}

func TestHeadersOfProblems(t *testing.T) {
	w := open(t, nil)
	for path, want := range map[string][2]string{"busy": {"Retry-After", "2"}, "locked": {"Retry-After", "60"}} {
		if rec, _ := w.do("GET", "/api/v1/things/"+path, "anna", ""); rec.Header().Get(want[0]) != want[1] {
			t.Errorf("%s: %v", path, rec.Header())
		}
	}
	if rec, _ := w.do("GET", "/api/v1/things", "", ""); rec.Header().Get("WWW-Authenticate") == "" {
		t.Error("401 without WWW-Authenticate")
	}
	if rec, _ := w.do("DELETE", "/api/v1/things", "anna", ""); rec.Header().Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("Allow: %q", rec.Header().Get("Allow"))
	}
	rec, _ := w.do("GET", "/api/v1/things/a", "anna", "")
	if rec.Header().Get("Cache-Control") != "no-store" || rec.Header().Get("X-Content-Type-Options") != "nosniff" || rec.Header().Get("ETag") != `"7"` {
		t.Errorf("headers %v", rec.Header())
	}
}

func TestFieldErrorsNameThePathNotTheValue(t *testing.T) {
	w := open(t, nil)
	rec, p := w.do("POST", "/api/v1/things", "anna", `{"name":"Ω","count":-77123}`)
	paths := []string{}
	for _, e := range p.Errors {
		paths = append(paths, e.Path)
	}
	slices.Sort(paths)
	if !slices.Equal(paths, []string{"count", "name"}) || strings.Contains(rec.Body.String(), "77123") {
		t.Errorf("%s", rec.Body)
	}
}

func TestWritesThatAreAllowed(t *testing.T) {
	w := open(t, nil)
	for _, match := range []string{"", "*", `"7"`, `W/"7"`, `"3", "7"`} {
		rec, _ := w.do("PUT", "/api/v1/things/a", "anna", `{"name":"okay"}`, func(r *http.Request) {
			if match != "" {
				r.Header.Set("If-Match", match)
			}
		})
		if rec.Code != http.StatusNoContent {
			t.Errorf("If-Match %q: %d %s", match, rec.Code, rec.Body)
		}
	}
	rec, _ := w.do("POST", "/api/v1/things", "anna", `{"name":"okay"}`, func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Origin", "https://thingward.test")
	})
	if rec.Code != http.StatusOK || !slices.Contains(w.done, "post okay") {
		t.Errorf("%d, %v", rec.Code, w.done)
	}
	if rec, _ := w.do("POST", "/api/v1/knock", "", ""); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "192.0.2.1") {
		t.Errorf("open route: %d %s", rec.Code, rec.Body)
	}
	if rec, _ := w.do("GET", "/api/v1/sites/hall-1", "local", ""); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "hall-1") {
		t.Errorf("scoped route: %d %s", rec.Code, rec.Body)
	}
	if rec, _ := w.do("GET", "/api/v1/sites/hall-1", "anna", ""); rec.Code != http.StatusOK {
		t.Errorf("scoped route, unlimited caller: %d %s", rec.Code, rec.Body)
	}
}

func TestCursorsWalkTheList(t *testing.T) {
	w := open(t, nil)
	var names []string
	for after, pages := "", 0; pages < 5; pages++ {
		rec, _ := w.do("GET", "/api/v1/things?limit=2&after="+after, "rita", "")
		var page api.Page[thing]
		if err := json.Unmarshal(rec.Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		for _, one := range page.Items {
			names = append(names, one.Name)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if strings.Join(names, " ") != "aa bb cc dd ee" {
		t.Errorf("%v", names)
	}
	if rec, _ := w.do("GET", "/api/v1/things?after="+api.Cursor("zz"), "rita", ""); !strings.Contains(rec.Body.String(), `"items":[]`) {
		t.Errorf("empty page: %s", rec.Body)
	}
}

func TestPanicsAreCountedAsWhatWasAnswered(t *testing.T) {
	w := open(t, nil)
	w.do("GET", "/api/v1/things/panic", "anna", "")
	want := "# HELP thingward_api_requests_total API requests by status class and problem code.\n# TYPE thingward_api_requests_total counter\n" +
		"thingward_api_requests_total{code=\"internal\",status=\"5xx\"} 1\n"
	if err := testutil.GatherAndCompare(w.Metrics.(prometheus.Gatherer), strings.NewReader(want), "thingward_api_requests_total"); err != nil {
		t.Error(err)
	}
}

func TestUnprotectedRoutesDoNotStart(t *testing.T) {
	w := open(t, nil)
	h := func(context.Context, *struct{}) (*api.Nothing, error) { return &api.Nothing{}, nil }
	for what, register := range map[string]func(){
		"no permission":   func() { api.Get(w.Router, "/x", "", api.Doc{}, h) },
		"no audit action": func() { api.Post(w.Router, "/x", access.DeviceWrite, "", api.Doc{}, h) },
		"unknown event":   func() { api.Delete(w.Router, "/x", access.DeviceWrite, "device.exploded", api.Doc{}, h) },
		"parameters lost": func() {
			api.Get(w.Router, "/x", access.DeviceRead, api.Doc{}, func(context.Context, *struct{ thingInput }) (*api.Nothing, error) { return &api.Nothing{}, nil })
		},
		"open, no event": func() { api.Open(w.Router, http.MethodPost, "/x", "test", "", api.Doc{}, h) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: registered", what)
				}
			}()
			register()
		}()
	}
}

func TestOpenAPISaysWhatProtects(t *testing.T) {
	w := open(t, nil)
	paths := w.OpenAPI().Paths
	post := paths["/api/v1/things"].Post
	if scoped := paths["/api/v1/sites/{ref}"].Get; !strings.Contains(scoped.Description, "at one site only") {
		t.Errorf("%+v", scoped)
	}
	if post.Extensions["x-permission"] != "device:write" || post.Extensions["x-audits"] != "device.created" || len(post.Security) != 0 {
		t.Errorf("%+v", post)
	}
	knock := paths["/api/v1/knock"].Post
	if knock.Security == nil || len(knock.Security) != 0 || !strings.Contains(knock.Description, "Open: whoever knocks") {
		t.Errorf("%+v", knock)
	}
	rec, _ := w.do("GET", "/api/openapi.json", "", "")
	if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"openapi":"3.1`) {
		t.Errorf("%d %.80s", rec.Code, rec.Body)
	}
}

func FuzzRequest(f *testing.F) {
	f.Add("POST", "/api/v1/things", `{"name":"xx"}`)
	f.Add("PUT", "/api/v1/things/%2f..", `{"name":1e999}`)
	f.Add("GET", "/api/v1/things?after=WyJhIl0&limit=-1", "")
	f.Fuzz(func(t *testing.T, method, path, body string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "https://thingward.test/", strings.NewReader(body))
		if err != nil || !strings.HasPrefix(path, "/") {
			return
		}
		if r.URL, err = r.URL.Parse(path); err != nil || strings.Contains(path, "/live") {
			return
		}
		r.Header.Set("Authorization", "anna")
		r.Header.Set("Content-Type", "application/json")
		w := open(t, nil)
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, r)
		b, _ := io.ReadAll(rec.Body)
		if rec.Code >= 500 && !strings.Contains(path, "panic") && !strings.Contains(path, "fault") {
			t.Errorf("%s %s: %d %s", method, path, rec.Code, b)
		}
	})
}
