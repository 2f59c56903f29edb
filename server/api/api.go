// Package api is the HTTP front: routing, authentication, permissions, problems (RFC 9457), paging, ETags, the live stream
// and the OpenAPI 3.1 document. It knows no domain: domains register their routes with Get, Post, Put and Delete, which
// take the permission (and for writes the audit action) as arguments, so that an unprotected route does not compile.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
)

// Prefix is where the versioned API lives.
const Prefix = "/api/v1"

// Authenticator finds out who sent a request, from its session cookie, bearer token or client certificate. It returns a
// fleet.CodeUnauthenticated error when nobody is proved, having reported a failed try itself.
type Authenticator interface {
	Authenticate(r *http.Request) (access.Principal, error)
}

// Decider says whether policy allows an operation.
type Decider interface {
	Decide(ctx context.Context, p access.Principal, need access.Permission, on access.Resource) access.Decision
}

// Publisher takes events that are no state change.
type Publisher interface {
	Publish(ev fleet.Event) error
}

// Config is what a Router needs.
type Config struct {
	Version string
	Auth    Authenticator
	Policy  Decider
	Events  Publisher
	Bus     *bus.Bus // carries the live stream between nodes
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics prometheus.Registerer
}

// Router serves the API. Register every route before the first request.
type Router struct {
	Config
	mux      *http.ServeMux
	huma     huma.API
	live     *live
	requests *prometheus.CounterVec
	latency  prometheus.Histogram
}

// New makes a Router without routes but those of the OpenAPI document and the live stream.
func New(c Config) (*Router, error) {
	useProblems()
	r := &Router{Config: c, mux: http.NewServeMux()}
	r.requests = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_api_requests_total", Help: "API requests by status class and problem code."}, []string{"status", "code"})
	r.latency = prometheus.NewHistogram(prometheus.HistogramOpts{Name: "thingward_api_request_seconds", Help: "Time to answer an API request.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14)})
	if c.Metrics != nil {
		c.Metrics.MustRegister(r.requests, r.latency)
	}
	cfg := huma.DefaultConfig("Thingward", c.Version)
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "/api/openapi", "", ""
	cfg.CreateHooks, cfg.Transformers = nil, nil // no $schema links in bodies
	cfg.Info.Description = "Runs an IoT fleet whose security is enforced, measured and provable."
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: access.SessionCookie, Description: "A console session."},
		"token":   {Type: "http", Scheme: "bearer", Description: "A session token of thingward login, or an API token."},
	}
	cfg.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	r.huma = humago.New(r.mux, cfg)
	var err error
	r.live, err = newLive(r)
	return r, err
}

// schemaName names a type in the OpenAPI document. Two domains may use the same word for a type, so the domain stands before
// it (IdentityEffect, PagePostureListed); types of the vocabulary keep their plain names.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	found := domainPath.FindStringSubmatch(t.PkgPath() + "." + t.Name())
	generic, argument, isGeneric := strings.Cut(t.Name(), "[")
	if isGeneric {
		found = domainPath.FindStringSubmatch(argument)
	}
	if t.Name() == "" || found == nil || found[1] == "api" {
		return name
	}
	domain := strings.ToUpper(found[1][:1]) + found[1][1:]
	if isGeneric {
		return generic + domain + strings.TrimPrefix(name, generic)
	}
	return domain + name
}

var domainPath = regexp.MustCompile(`/server/([a-z]+)\.`)

// OpenAPI is the document that describes every registered route.
func (r *Router) OpenAPI() *huma.OpenAPI { return r.huma.OpenAPI() }

// ServeHTTP answers a request. Cross-site writes with a cookie are refused (Fetch metadata and Origin), a panic becomes a
// problem, and every answer carries the request's id.
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	id := newRequestID()
	w.Header().Set("X-Request-Id", id)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	req = req.WithContext(context.WithValue(req.Context(), requestKey{}, request{id, Address(req)}))
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	start := time.Now()
	defer func() { // after recoverPanic, so that a panic counts as what was answered
		r.requests.WithLabelValues(statusClass(rec.status), string(rec.code)).Inc()
		r.latency.Observe(time.Since(start).Seconds())
	}()
	defer r.recoverPanic(rec, req, id)
	if err := sameOrigin.Check(req); err != nil {
		r.problem(rec, req, fleet.Errorf(fleet.CodeForbidden, "a request from another site was refused: use the console itself, or an API token"))
		return
	}
	if fallback, pattern := r.mux.Handler(req); pattern == "" {
		r.nothingThere(rec, req, fallback)
		return
	}
	r.mux.ServeHTTP(rec, req)
}

// nothingThere answers for a path that no route has (404), or that has routes for other methods only (405, RFC 9110
// 15.5.6), which the mux's own fallback knows.
func (r *Router) nothingThere(w *recorder, req *http.Request, fallback http.Handler) {
	probe := &recorder{ResponseWriter: discard{http.Header{}}}
	fallback.ServeHTTP(probe, req)
	if probe.status == http.StatusMethodNotAllowed {
		allow := probe.Header().Get("Allow")
		w.Header().Set("Allow", allow)
		p := newProblem(req.Context(), http.StatusMethodNotAllowed, fleet.CodeInvalid, fmt.Sprintf("%s is not possible here: want %s", clip(req.Method), allow))
		r.problem(w, req, p)
		return
	}
	r.problem(w, req, fleet.Errorf(fleet.CodeNotFound, "nothing is at %s %s: see /api/openapi.json for what there is", clip(req.Method), clip(req.URL.Path)))
}

var sameOrigin = http.NewCrossOriginProtection()

func (r *Router) recoverPanic(w *recorder, req *http.Request, id string) {
	if p := recover(); p != nil {
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(p)
		}
		r.Log.Error("panic while answering", "request", id, "method", req.Method, "path", req.URL.Path, "panic", p, "stack", stack())
		if !w.wrote {
			r.problem(w, req, errInternal)
		}
	}
}
