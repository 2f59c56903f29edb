package server

import (
	"context"
	"fmt"
	"net"
	"os"

	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/intake"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/registry"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/telemetry"
	"github.com/thingward/thingward/server/traffic"
)

func (s *Server) openData(context.Context) error {
	d, err := openData(s.config.Data)
	if err != nil {
		return err
	}
	s.data = d
	s.later(d.close)
	if !d.format.Ready {
		return fmt.Errorf("data folder %s: setup did not run to its end: run thingward setup again, it goes on where it stopped", d.dir)
	}
	return d.checkEngine(s.config.Database)
}

func (s *Server) key() (sealed.Key, error) { return s.data.key(false) }

func (s *Server) openStores(ctx context.Context) error {
	key, err := s.key()
	if err != nil {
		return err
	}
	cluster, err := s.config.cluster()
	if err != nil {
		return err
	}
	if cluster != nil {
		stop, err := s.standby(ctx)
		if err != nil {
			return err
		}
		defer stop()
	}
	if s.db, err = store.Open(ctx, store.Config{URL: databaseURL(s.data, s.config.Database), Shared: cluster != nil, Log: s.log}); err != nil {
		return err
	}
	s.later(s.db.Close)
	if s.bus, err = bus.Open(ctx, bus.Config{Dir: s.data.path("jetstream"), Key: key, Cluster: cluster, Log: s.log}); err != nil {
		return err
	}
	s.later(s.bus.Close)
	if cluster != nil {
		return s.awaitTurn(ctx)
	}
	return nil
}

// openCore opens audit and access, which everything else stands on.
func (s *Server) openCore(ctx context.Context) error {
	key, err := s.key()
	if err != nil {
		return err
	}
	if s.audit, err = openAudit(ctx, s.data, key, audit.Config{DB: s.db, Bus: s.bus, Clock: s.clock, Log: s.log}); err != nil {
		return err
	}
	s.rememberTime(ctx)
	if s.access, err = access.New(ctx, access.Config{DB: s.db, Bus: s.bus, Audit: s.audit, Clock: s.clock, Log: s.log, Key: key, Rules: access.Rules{RequireMFA: s.config.RequireMFA}}); err != nil {
		return err
	}
	s.later(func() error { s.access.Close(); return nil })
	s.work = append(s.work, s.audit.Run, s.access.Run, s.watchClock)
	return nil
}

// openDomains opens the domains that devices deal with.
func (s *Server) openDomains(ctx context.Context) error {
	key, err := s.key()
	if err != nil {
		return err
	}
	if s.registry, err = registry.New(ctx, registry.Config{DB: s.db, Bus: s.bus, Audit: s.audit, Clock: s.clock, Log: s.log, Metrics: s.metrics}); err != nil {
		return err
	}
	s.later(func() error { s.registry.Close(); return nil })
	policy := identity.DefaultPolicy()
	policy.MinTLS = s.config.MinTLS
	s.identity, err = identity.New(ctx, identity.Config{
		Dir: s.data.dir, Key: key, Hosts: s.config.Hosts, OCSPURL: s.ocspURL(), Policy: policy, DB: s.db, Bus: s.bus, Audit: s.audit, Clock: s.clock, Log: s.log,
		Directory: directory{s.registry, s.access}, Metrics: s.metrics,
	})
	if err != nil {
		return err
	}
	s.access.Trust(s.identity, s.identity)
	s.traffic, err = traffic.New(ctx, traffic.Config{DB: s.db, Bus: s.bus, Audit: s.audit, Clock: s.clock, Log: s.log, Accounts: s.access, Fleet: s.registry, Own: testAccount})
	if err != nil {
		return err
	}
	s.broker, err = broker.New(ctx, broker.Config{
		Bus: s.bus, Clock: s.clock, Log: s.log, Directory: clients{s.registry, s.access, s.traffic}, Certificates: s.identity, Metrics: s.metrics, Limits: s.limits(), Sole: s.sole(),
		DB: s.db, Audit: s.audit, Grants: s.traffic, ProxyFrom: prefixes(s.config.ProxyProtocolFrom), NeverBan: append(prefixes(s.config.BanNever), loopback...),
	})
	if err != nil {
		return err
	}
	s.later(func() error { return s.broker.Close(context.WithoutCancel(ctx)) })
	if s.intake, err = intake.New(ctx, intake.Config{Broker: s.broker, Bus: s.bus, Clock: s.clock, Log: s.log}); err != nil {
		return err
	}
	s.telemetry, err = telemetry.New(ctx, telemetry.Config{DB: s.db, Bus: s.bus, Fleet: s.registry, Connections: s.broker, Clock: s.clock, Log: s.log, Metrics: s.metrics, Retention: s.config.TelemetryKept, Stats: s.brokerRates})
	if err != nil {
		return err
	}
	s.later(func() error { s.telemetry.Close(); return nil })
	s.work = append(s.work, s.registry.Run, s.identity.Run, s.broker.Run, s.intake.Run, s.traffic.Run, s.telemetry.Run, s.ingest("telemetry", s.telemetry.Handle), s.ingest("twin", s.registry.Handle))
	return nil
}

func (s *Server) limits() broker.Limits {
	c := s.config
	return broker.Limits{
		Packet: c.MaxMessage, KeepAlive: c.KeepAlive, Device: broker.Rate{Messages: c.DeviceRate, Burst: c.DeviceBurst}, Kept: c.MessagesKept, Global: c.GlobalRate,
		ConnectionsPerAddress: c.AddressConnections, Connects: broker.Connects{Address: c.AddressConnects, Global: c.GlobalConnects, Identity: c.DeviceConnects},
	}
}

// ocspURL is what certificates carry: the configured address, or one made of the first host and the listener's port.
func (s *Server) ocspURL() string {
	if s.config.OCSPURL != "" {
		return s.config.OCSPURL
	}
	host, port, err := net.SplitHostPort(s.config.OCSP)
	if err != nil {
		return ""
	}
	if len(s.config.Hosts) > 0 {
		host = s.config.Hosts[0]
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return "http://" + net.JoinHostPort(host, port)
}
