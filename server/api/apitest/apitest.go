// Package apitest calls the routes of a domain in tests, as whomever a test names. Who may sign in is package access's and has
// its own tests; here a header is trusted.
package apitest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/bus"
)

// header names the caller.
const header = "X-Test-Person"

// Rules says who a name is and what they may. Without Who everybody is a person called so; without May everything is allowed.
type Rules struct {
	Who func(name string) access.Principal
	May func(p access.Principal, need access.Permission) bool
}

// Authenticate trusts the header.
func (r Rules) Authenticate(req *http.Request) (access.Principal, error) {
	name := req.Header.Get(header)
	if r.Who != nil {
		return r.Who(name), nil
	}
	return access.Principal{Kind: access.Person, ID: "id-" + name, Name: name}, nil
}

// Decide asks May.
func (r Rules) Decide(_ context.Context, p access.Principal, need access.Permission, _ access.Resource) access.Decision {
	return access.Decision{Allowed: r.May == nil || r.May(p, need), Policies: []string{"test"}}
}

// Caller sends a request as somebody, as JSON unless a header says otherwise. Headers are name and value in turn.
type Caller func(who, method, path, body string, headers ...string) *httptest.ResponseRecorder

// Open serves routes, and fails the test when they cannot be registered.
func Open(t testing.TB, b *bus.Bus, c clock.Clock, rules Rules, routes func(*api.Router)) Caller {
	t.Helper()
	router, err := api.New(api.Config{Version: "test", Auth: rules, Policy: rules, Events: b, Bus: b, Clock: c, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	routes(router)
	return func(who, method, path, body string, headers ...string) *httptest.ResponseRecorder {
		req := httptest.NewRequestWithContext(context.Background(), method, api.Prefix+path, strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(header, who)
		for i := 0; i+1 < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		router.ServeHTTP(w, req)
		return w
	}
}
