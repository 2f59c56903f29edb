package agent

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"github.com/thingward/thingward/protocol"
)

const (
	keepAlive      = 30     // seconds
	sessionExpiry  = 86_400 // seconds: commands wait a day for the device
	receiveMaximum = 16
)

// sessionLoop holds a session whenever the server lets it, and comes back with growing pauses.
func (a *Agent) sessionLoop(ctx context.Context) error {
	for try := 0; ctx.Err() == nil; try++ {
		since := a.c.Clock.Now()
		err := a.session(ctx)
		a.online.Store(false)
		if ctx.Err() != nil {
			break
		}
		if a.c.Clock.Now().Sub(since) > time.Minute {
			try = 0
		}
		a.c.Log.Warn("session ended", "device", a.ID(), "error", err)
		if errors.Is(err, errRenewed) {
			try = -1
			continue
		}
		a.pause(ctx, backoff(try))
	}
	return ctx.Err()
}

var errRenewed = errors.New("the certificate was renewed")

// session connects, subscribes to what concerns this device and sends what waits until something ends it.
func (a *Agent) session(ctx context.Context) error {
	id := a.current()
	conn, err := a.dial(ctx, id)
	if err != nil {
		return err
	}
	ended := make(chan error, 4)
	client := paho.NewClient(paho.ClientConfig{
		ClientID: id.device, Conn: packets.NewThreadSafeConn(conn), PacketTimeout: 20 * time.Second,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){a.received},
		OnServerDisconnect: func(d *paho.Disconnect) {
			end(ended, fmt.Errorf("the server ended it: %s", reason(d.ReasonCode, d.Properties)))
		},
		OnClientError: func(err error) { end(ended, err) },
	})
	if err := a.connect(ctx, client, id); err != nil {
		_ = conn.Close()
		return err
	}
	a.online.Store(true)
	return a.converse(ctx, client, ended)
}

func end(ended chan error, err error) {
	select {
	case ended <- err:
	default:
	}
}

func (a *Agent) dial(ctx context.Context, id *identity) (net.Conn, error) {
	host, _, err := net.SplitHostPort(a.c.Broker)
	if err != nil {
		return nil, fmt.Errorf("broker address %q: want HOST:8883", a.c.Broker)
	}
	cfg := a.tlsConfig(id.tls)
	cfg.ServerName = host
	d := tls.Dialer{NetDialer: a.dialer(), Config: cfg}
	return d.DialContext(ctx, "tcp", a.c.Broker)
}

func (a *Agent) connect(ctx context.Context, client *paho.Client, id *identity) error {
	expiry, most := uint32(sessionExpiry), uint16(receiveMaximum)
	ack, err := client.Connect(ctx, &paho.Connect{
		ClientID: id.device, KeepAlive: keepAlive,
		Properties: &paho.ConnectProperties{SessionExpiryInterval: &expiry, ReceiveMaximum: &most},
	})
	if err != nil {
		if ack != nil {
			return fmt.Errorf("connection refused: reason 0x%02x", ack.ReasonCode)
		}
		return err
	}
	a.packetLimit.Store(0)
	if ack.Properties != nil && ack.Properties.MaximumPacketSize != nil {
		a.packetLimit.Store(*ack.Properties.MaximumPacketSize)
	}
	_, err = client.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{
		{Topic: protocol.CommandTopic(id.device, "+"), QoS: 1}, {Topic: protocol.DesiredTopic(id.device), QoS: 1},
	}})
	if err != nil && !strings.Contains(err.Error(), "0x87") {
		a.c.Log.Warn("not subscribed", "device", id.device, "error", err) // quarantined devices keep their twin only
	}
	return nil
}

// converse sends what waits, oldest first, one at a time: order is worth more than speed on a device.
func (a *Agent) converse(ctx context.Context, client *paho.Client, ended chan error) error {
	for {
		if err := a.drain(ctx, client, ended); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			_ = client.Disconnect(&paho.Disconnect{ReasonCode: packets.DisconnectNormalDisconnection})
			return ctx.Err()
		case err := <-ended:
			return err
		case <-a.renewed:
			_ = client.Disconnect(&paho.Disconnect{ReasonCode: packets.DisconnectNormalDisconnection})
			return errRenewed
		case <-a.spool.ready:
		}
	}
}

func (a *Agent) drain(ctx context.Context, client *paho.Client, ended chan error) error {
	for {
		seq, m, ok := a.spool.first()
		if !ok {
			return nil
		}
		select {
		case err := <-ended:
			return err
		default:
		}
		m, fits := a.fit(m)
		if !fits {
			a.c.Log.Warn("message above the server's size limit dropped", "topic", m.Topic, "bytes", len(m.Payload))
			a.spool.done(seq)
			continue
		}
		resp, err := client.Publish(ctx, &paho.Publish{Topic: m.Topic, QoS: 1, Payload: m.Payload})
		if err != nil && (resp == nil || resp.ReasonCode < 0x80) {
			return err
		}
		if resp != nil && resp.ReasonCode >= 0x80 {
			a.c.Log.Warn("message refused", "topic", m.Topic, "reason", resp.ReasonCode) // sending it again would not help
		}
		a.spool.done(seq)
	}
}

// packetOverhead is what a packet has besides topic and payload: fixed header, lengths, packet id, empty properties.
const packetOverhead = 16

// tooLarge reports whether a message is above what the server said it takes: sending it would only end the session.
func (a *Agent) tooLarge(m spooled) bool {
	limit := a.packetLimit.Load()
	return limit > 0 && len(m.Topic)+len(m.Payload)+packetOverhead > int(limit)
}

// fit gives a message as the server takes it: as it is, or a report with less software in it. It is done at sending,
// because the limit may be another one than when the message was kept.
func (a *Agent) fit(m spooled) (spooled, bool) {
	if !a.tooLarge(m) {
		return m, true
	}
	id := a.current()
	if id == nil || m.Topic != protocol.ReportedTopic(id.device) {
		return m, false
	}
	short, ok := shrinkReport(m.Payload, int(a.packetLimit.Load())-len(m.Topic)-packetOverhead)
	if ok {
		m.Payload = short
	}
	return m, ok
}

// received takes a command or a desired state. What does not concern this device cannot arrive: the broker sees to it.
func (a *Agent) received(p paho.PublishReceived) (bool, error) {
	t, ok := protocol.ParseTopic(p.Packet.Topic)
	if !ok || t.Device != a.ID() {
		return false, nil
	}
	switch {
	case t.Kind == protocol.KindCommand && a.c.OnCommand != nil:
		a.c.OnCommand(t.Name, p.Packet.Payload)
	case t.Kind == protocol.KindDesired && a.c.OnDesired != nil:
		a.c.OnDesired(p.Packet.Payload)
	}
	return true, nil
}

func reason(code byte, p *paho.DisconnectProperties) string {
	if p != nil && p.ReasonString != "" {
		return fmt.Sprintf("0x%02x %s", code, p.ReasonString)
	}
	return fmt.Sprintf("reason 0x%02x", code)
}
