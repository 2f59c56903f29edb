package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
)

// Audits names the event type that a write records in its transaction, such as "device.quarantined", or publishes where it
// changes no stored state, such as "session.opened".
type Audits string

// Doc describes a route for people: Tag groups routes, Summary is a short sentence.
type Doc struct {
	Tag     string
	Summary string
	Text    string
	Status  int   // of success; 200 unless set (204 when the output has no body)
	MaxBody int64 // bytes; 1 MiB unless set
	// Scoped lets in who may do this in one place only. The handler then asks Allow about the very resource, or lists
	// only what Scope allows. Without it such callers are refused. What does not exist and what is elsewhere get the same
	// refusal, so that nobody learns names of other places by trying.
	Scoped bool
}

// Handler answers a route. I holds path, query, header and body fields and O headers and Body, with huma's tags. Its
// errors become problems: a fleet.Error by its code, anything else a 500 whose detail is only in the log.
type Handler[I, O any] func(context.Context, *I) (*O, error)

// Get registers a route that changes nothing.
func Get[I, O any](r *Router, path string, need access.Permission, doc Doc, h Handler[I, O]) {
	register(r, http.MethodGet, path, need, "", doc, h)
}

// Post registers a route that makes or does something.
func Post[I, O any](r *Router, path string, need access.Permission, audits Audits, doc Doc, h Handler[I, O]) {
	write(r, http.MethodPost, path, need, audits, doc, h)
}

// Put registers a route that replaces something.
func Put[I, O any](r *Router, path string, need access.Permission, audits Audits, doc Doc, h Handler[I, O]) {
	write(r, http.MethodPut, path, need, audits, doc, h)
}

// Delete registers a route that ends something.
func Delete[I, O any](r *Router, path string, need access.Permission, audits Audits, doc Doc, h Handler[I, O]) {
	write(r, http.MethodDelete, path, need, audits, doc, h)
}

// Open registers a route for callers whose identity is not proved yet. why is the reason it must be open, and stands in
// the OpenAPI document. The handler finds the caller's address with Address and reports refusals itself.
func Open[I, O any](r *Router, method, path, why string, audits Audits, doc Doc, h Handler[I, O]) {
	checkAudits(method, path, audits)
	checkInput[I](method, path)
	doc.Text = strings.TrimSpace(doc.Text + " Open: " + why)
	op := operation(method, path, doc)
	op.Security = []map[string][]string{}
	huma.Register(r.huma, op, guarded(r, "", false, h))
}

// HandleOpen serves a path outside of the API (console, EST) whose handler authenticates for itself or needs none.
func (r *Router) HandleOpen(pattern string, h http.Handler) { r.mux.Handle(pattern, h) }

func write[I, O any](r *Router, method, path string, need access.Permission, audits Audits, doc Doc, h Handler[I, O]) {
	checkAudits(method, path, audits)
	register(r, method, path, need, audits, doc, h)
}

// checkAudits stops a program whose write route names no event of the catalogue. That a state change records its event
// is the store's to insist on.
func checkAudits(method, path string, audits Audits) {
	if _, ok := fleet.EventTypes[string(audits)]; !ok {
		panic(fmt.Sprintf("%s %s: %q is not in the event catalogue", method, path, audits))
	}
}

// checkInput stops a program whose input embeds an unexported struct: huma would leave its parameters out without a word,
// an If-Match among them.
func checkInput[I any](method, path string) {
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		if t.Kind() != reflect.Struct {
			return
		}
		for i := range t.NumField() {
			if f := t.Field(i); f.Anonymous && !f.IsExported() {
				panic(fmt.Sprintf("%s %s: the input embeds the unexported %s, whose parameters would be ignored: export it or name its fields", method, path, f.Name))
			} else if f.Anonymous {
				walk(f.Type)
			}
		}
	}
	walk(reflect.TypeFor[I]())
}

