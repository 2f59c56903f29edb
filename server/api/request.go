package api

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
)

type requestKey struct{}

// request is what a handler can find out about the request behind its context.
type request struct{ id, address string }

func newRequestID() string { return id.New() }

// RequestID is the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	r, _ := ctx.Value(requestKey{}).(request)
	return r.id
}

// AddressOf is the IP address that the request of ctx came from, or "".
func AddressOf(ctx context.Context) string {
	r, _ := ctx.Value(requestKey{}).(request)
	return r.address
}

// Address is the IP address a request came from.
func Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func stack() string { return string(debug.Stack()) }

func clip(s string) string {
	if len(s) > 120 {
		return s[:120] + "…"
	}
	return s
}

func statusClass(status int) string { return fmt.Sprintf("%dxx", status/100) }

// recorder remembers what was answered, for metrics and for panics.
type recorder struct {
	http.ResponseWriter
	status int
	wrote  bool
	code   fleet.Code
}

// WriteHeader notes the status.
func (w *recorder) WriteHeader(status int) {
	if !w.wrote {
		w.status, w.wrote = status, true
		if status >= http.StatusBadRequest {
			w.code = codeOf(status)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes that the answer has begun.
func (w *recorder) Write(b []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(b)
}

// discard takes an answer that nobody reads.
type discard struct{ header http.Header }

// Header is where the answer's header goes.
func (d discard) Header() http.Header { return d.header }

// Write forgets.
func (d discard) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader forgets.
func (d discard) WriteHeader(int) {}

// Unwrap lets http.ResponseController reach the connection (flush, hijack).
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
