package server

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"maps"
	"sync"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/probe"
)

// selfTests is what posture asks for its self-tests. The prober is made at the first one, when the listeners have addresses.
type selfTests struct{ prober func() *probe.Prober }

// Probe makes a try.
func (t selfTests) Probe(ctx context.Context, name string) (posture.ProbeResult, error) {
	return t.prober().Probe(ctx, name)
}

func (s *Server) selfTests() selfTests { return selfTests{sync.OnceValue(s.prober)} }

// prober puts together what can be tried on this server.
func (s *Server) prober() *probe.Prober {
	roots := x509.NewCertPool()
	roots.AddCert(s.identity.Root())
	client := &testClient{server: s}
	return probe.New(probe.Config{
		Clock: s.clock, Targets: s.targets(), Roots: roots, Host: "localhost", Identity: client.identity, Policy: s.access,
		OpenAPI: func() ([]byte, error) { return json.Marshal(s.api.OpenAPI()) }, Events: s.bus, Watch: s.bus.Watch, Tries: s.tries(client),
	})
}

// targets are the documented listeners (doors), with what each speaks.
func (s *Server) targets() (out []probe.Target) {
	for _, d := range s.doors() {
		t := probe.Target{Name: d.Name, Network: "tcp", Address: d.Address, TLS: d.TLS != "", Plain: d.Plain}
		switch d.Name {
		case "https":
			t.API, t.WebSocket = true, "/mqtt"
		case "mqtts":
			t.MQTT, t.ClientCert = true, true
		case "coaps":
			t.Network, t.ClientCert = "udp", true
		}
		out = append(out, t)
	}
	return out
}

// tries are the self-tests that need a domain's inside.
func (s *Server) tries(client *testClient) map[string]probe.Try {
	all := map[string]probe.Try{}
	for _, group := range []map[string]probe.Try{
		s.configTries(), s.registryTries(), s.identityTries(client), s.accessTries(), s.auditTries(), s.brokerTries(), s.ruleTries(), s.telemetryTries(), s.governTries(), s.enrolTries(), s.revokeTries(), s.awayTries(), s.recordTries(),
	} {
		maps.Copy(all, group)
	}
	return all
}

// SelfTest makes one self-test now, for tests of the whole server. The error is posture.ErrNoProbe where there is none of that
// name.
func (s *Server) SelfTest(ctx context.Context, name string) (posture.ProbeResult, error) {
	return s.tester.Probe(ctx, name)
}

// SelfTests are the names of the self-tests that can be made.
func (s *Server) SelfTests() []string { return s.tester.prober().Names() }

// whenReady runs fn once every listener answers.
func (s *Server) whenReady(fn func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return nil
		case <-s.ready:
			return fn(ctx)
		}
	}
}
