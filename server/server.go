package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/coap"
	"github.com/thingward/thingward/server/broker/intake"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/engagement"
	"github.com/thingward/thingward/server/export"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/people"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/proof"
	"github.com/thingward/thingward/server/records"
	"github.com/thingward/thingward/server/registry"
	"github.com/thingward/thingward/server/risk"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/telemetry"
	"github.com/thingward/thingward/server/traffic"
)

// Server is everything put together. It is made by Open, runs with Run, and is used unchanged by the program, the demo and
// the tests.
type Server struct {
	config  Config
	log     *slog.Logger
	clock   clock.Clock
	forward *clock.Forward // the same
	started time.Time
	metrics *prometheus.Registry

	data      *data
	db        *store.DB
	bus       *bus.Bus
	audit     *audit.Log
	access    *access.Service
	api       *api.Router
	identity  *identity.Service
	registry  *registry.Service
	broker    *broker.Service
	coap      *coap.Server // nil: off
	intake    *intake.Service
	traffic   *traffic.Service
	telemetry *telemetry.Service
	detect    *detect.Service
	posture   *posture.Service
	records   *records.Service
	risk      *risk.Service
	reviews   *people.Reviews
	audits    *engagement.Service
	export    *export.Service
	tester    selfTests
	people    *people.Service
	proof     *proof.Service
	console   http.Handler

	lease *store.Lease // of one node among several; nil alone
	waits waiting

	listeners listeners
	ready     chan struct{}
	closers   []func() error // run last first
	work      []func(context.Context) error
}

// Open puts the server together over a data folder that Setup made. Nothing listens before Run.
func Open(ctx context.Context, c Config, log *slog.Logger) (*Server, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if runsAsRoot() && !c.AllowRoot {
		return nil, ErrRoot
	}
	if err := harden(); err != nil {
		return nil, fmt.Errorf("harden the process: %w", err)
	}
	collectEarlier()
	s := &Server{config: c, log: log, forward: clock.NewForward(clock.Real{}, time.Time{}, nil), metrics: prometheus.NewRegistry(), ready: make(chan struct{})}
	s.clock = s.forward
	s.started = s.clock.Now()
	s.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, open := range []func(context.Context) error{s.openData, s.openStores, s.openCore, s.openDomains, s.openGovernance, s.openWatch, s.openAudits, s.openFront, s.bind} {
		if err := open(ctx); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	return s, nil
}

// later notes what has to be closed.
func (s *Server) later(fn func() error) { s.closers = append(s.closers, fn) }

func (s *Server) close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// Ready is closed when every listener answers.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Run serves until ctx ends or a part fails, then stops in order: listeners first, stores last.
func (s *Server) Run(ctx context.Context) error {
	stop, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	run := func(name string, fn func(context.Context) error) {
		wg.Go(func() {
			if err := fn(stop); err != nil && stop.Err() == nil {
				cancel(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	for i, fn := range s.work {
		run(fmt.Sprintf("background work %d", i), fn)
	}
	s.listeners.serve(run)
	s.lifeEvent(stop, "server.started", map[string]any{"version": Version})
	for _, w := range s.weakened() {
		setting, value, _ := strings.Cut(w, ": ")
		exception := "none" // what is weaker without one shows in posture as failing, not as excepted
		if e, ok := s.posture.SettingException(setting); ok {
			exception = e.ID
		}
		s.lifeEvent(stop, "configuration.weakened", map[string]any{"setting": setting, "value": value, "exception": exception})
	}
	s.log.Info("ready", "https", s.Addresses().HTTPS, "mqtts", s.Addresses().MQTTS, "coaps", s.Addresses().COAPS, "after", s.clock.Now().Sub(s.started).String())
	close(s.ready)
	<-stop.Done()
	cause := context.Cause(stop)
	s.shutdown(cause)
	wg.Wait()
	if errors.Is(cause, context.Canceled) {
		cause = nil
	}
	return errors.Join(cause, s.close())
}

// shutdown closes the doors and writes the last event.
func (s *Server) shutdown(cause error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s.listeners.shutdown(ctx)
	if s.coap != nil {
		s.coap.Close()
	}
	if err := s.broker.Close(ctx); err != nil {
		s.log.Warn("broker did not stop in order", "error", err)
	}
	s.lifeEvent(ctx, "server.stopped", map[string]any{"reason": fmt.Sprint(cause)})
	if err := s.bus.Flush(ctx); err != nil {
		s.log.Warn("events not written before the stop", "error", err)
	}
}

func (s *Server) lifeEvent(_ context.Context, typ string, data map[string]any) {
	if err := s.bus.Publish(fleet.NewEvent(typ, s.clock.Now(), fleet.Server("core"), fleet.Server("core"), data)); err != nil {
		s.log.Error("event not published", "type", typ, "error", err)
	}
}

// SignInLink makes a one-time secret that signs an account in, for thingward demo. It is good for ttl.
func (s *Server) SignInLink(ctx context.Context, account string, ttl time.Duration) (string, error) {
	return s.access.CreateLink(ctx, account, ttl)
}
