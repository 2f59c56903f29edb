package broker_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/broker"
)

// TestAnotherClient talks to the broker with a client library that is not ours.
func TestAnotherClient(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	w.people.set(broker.Client{Kind: "account", ID: "app2", Name: "app2", Roles: []access.Role{access.Application}, Grants: wholeFleet("app2")})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got := make(chan *paho.Publish, 10)
	open := func(kind protocol.SubjectKind, id string) *paho.Client {
		nc, err := tls.Dial("tcp", w.addr, &tls.Config{RootCAs: w.ca.pool(), Certificates: []tls.Certificate{w.cert(kind, id)}})
		if err != nil {
			t.Fatal(err)
		}
		c := paho.NewClient(paho.ClientConfig{
			Conn: packets.NewThreadSafeConn(nc), PacketTimeout: patience,
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) { got <- p.Packet; return true, nil }},
		})
		ack, err := c.Connect(ctx, &paho.Connect{ClientID: id, CleanStart: true, KeepAlive: 30})
		if err != nil {
			t.Fatal(err, ack)
		}
		t.Cleanup(func() { _ = c.Disconnect(&paho.Disconnect{}) })
		return c
	}
	app, d1 := open(protocol.SubjectAccount, "app"), open(protocol.SubjectDevice, "d1")
	if _, err := app.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: "things/+/telemetry/#", QoS: 2}}}); err != nil {
		t.Fatal(err)
	}
	for qos := range byte(3) {
		props := &paho.PublishProperties{User: paho.UserProperties{{Key: "k", Value: "v"}}, ContentType: "application/json"}
		if _, err := d1.Publish(ctx, &paho.Publish{Topic: temperature, QoS: qos, Payload: []byte("20"), Properties: props}); err != nil {
			t.Fatal(err)
		}
		select {
		case p := <-got:
			if p.QoS != qos || p.Topic != temperature || p.Properties.ContentType != "application/json" || p.Properties.User.Get("k") != "v" {
				t.Errorf("%+v", p)
			}
		case <-time.After(patience):
			t.Fatal("nothing came")
		}
	}
	for i := range 2 {
		if _, err := open(protocol.SubjectAccount, []string{"operator", "app2"}[i]).Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: "$share/g/things/+/event", QoS: 1}}}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10 {
		if _, err := d1.Publish(ctx, &paho.Publish{Topic: protocol.EventTopic("d1"), QoS: 1, Payload: fmt.Append(nil, i)}); err != nil {
			t.Fatal(err)
		}
	}
	shared := map[string]int{}
	for range 10 {
		select {
		case p := <-got:
			shared[string(p.Payload)]++
		case <-time.After(patience):
			t.Fatal("nothing came")
		}
	}
	if len(shared) != 10 || len(got) > 0 {
		t.Errorf("%v, and %d more", shared, len(got))
	}
	answer, err := d1.Publish(ctx, &paho.Publish{Topic: protocol.EventTopic("d2"), QoS: 1, Payload: []byte("x")})
	if err == nil || answer == nil || answer.ReasonCode != 0x87 {
		t.Errorf("foreign topic: %+v, %v", answer, err)
	}
	if _, err := d1.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: "#"}}}); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("everything: %v", err)
	}
}
