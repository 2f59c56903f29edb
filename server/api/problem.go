package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/thingward/thingward/fleet"
)

// Problem is every error answer (RFC 9457). Code is one of the six codes, or "internal"; Request finds it in the log.
type Problem struct {
	Type       string             `json:"type"`
	Title      string             `json:"title"`
	Status     int                `json:"status"`
	Detail     string             `json:"detail"`
	Code       fleet.Code         `json:"code"`
	Request    string             `json:"request,omitempty"`
	Errors     []fleet.FieldError `json:"errors,omitempty"`
	Policies   []string           `json:"policies,omitempty"`
	RetryAfter int                `json:"retryAfter,omitempty"` // seconds
}

// Error is the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status, for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is application/problem+json, for huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders gives Retry-After where it is known, for huma.
func (p *Problem) GetHeaders() http.Header {
	if p.RetryAfter == 0 {
		return nil
	}
	return http.Header{"Retry-After": {fmt.Sprint(p.RetryAfter)}}
}

const codeInternal fleet.Code = "internal"

// statusAbandoned is what the metrics count for a caller who went away; it has no name in the standard.
const statusAbandoned = 499

var errInternal = errors.New("internal")

var statuses = map[fleet.Code]int{
	fleet.CodeInvalid: http.StatusUnprocessableEntity, fleet.CodeUnauthenticated: http.StatusUnauthorized, fleet.CodeForbidden: http.StatusForbidden,
	fleet.CodeNotFound: http.StatusNotFound, fleet.CodeConflict: http.StatusConflict, fleet.CodeUnavailable: http.StatusServiceUnavailable,
	codeInternal: http.StatusInternalServerError,
}

// toProblem turns any error into a Problem. What is no fleet.Error goes to the log with the request's id, and only the id
// goes out.
func (r *Router) toProblem(ctx context.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		p.Request = RequestID(ctx)
		return p
	}
	var fe *fleet.Error
	if !errors.As(err, &fe) {
		if errors.Is(err, context.Canceled) && ctx.Err() != nil { // the caller went away: nobody failed, and nobody reads the answer
			r.Log.Debug("request abandoned", "request", RequestID(ctx))
			return newProblem(ctx, statusAbandoned, codeInternal, "the request was abandoned before it was answered")
		}
		r.Log.Error("request failed", "request", RequestID(ctx), "error", err)
		return newProblem(ctx, http.StatusInternalServerError, codeInternal, "the server failed; the log has the reason under request "+RequestID(ctx))
	}
	if cause := fe.Unwrap(); cause != nil {
		r.Log.Warn("request refused", "request", RequestID(ctx), "code", fe.Code, "error", fe.Message, "cause", cause)
	}
	p = newProblem(ctx, statuses[fe.Code], fe.Code, fe.Message)
	p.Errors, p.Policies = fe.Fields, fe.Policies
	if fe.RetryAfter > 0 {
		p.RetryAfter = int(math.Ceil(fe.RetryAfter.Seconds()))
		if fe.Code == fleet.CodeUnavailable {
			p.Status, p.Title = http.StatusTooManyRequests, http.StatusText(http.StatusTooManyRequests)
		}
	}
	return p
}

func newProblem(ctx context.Context, status int, code fleet.Code, detail string) *Problem {
	return &Problem{Type: "urn:thingward:problem:" + string(code), Title: http.StatusText(status), Status: status, Detail: detail, Code: code, Request: RequestID(ctx)}
}

// problem writes an error answer outside of huma's handlers.
func (r *Router) problem(w http.ResponseWriter, req *http.Request, err error) {
	p := r.toProblem(req.Context(), err)
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="thingward"`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client has gone; there is nobody to tell
}

var problemsOnce sync.Once

// useProblems makes huma's own errors (validation, unknown media type, too large a body) our problems. huma keeps its
// constructor in a package variable, so it is set once for the process.
func useProblems() {
	problemsOnce.Do(func() {
		huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
			p := newProblem(context.Background(), status, codeOf(status), msg)
			for _, err := range errs {
				var d huma.ErrorDetailer
				if errors.As(err, &d) {
					e := d.ErrorDetail()
					p.Errors = append(p.Errors, fleet.FieldError{Path: strings.TrimPrefix(e.Location, "body."), Message: e.Message})
				} else if err != nil {
					p.Errors = append(p.Errors, fleet.FieldError{Message: err.Error()})
				}
			}
			return p
		}
		huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
			p := huma.NewError(status, msg, errs...).(*Problem)
			if ctx != nil {
				p.Request = RequestID(ctx.Context())
			}
			return p
		}
	})
}

func codeOf(status int) fleet.Code {
	for code, s := range statuses {
		if s == status {
			return code
		}
	}
	if status >= http.StatusInternalServerError {
		return codeInternal
	}
	return fleet.CodeInvalid
}
