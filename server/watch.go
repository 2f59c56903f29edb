package server

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/people"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/posture/controls"
	"github.com/thingward/thingward/server/proof"
	"github.com/thingward/thingward/server/records/kinds"
	"github.com/thingward/thingward/server/registry"
)

// openWatch opens what looks at the fleet: detection, posture, proof; and the people who look.
func (s *Server) openWatch(ctx context.Context) error {
	key, err := s.key()
	if err != nil {
		return err
	}
	anchors, err := authorities(s.config.AlertTrust)
	if err != nil {
		return fmt.Errorf("alert_trust: %w", err)
	}
	s.detect, err = detect.New(ctx, detect.Config{
		DB: s.db, Bus: s.bus, Audit: s.audit, Clock: s.clock, Log: s.log, Key: key, Rules: shelf(), Responder: responder{s.registry}, Quarantine: named(s.config.Quarantine), ConsoleURL: s.config.ConsoleURL, Entries: s.audit, Metrics: s.metrics, Anchors: anchors,
	})
	if err != nil {
		return err
	}
	s.later(func() error { s.detect.Close(); return nil })
	if err := s.openPosture(ctx); err != nil {
		return err
	}
	s.people = people.New(people.Config{Access: s.access, Claims: claims{s.identity}, Sites: s.registry, Clock: s.clock, Log: s.log})
	if s.proof, err = proof.New(ctx, proof.Config{Audit: s.audit}); err != nil {
		return err
	}
	s.registry.Wire(registry.Readers{Connections: s.broker, Publisher: s.broker, Certificates: s.identity, Posture: counts{s.posture}, Vitals: s.telemetry})
	s.work = append(s.work, s.detect.Run, s.whenReady(s.posture.Run))
	return nil
}

// announced is how long the announcement of a change may be on its way.
const announced = 2 * time.Second

// checks is everything that evaluates a control from facts, records among them; gates is everything that tries one.
func checks() []posture.Check { return slices.Concat(controls.All(), kinds.Checks()) }

func gates() []posture.Gate { return slices.Concat(controls.Gates(), kinds.Gates()) }

func (s *Server) openPosture(ctx context.Context) error {
	if err := s.clearBenches(); err != nil {
		return err
	}
	s.tester = s.selfTests()
	cat, err := catalogue.Load()
	if err != nil {
		return err
	}
	s.posture, err = posture.New(ctx, posture.Config{
		DB: s.db, Bus: s.bus, Events: s.bus, Audit: s.audit, Clock: s.clock, Log: s.log, Catalogue: cat, Checks: checks(), Gates: gates(), Owners: owners{s.access},
		Sources: slices.Concat(s.sources(), s.dutySources()), Prober: s.tester, Metrics: s.metrics, Grace: announced,
	})
	return err
}

// authorities reads the certificates of a PEM file; none when path is empty.
func authorities(path string) (out []*x509.Certificate, err error) {
	if path == "" {
		return nil, nil
	}
	rest, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, cert)
	}
	if len(out) == 0 {
		return nil, errors.New(path + " holds no certificate: want PEM blocks CERTIFICATE")
	}
	return out, nil
}

func named(names []string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}

// responder lets detection quarantine a device.
type responder struct{ devices *registry.Service }

// Quarantine takes a device out of the fleet.
func (r responder) Quarantine(ctx context.Context, device, reason string) error {
	_, err := r.devices.Move(ctx, device, registry.Quarantine, registry.Asked{Reason: reason})
	return err
}

// counts shows the registry each device's posture in short.
type counts struct{ posture *posture.Service }

// Counts gives failing and unknown checks by device.
func (c counts) Counts(_ context.Context, ids []string) (map[string]registry.Counts, error) {
	all := c.posture.Tallies(ids)
	out := make(map[string]registry.Counts, len(all))
	for id, n := range all {
		out[id] = registry.Counts{Fail: n.Fail, Unknown: n.Unknown}
	}
	return out, nil
}

func (s *Server) routeFacts(ctx context.Context) ([]posture.RouteFacts, error) {
	standings, err := s.detect.Standings(ctx)
	var out []posture.RouteFacts
	for _, r := range standings {
		out = append(out, posture.RouteFacts{Name: r.Route.Name, Kind: string(r.Route.Kind), LastOK: r.LastOK, LastError: r.LastError})
	}
	return out, err
}

// brokerRates feeds the live figures.
func (s *Server) brokerRates() (messages int64, connected int, refused int64) {
	st := s.broker.Stats()
	return st.Messages, st.Connections, st.Refused
}