func register[I, O any](r *Router, method, path string, need access.Permission, audits Audits, doc Doc, h Handler[I, O]) {
	if need == "" {
		panic(fmt.Sprintf("%s %s needs no permission: use Open and say why", method, path))
	}
	checkInput[I](method, path)
	if doc.Scoped {
		doc.Text = strings.TrimSpace(doc.Text + " " + scopedText)
	}
	op := operation(method, path, doc)
	op.Extensions = map[string]any{"x-permission": string(need)}
	if audits != "" {
		op.Extensions["x-audits"] = string(audits)
	}
	op.Middlewares = huma.Middlewares{r.authenticate}
	huma.Register(r.huma, op, guarded(r, need, doc.Scoped, h))
}

const scopedText = "Who may do this at one site only (roles local-user and gateway) gets what is there; anything else is 403, whether or not it exists."

var pathParts = regexp.MustCompile(`[^a-zA-Z0-9]+`)

func operation(method, path string, doc Doc) huma.Operation {
	if doc.MaxBody == 0 {
		doc.MaxBody = 1 << 20
	}
	return huma.Operation{
		Method: method, Path: Prefix + path, Tags: []string{doc.Tag}, Summary: doc.Summary, Description: doc.Text, DefaultStatus: doc.Status,
		OperationID:  strings.ToLower(method) + "-" + strings.Trim(pathParts.ReplaceAllString(path, "-"), "-"),
		MaxBodyBytes: doc.MaxBody,
	}
}

// guarded asks policy before the handler and turns its error into a problem.
func guarded[I, O any](r *Router, need access.Permission, scoped bool, h Handler[I, O]) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		if need != "" {
			var on access.Resource
			if p, _ := access.From(ctx); scoped {
				on.Site = p.Site
			}
			if err := r.allow(ctx, need, on); err != nil {
				return nil, r.toProblem(ctx, err)
			}
		}
		out, err := h(ctx, in)
		if scoped && fleet.CodeOf(err) == fleet.CodeNotFound {
			if refused := r.allow(ctx, need, access.Resource{}); refused != nil {
				err = refused
			}
		}
		if err != nil {
			return nil, r.toProblem(ctx, err)
		}
		return out, nil
	}
}

// Allow asks policy about a resource that only the handler knows. Handlers whose resource matters call it before they act.
func (r *Router) Allow(ctx context.Context, need access.Permission, on access.Resource) error {
	return r.allow(ctx, need, on)
}

// Scope says whether the caller's permission is limited to one site, and to which; for Scoped lists, after the route has
// let the caller in.
func (r *Router) Scope(ctx context.Context, need access.Permission) (site string, limited bool) {
	p, _ := access.From(ctx)
	return p.Site, !r.Policy.Decide(ctx, p, need, access.Resource{}).Allowed
}

func (r *Router) allow(ctx context.Context, need access.Permission, on access.Resource) error {
	p, ok := access.From(ctx)
	if !ok {
		return errNobody
	}
	d := r.Policy.Decide(ctx, p, need, on)
	if d.Allowed {
		return nil
	}
	_ = r.Events.Publish(fleet.NewEvent("access.refused", r.Clock.Now(), p.Party(), fleet.Server("api"), map[string]any{"permission": string(need), "policies": d.Policies, "resource": on}))
	e := fleet.Errorf(fleet.CodeForbidden, "%s may not %s: ask a system administrator for a role that may", p.Name, need)
	if p.Site != "" && r.Policy.Decide(ctx, p, need, access.Resource{Site: p.Site}).Allowed {
		e = fleet.Errorf(fleet.CodeForbidden, "%s may %s at the site %s only: list what is there, or ask a system administrator for a role that reaches further", p.Name, need, p.Site)
	}
	e.Policies = d.Policies
	return e
}

var errNobody = fleet.Errorf(fleet.CodeUnauthenticated, "sign in first: thingward login, or the console's sign-in page")

// authenticate puts the caller into the request's context.
func (r *Router) authenticate(ctx huma.Context, next func(huma.Context)) {
	req, w := humago.Unwrap(ctx)
	p, err := r.Auth.Authenticate(req)
	if err != nil {
		if fleet.CodeOf(err) == "" {
			r.Log.Error("authentication failed", "error", err, "request", RequestID(req.Context()))
			err = errors.Join(errInternal, err)
		}
		r.problem(w, req, err)
		return
	}
	next(huma.WithContext(ctx, access.With(ctx.Context(), p)))
}
