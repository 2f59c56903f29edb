package probe

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"net"
	"slices"

	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// client is what a client with a certificate and without rights tries at the broker.
func (p *Prober) client() map[string]Try {
	i := slices.IndexFunc(p.Targets, func(t Target) bool { return t.MQTT && t.TLS })
	if p.Identity == nil || i < 0 {
		return nil
	}
	at := func(try func(*session) posture.ProbeResult) Try {
		return func(ctx context.Context) (posture.ProbeResult, error) {
			p.own.Lock() // a second session of one client would take the first one over
			defer p.own.Unlock()
			s, err := p.signIn(ctx, p.Targets[i])
			if err != nil {
				return unclear("the self-test's own client could not connect"), err
			}
			defer func() { _ = s.conn.Close() }()
			return try(s), nil
		}
	}
	return map[string]Try{
		"mqtt.foreign-publish":   at((*session).foreignPublish),
		"mqtt.foreign-subscribe": at((*session).foreignSubscribe),
		"mqtt.alias":             at((*session).alias),
		"mqtt.oversize":          at((*session).oversize),
	}
}

// session is a client that the broker has let in.
type session struct {
	conn net.Conn
	r    *bufio.Reader
}

func (p *Prober) signIn(ctx context.Context, t Target) (*session, error) {
	cert, account, err := p.Identity(ctx)
	if err != nil {
		return nil, err
	}
	conn, _, err := p.dial(ctx, t)
	if err != nil {
		return nil, err
	}
	c := tls.Client(conn, &tls.Config{RootCAs: p.Roots, ServerName: p.Host, Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	s := &session{conn: c, r: bufio.NewReader(c)}
	if _, err := c.Write(connect(account, "", "")); err != nil {
		_ = conn.Close()
		return nil, err
	}
	a, err := readAnswer(s.r)
	if code, ok := a.code(); err != nil || !ok || a.kind != typeConnack || code != 0 {
		_ = conn.Close()
		return nil, fmt.Errorf("CONNECT was answered with type %d, code %#x: %w", a.kind, code, err)
	}
	return s, nil
}

// ask sends a packet and reads the code of the answer of a kind.
func (s *session) ask(b []byte, kind byte) (code byte, closed, ok bool) {
	if _, err := s.conn.Write(b); err != nil {
		return 0, true, false
	}
	a, err := readAnswer(s.r)
	if err != nil {
		return 0, true, false
	}
	code, ok = a.code()
	return code, a.kind == typeClose, ok && (a.kind == kind || a.kind == typeClose)
}

// foreign is a topic of a device that does not exist, so that nobody is harmed if it were taken.
func foreign() string { return protocol.TelemetryTopic(id.New(), protocol.StreamHealth) }

func (s *session) foreignPublish() posture.ProbeResult {
	code, _, ok := s.ask(publish(1, foreign(), 0), typePuback)
	switch {
	case ok && code == unauthorised:
		return held("a publish to the topic of another device was refused with 0x87")
	case ok && code < 0x80:
		return broke("a publish to the topic of another device was taken")
	default:
		return broke("a publish to the topic of another device was not answered with 0x87")
	}
}

func (s *session) foreignSubscribe() posture.ProbeResult {
	code, _, ok := s.ask(subscribe(1, "things/#"), typeSuback)
	if ok && code >= 0x80 {
		return held("a subscription to the topics of all devices was refused in its acknowledgement")
	}
	return broke("a subscription to the topics of all devices was not refused")
}

func (s *session) alias() posture.ProbeResult {
	if code, _, ok := s.ask(publish(1, foreign(), 1), typePuback); !ok || code < 0x80 {
		return broke("a publish to a foreign topic that sets an alias was not refused")
	}
	code, closed, ok := s.ask(publish(2, "", 1), typePuback)
	if (ok && code >= 0x80) || (closed && !ok) {
		return held("a publish by topic alias was refused like the topic it stands for")
	}
	return broke("a publish by topic alias got around the access list")
}

// oversize announces a packet that is larger than any limit may be; the broker must end the connection before it comes.
func (s *session) oversize() posture.ProbeResult {
	code, closed, ok := s.ask(binary.AppendUvarint([]byte{0x32}, 200<<20), typeClose)
	switch {
	case ok && closed && code == tooLarge:
		return held("a packet of 200 MiB was refused with 0x95 as soon as it was announced")
	case ok && closed:
		return broke("a packet of 200 MiB was refused with code %#x, not 0x95", code)
	default:
		return broke("a packet of 200 MiB was not refused with a reason")
	}
}
