package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/thingward/thingward/server/broker/coap"
)

// Addresses are where the server listens, as host:port.
//
// COAPS is empty where CoAP is off.
type Addresses struct{ HTTPS, MQTTS, COAPS, OCSP, OPS string }

// listeners are the open doors.
type listeners struct {
	https, mqtts, ocsp, ops net.Listener
	servers                 []httpDoor
	mqtt, coap              func(context.Context) error
	coaps                   *net.UDPConn // nil: off
}

type httpDoor struct {
	name   string
	server *http.Server
	on     net.Listener
}

// Addresses are where the server listens; ports chosen by the system are filled in.
func (s *Server) Addresses() Addresses {
	l := s.listeners
	coaps := ""
	if l.coaps != nil {
		coaps = l.coaps.LocalAddr().String()
	}
	return Addresses{l.https.Addr().String(), l.mqtts.Addr().String(), coaps, l.ocsp.Addr().String(), l.ops.Addr().String()}
}

// bind opens every address, so that a taken port is known before anything is served.
func (s *Server) bind(ctx context.Context) error {
	if err := s.checkOps(); err != nil {
		return err
	}
	l := &s.listeners
	for _, b := range []struct {
		name, addr string
		on         *net.Listener
	}{{"https", s.config.HTTPS, &l.https}, {"mqtts", s.config.MQTTS, &l.mqtts}, {"ocsp", s.config.OCSP, &l.ocsp}, {"ops", s.config.OPS, &l.ops}} {
		ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", b.addr)
		if err != nil {
			return fmt.Errorf("%s cannot listen on %s: %w: choose another address with --%s, or stop what uses it", b.name, b.addr, unwrapAll(err), b.name)
		}
		*b.on = ln
		s.later(func() error { _ = ln.Close(); return nil }) // closed already after an orderly stop
	}
	if err := s.bindCoAP(ctx); err != nil {
		return err
	}
	l.servers = []httpDoor{
		{"https", s.httpServer(s.front(), s.log), tls.NewListener(l.https, httpsConfig(s.identity.HTTPSConfig()))},
		{"ocsp", s.httpServer(s.identity.OCSPHandler(), s.log), l.ocsp},
		{"ops", s.httpServer(opsHandler(s.metrics, s.probes()), s.log), l.ops},
	}
	l.mqtt = func(context.Context) error { return s.broker.Serve(l.mqtts, s.identity.MQTTSConfig()) }
	return nil
}

// off closes a listener that not every fleet needs.
const off = "off"

// bindCoAP opens the UDP socket of CoAP, unless it is off.
func (s *Server) bindCoAP(ctx context.Context) error {
	if s.config.COAPS == off {
		return nil
	}
	pc, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", s.config.COAPS)
	if err != nil {
		return fmt.Errorf("coaps cannot listen on %s: %w: choose another address with --coaps, turn it off with --coaps off, or stop what uses it", s.config.COAPS, unwrapAll(err))
	}
	udp, ok := pc.(*net.UDPConn)
	if !ok {
		return errors.Join(fmt.Errorf("coaps: %s is no UDP address", s.config.COAPS), pc.Close())
	}
	s.listeners.coaps = udp
	s.later(func() error { _ = udp.Close(); return nil })
	s.coap = coap.New(coap.Config{Broker: s.broker, Clock: s.clock, Log: s.log})
	s.listeners.coap = func(context.Context) error { return s.coap.Serve(udp, s.identity.MQTTSConfig()) }
	return nil
}

// httpsConfig speaks HTTP/1.1 and, for browsers, HTTP/2; WebSockets and client certificates need nothing more.
func httpsConfig(c *tls.Config) *tls.Config {
	c.NextProtos = []string{"h2", "http/1.1"}
	return c
}

// checkOps keeps metrics and health, which need no sign-in, on this machine unless told otherwise.
func (s *Server) checkOps() error {
	host, _, err := net.SplitHostPort(s.config.OPS)
	if err != nil {
		return fmt.Errorf("configuration: ops: %q: want HOST:PORT", s.config.OPS)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) && !s.config.AllowRemoteOps {
		return fmt.Errorf("configuration: ops: %s is reachable from other machines and needs no sign-in: use 127.0.0.1, or set allow_remote_ops (weaker; shows in posture)", s.config.OPS)
	}
	return nil
}

func unwrapAll(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// httpServer bounds what a slow or greedy client can hold. Writing has no limit of its own: the live stream is long and
// sets a deadline for each write.
func (s *Server) httpServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

func (l *listeners) serve(run func(string, func(context.Context) error)) {
	for _, d := range l.servers {
		run(d.name, func(context.Context) error {
			if err := d.server.Serve(d.on); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
	}
	run("mqtts", l.mqtt)
	if l.coap != nil {
		run("coaps", l.coap)
	}
}

func (l *listeners) shutdown(ctx context.Context) {
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for _, d := range l.servers {
		if d.server.Shutdown(short) != nil {
			_ = d.server.Close() // long streams do not end by themselves
		}
	}
}
