package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/thingward/thingward/server/broker/packet"
)

// benchClient is a device's MQTT session on a bench.
type benchClient struct {
	conn net.Conn
	r    *bufio.Reader
}

// open signs in over MQTT 5. The session outlives the connection by a week, or as long as the broker keeps any. errTurnedAway:
// it was not let in.
func (f *benchFleet) open(ctx context.Context, line *pipes, cert tls.Certificate, id string, fresh bool) (*benchClient, error) {
	raw, err := line.dial(ctx)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, &tls.Config{RootCAs: f.roots, ServerName: "localhost", Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, Time: f.clock.Now})
	_ = conn.SetDeadline(time.Now().Add(cutPatience)) // of the connection, which knows no other clock
	c := &benchClient{conn, bufio.NewReader(conn)}
	in := &packet.Connect{Version: packet.V5, CleanStart: fresh, ClientID: id}
	err = in.Properties.SetUint(packet.PropSessionExpiry, 7*24*3600)
	if err == nil {
		var answer *packet.Connack
		if answer, err = ask[*packet.Connack](c, in); err == nil && answer.Code != 0 {
			err = fmt.Errorf("CONNECT was answered with %s", answer.Code)
		}
	}
	if err != nil {
		_ = conn.Close()
		return nil, errors.Join(errTurnedAway, err)
	}
	return c, nil
}

func (c *benchClient) send(p packet.Packet) error {
	b, err := p.Append(nil, packet.V5)
	if err == nil {
		_, err = c.conn.Write(b)
	}
	return err
}

// ask sends a packet and reads its answer.
func ask[P packet.Packet](c *benchClient, p packet.Packet) (P, error) {
	if err := c.send(p); err != nil {
		var none P
		return none, err
	}
	return next[P](c)
}

func next[P packet.Packet](c *benchClient) (P, error) {
	var none P
	frame, err := packet.ReadFrame(c.r, 0, nil)
	if err != nil {
		return none, err
	}
	got, err := packet.Decode(frame, packet.V5)
	if err != nil {
		return none, err
	}
	p, ok := got.(P)
	if !ok {
		return none, fmt.Errorf("the broker sent %T", got)
	}
	return p, nil
}

// publish sends payloads, each at QoS 1 and acknowledged before the next.
func (c *benchClient) publish(topic string, payloads ...[]byte) error {
	for i, p := range payloads {
		if _, err := ask[*packet.Ack](c, &packet.Publish{Topic: []byte(topic), Payload: p, PacketID: uint16(i + 1), QoS: 1}); err != nil {
			return err
		}
	}
	return nil
}

// receive takes n messages and acknowledges each. ok: they are those numbered from 0, in order.
func (c *benchClient) receive(n int) (ok bool, err error) {
	for i := range n {
		p, err := next[*packet.Publish](c)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return false, nil // nothing more came: it is lost
		}
		if err != nil {
			return false, err
		}
		if string(p.Payload) != strconv.Itoa(i) {
			return false, nil
		}
		if err := c.send(&packet.Ack{Type: packet.TypePuback, PacketID: p.PacketID}); err != nil {
			return false, err
		}
	}
	return true, nil
}
