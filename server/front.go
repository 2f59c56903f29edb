package server

import (
	"context"
	"errors"
	"net/http"
	"syscall"
	"time"

	"github.com/thingward/thingward/console"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

// openFront makes the router and registers every domain's routes.
func (s *Server) openFront(context.Context) error {
	var err error
	s.api, err = api.New(api.Config{Version: Version, Auth: s.access, Policy: s.access, Events: s.bus, Bus: s.bus, Clock: s.clock, Log: s.log, Metrics: s.metrics})
	if err != nil {
		return err
	}
	for _, routes := range []func(*api.Router){
		s.people.Routes, s.registry.Routes, s.identity.Routes, s.broker.Routes, s.traffic.Routes, s.telemetry.Routes, s.detect.Routes, s.posture.Routes, s.proof.Routes, s.records.Routes, s.risk.Routes, s.reviews.Routes, s.audits.Routes, s.export.Routes, s.systemRoutes,
	} {
		routes(s.api)
	}
	if s.console, err = console.Handler(); errors.Is(err, console.ErrNotBuilt) {
		s.console = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, err.Error(), http.StatusNotFound) })
	}
	return nil
}

// front sends a request on the HTTPS listener to the part it is for.
func (s *Server) front() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/", s.api)
	mux.Handle("POST /api/v1/ingest", s.intake)
	mux.Handle("/.well-known/est/", s.identity.ESTHandler())
	mux.Handle("/mqtt", s.broker.WebSocket())
	mux.Handle("/", s.console)
	return mux
}

// systemFacts is what GET /system says.
type systemFacts struct {
	Version   string         `json:"version"`
	Started   time.Time      `json:"started"`
	Nodes     int            `json:"nodes"`
	Node      *nodeFacts     `json:"node,omitempty" doc:"This one, where several run."`
	Database  systemPart     `json:"database"`
	Bus       systemPart     `json:"bus"`
	Disk      diskFacts      `json:"disk"`
	Listeners []listenerInfo `json:"listeners"`
	Weakened  []string       `json:"weakened" doc:"Settings below the secure default."`
}

type systemPart struct {
	Kind string `json:"kind"`
	OK   bool   `json:"ok"`
}

type diskFacts struct {
	Free  uint64 `json:"free" doc:"Bytes free in the data folder."`
	Total uint64 `json:"total"`
}

type listenerInfo struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	Protocol string `json:"protocol"`
	TLS      string `json:"tls" doc:"Lowest version, or empty where the standard wants plain HTTP."`
	Auth     string `json:"auth"`
	Plain    string `json:"plain,omitempty" doc:"Why it is without TLS."`
}

func (s *Server) systemRoutes(r *api.Router) {
	api.Get(r, "/system", access.SystemRead, api.Doc{Tag: "System", Summary: "Health and settings of this installation"}, func(ctx context.Context, _ *struct{}) (*api.One[systemFacts], error) {
		return &api.One[systemFacts]{Body: s.facts(ctx)}, nil
	})
}

func (s *Server) facts(ctx context.Context) systemFacts {
	return systemFacts{
		Version: Version, Started: s.started, Nodes: s.nodes(), Node: s.node(), Disk: disk(s.data.dir), Listeners: s.doors(), Weakened: s.weakened(),
		Database: systemPart{string(s.db.Dialect()), s.db.Ping(ctx) == nil}, Bus: systemPart{"jetstream", s.bus.Ping(ctx) == nil},
	}
}

// doors lists what listens; this list is the documented one that a check compares with what is open (CLS-02).
func (s *Server) doors() []listenerInfo {
	a, tls := s.Addresses(), "TLS "+s.config.MinTLS
	doors := []listenerInfo{
		{Name: "https", Address: a.HTTPS, Protocol: "https", TLS: tls, Auth: "session, token or client certificate"},
		{Name: "mqtts", Address: a.MQTTS, Protocol: "mqtts", TLS: tls, Auth: "client certificate"},
		{Name: "ocsp", Address: a.OCSP, Protocol: "http", Auth: "none", Plain: "CRL and OCSP answers are signed; RFC 5280 and RFC 6960 expect plain HTTP"},
		{Name: "ops", Address: a.OPS, Protocol: "http", Auth: "none", Plain: "metrics and health, on the loopback address only"},
	}
	if a.COAPS != "" {
		doors = append(doors, listenerInfo{Name: "coaps", Address: a.COAPS, Protocol: "coaps", TLS: "DTLS 1.2", Auth: "client certificate"})
	}
	if s.lease != nil {
		doors = append(doors, listenerInfo{Name: "cluster", Address: s.config.ClusterListen, Protocol: "nats", TLS: "TLS 1.3", Auth: "certificate of a node"})
	}
	return doors
}

// weakened names the settings that are below the secure default; posture shows them.
func (s *Server) weakened() []string {
	out := []string{}
	for _, w := range []struct {
		is   bool
		text string
	}{
		{s.config.AllowRoot && runsAsRoot(), "allow_root: the server runs as root"},
		{s.config.MinTLS != "1.3", "min_tls: listeners accept TLS " + s.config.MinTLS},
		{s.config.AllowRemoteOps, "allow_remote_ops: metrics can be read from other machines"},
	} {
		if w.is {
			out = append(out, w.text)
		}
	}
	return out
}

func disk(dir string) diskFacts {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return diskFacts{}
	}
	return diskFacts{Free: st.Bavail * uint64(st.Bsize), Total: st.Blocks * uint64(st.Bsize)}
}

func (s *Server) probes() []readiness {
	return []readiness{{"database", s.db.Ping}, {"bus", s.bus.Ping}} // the bus answers only with a leader
}
