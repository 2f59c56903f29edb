package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
)

const bufferSize = 64 << 10

var peerRoots atomic.Pointer[x509.CertPool]

// session is an open MQTT 3.1.1 connection: the version both brokers speak alike.
type session struct {
	conn net.Conn
	in   *bufio.Reader
	buf  []byte
}

func (s *session) close() { _ = s.conn.Close() }

func (f *fleet) connect(ctx context.Context, addr string, cert tls.Certificate, client string, clean bool) (*session, error) {
	d := tls.Dialer{NetDialer: &net.Dialer{Timeout: 10 * time.Second}, Config: f.tlsConfig(cert, f.roots(addr, peerRoots.Load()))}
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, in: bufio.NewReaderSize(conn, bufferSize), buf: make([]byte, 4096)}
	return s, s.exchange(&packet.Connect{Version: packet.V311, CleanStart: clean, KeepAlive: 120, ClientID: client}, packet.TypeConnack)
}

// exchange sends a packet and waits for the answer of a type.
func (s *session) exchange(p packet.Packet, want packet.Type) error {
	b, err := p.Append(nil, packet.V311)
	if err != nil {
		return err
	}
	if _, err := s.conn.Write(b); err != nil {
		return err
	}
	for {
		f, err := packet.ReadFrame(s.in, 1<<20, s.buf)
		if err != nil {
			return err
		}
		if f.Type != want {
			continue // a resumed session may begin with messages
		}
		if last := f.Body[len(f.Body)-1]; want != packet.TypePuback && last >= 0x80 || want == packet.TypeConnack && last != 0 {
			return fmt.Errorf("refused: %d", last)
		}
		return nil
	}
}

// reader counts what it gets and acknowledges it. With QoS 0 a broker may drop what a reader does not take in time, so the
// reader gives up after a quiet second and only what arrived counts.
type reader struct {
	*session
	want int
	qos  byte
	got  int
	last time.Time
	done chan error
}

const quiet = time.Second

func (f *fleet) subscribe(ctx context.Context, addr, client string, qos byte, want int) (*reader, error) {
	s, err := f.connect(ctx, addr, f.account, client, true) // throws away what an earlier round left
	if err != nil {
		return nil, err
	}
	s.close()
	if s, err = f.connect(ctx, addr, f.account, client, qos == 0); err != nil {
		return nil, err
	}
	filter := protocol.TelemetryTopic("+", "#")
	if err := s.exchange(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: filter, QoS: qos}}}, packet.TypeSuback); err != nil {
		return nil, err
	}
	r := &reader{session: s, want: want, qos: qos, done: make(chan error, 1)}
	go func() { r.done <- r.read() }()
	return r, nil
}

func (r *reader) wait(ctx context.Context) error {
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return errors.New("a subscriber did not get everything in time")
	}
}

func (r *reader) read() error {
	acks := make([]byte, 0, 4096)
	var p packet.Publish
	for r.got < r.want {
		if r.qos == 0 && r.got > 0 && r.in.Buffered() == 0 {
			_ = r.conn.SetReadDeadline(time.Now().Add(quiet)) // an open connection takes deadlines
		}
		f, err := packet.ReadFrame(r.in, 1<<20, r.buf)
		if r.qos == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("subscriber after %d of %d: %w", r.got, r.want, err)
		}
		if f.Type != packet.TypePublish {
			continue
		}
		if err := p.Decode(f, packet.V311); err != nil {
			return err
		}
		r.got++
		if r.got%64 == 0 || r.got == r.want {
			r.last = time.Now()
		}
		if p.QoS == 1 {
			acks = append(acks, byte(packet.TypePuback)<<4, 2, byte(p.PacketID>>8), byte(p.PacketID))
		}
		if len(acks) > 0 && (r.in.Buffered() == 0 || len(acks) > 4000) {
			if _, err := r.conn.Write(acks); err != nil {
				return err
			}
			acks = acks[:0]
		}
	}
	return nil
}

// writer publishes readings of one device.
type writer struct {
	*session
	topic string
}

func (f *fleet) publisher(ctx context.Context, addr string, i int) (*writer, error) {
	s, err := f.connect(ctx, addr, f.certs[i], f.ids[i], true)
	return &writer{s, protocol.TelemetryTopic(f.ids[i], "load")}, err
}

// publish sends n messages; with QoS 1 at most window are unacknowledged.
func (w *writer) publish(qos byte, window, n int) error {
	pub := packet.Publish{Topic: []byte(w.topic), Payload: payload, QoS: qos}
	if qos == 1 {
		pub.PacketID = 1
	}
	frame, err := pub.Append(nil, packet.V311)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w.conn, 32<<10)
	if qos == 0 {
		for range n {
			if _, err := out.Write(frame); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	return w.pipeline(out, frame, window, n)
}

// pipeline keeps the window full: it sends as many as were acknowledged by one read.
func (w *writer) pipeline(out *bufio.Writer, frame []byte, window, n int) error {
	idAt := len(frame) - len(payload) - 2
	sent, acked := 0, 0
	for acked < n {
		for ; sent < n && sent-acked < window; sent++ {
			binary.BigEndian.PutUint16(frame[idAt:], uint16(sent%65000+1))
			if _, err := out.Write(frame); err != nil {
				return err
			}
		}
		if err := out.Flush(); err != nil {
			return err
		}
		k, err := w.takeAcks()
		if err != nil {
			return fmt.Errorf("publisher after %d of %d: %w", acked, n, err)
		}
		acked += k
	}
	return nil
}

// takeAcks waits for one acknowledgement and takes all that came with it.
func (w *writer) takeAcks() (n int, err error) {
	for n == 0 || w.in.Buffered() >= 4 {
		f, err := packet.ReadFrame(w.in, 1<<20, w.buf)
		if err != nil {
			return n, err
		}
		if f.Type == packet.TypePuback {
			n++
		}
	}
	return n, nil
}
