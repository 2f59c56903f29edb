package server

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// readiness is one thing that must work for the server to be ready.
type readiness struct {
	name string
	ping func(context.Context) error
}

// opsHandler serves metrics and health for the machine's own operators. It tells nothing about devices or people.
func opsHandler(metrics prometheus.Gatherer, probes []readiness) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		state, status := map[string]string{}, http.StatusOK
		for _, p := range probes {
			state[p.name] = "ok"
			if err := p.ping(ctx); err != nil {
				state[p.name], status = err.Error(), http.StatusServiceUnavailable
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(state) // the caller has gone; there is nobody to tell
	})
	return mux
}
