package broker_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/bus"
)

func TestWhoMayNotConnect(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	seen := w.watch()
	w.people.set(broker.Client{Kind: "device", ID: "suspended", State: fleet.Suspended, Type: thermostat})
	w.people.set(broker.Client{Kind: "account", ID: "disabled", Disabled: true})
	w.people.set(broker.Client{Kind: "device", ID: "revoked", State: fleet.Active, Type: thermostat})
	w.people.revoked[serialOf(w.cert(protocol.SubjectDevice, "revoked"))] = true
	both(t, func(t *testing.T, v packet.Version) {
		for _, c := range []struct {
			kind       protocol.SubjectKind
			id, reason string
		}{
			{protocol.SubjectDevice, "unknown", "unknown-client"},
			{protocol.SubjectDevice, "suspended", "state"},
			{protocol.SubjectDevice, "revoked", "revoked"},
			{protocol.SubjectAccount, "disabled", "disabled"},
			{protocol.SubjectAccount, "auditor", "role"},
			{protocol.SubjectServer, "s", "unknown-certificate"},
		} {
			conn, ack := w.connect(v, c.kind, c.id)
			if ack.Code != packet.NotAuthorized {
				t.Errorf("%s: %s", c.id, ack.Code)
			}
			conn.gone()
			if ev := seen.want("connection.refused"); ev.Data["reason"] != c.reason || ev.Initiator.Address != "127.0.0.1" {
				t.Errorf("%s: event %v", c.id, ev.Data)
			}
		}
	})
}

func TestHandshakeNeedsAGoodCertificate(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	seen := w.watch()
	foreign := newAuthority(t).issue(t, protocol.IdentityURI(protocol.SubjectDevice, "d1"))
	for reason, certs := range map[string][]tls.Certificate{"unknown-certificate": {foreign}, "no-certificate": nil} {
		nc, err := tls.Dial("tcp", w.addr, &tls.Config{RootCAs: w.ca.pool(), Certificates: certs})
		if err == nil {
			_ = nc.SetReadDeadline(time.Now().Add(patience))
			if _, err = nc.Read(make([]byte, 1)); err == nil {
				t.Error("taken without a good certificate")
			}
			_ = nc.Close()
		}
		if ev := seen.want("connection.refused"); ev.Data["reason"] != reason || ev.Initiator.Kind != "anonymous" || ev.Initiator.Address != "127.0.0.1" {
			t.Errorf("want %s, event %+v", reason, ev)
		}
	}
	nc, err := net.Dial("tcp", w.addr)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = nc.Write([]byte("\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00")) // plain MQTT
	if ev := seen.want("connection.refused"); ev.Data["reason"] != "not-tls" {
		t.Errorf("event %v", ev.Data)
	}
	_ = nc.Close()
	if err := w.b.Serve(nil, &tls.Config{}); fleet.CodeOf(err) != fleet.CodeInvalid {
		t.Errorf("a listener without client certificates: %v", err)
	}
}

func TestClientIDs(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	id := func(id string, clean bool) func(*packet.Connect) {
		return func(p *packet.Connect) { p.ClientID, p.CleanStart = id, clean }
	}
	var assigned []string
	for range 2 {
		c, ack := w.connect(packet.V5, protocol.SubjectDevice, "d1", id("", true))
		if ack.Code != 0 {
			t.Fatal(ack.Code)
		}
		assigned = append(assigned, ack.Properties.Text(packet.PropAssignedClientID))
		if len(assigned) == 1 {
			defer c.ping() // the second one did not take over
		}
	}
	if !strings.HasPrefix(assigned[0], "d1-") || !strings.HasPrefix(assigned[1], "d1-") || assigned[0] == assigned[1] {
		t.Errorf("assigned %q", assigned)
	}
	bare, err := w.dial(packet.V311, w.cert(protocol.SubjectDevice, "d1"), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	bare.raw([]byte("\x10\x0c\x00\x04MQTT\x04\x00\x00\x3c\x00\x00"))
	if ack := want[*packet.Connack](bare); ack.Code != packet.ClientIdentifierNotValid {
		t.Errorf("empty id without clean session: %s", ack.Code)
	}
	for _, cid := range []string{"mosq-x1", "mosq-x2"} { // as Mosquitto's tools make them up
		if _, ack := w.connect(packet.V311, protocol.SubjectDevice, "d1", id(cid, true)); ack.Code != 0 {
			t.Errorf("%s: %s", cid, ack.Code)
		}
	}
	if _, ack := w.connect(packet.V5, protocol.SubjectDevice, "d2", id(strings.Repeat("x", 500), true)); ack.Code != packet.ClientIdentifierNotValid {
		t.Errorf("long id: %s", ack.Code)
	}
	// The same client id of another subject is another session.
	if _, ack := w.connect(packet.V311, protocol.SubjectDevice, "d2", id("mosq-x1", true)); ack.Code != 0 {
		t.Error(ack.Code)
	}
	if n := len(w.b.Sessions(t.Context(), broker.Filter{})); n != 5 {
		t.Errorf("%d sessions", n)
	}
}

func TestPasswordIsIgnored(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	w.device(packet.V311, "d1", func(p *packet.Connect) {
		p.HasUsername, p.Username, p.HasPassword, p.Password = true, "somebody", true, []byte("secret")
	})
}

func TestConnackTellsTheLimits(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{Packet: 4096})
	_, ack := w.connect(packet.V5, protocol.SubjectDevice, "d1", func(p *packet.Connect) {
		_ = p.Properties.SetUint(packet.PropSessionExpiry, 0xffffffff)
	})
	for id, want := range map[packet.PropertyID]uint32{
		packet.PropMaximumPacketSize: 4096, packet.PropReceiveMaximum: 2048, packet.PropTopicAliasMaximum: 16,
		packet.PropSessionExpiry: 7 * 24 * 3600,
	} {
		if got, ok := ack.Properties.Uint(id); !ok || got != want {
			t.Errorf("%s: %d, %v", id, got, ok)
		}
	}
	if ack.Properties.Has(packet.PropMaximumQoS) || ack.Properties.Has(packet.PropSharedSubAvailable) {
		t.Error("QoS 2 or shared subscriptions are not on offer")
	}
}

func TestTakeOver(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		seen := w.watch()
		first := w.device(v, "d1")
		second := w.device(v, "d1")
		d := first.gone()
		if v == packet.V5 && (d == nil || d.Code != packet.SessionTakenOver) {
			t.Errorf("DISCONNECT %+v", d)
		}
		second.ping()
		seen.want("session.taken-over")
		seen.none("identity.duplicate")
	})
}

func TestDuplicateIdentityIsRefusedAndReported(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		seen := w.watch()
		first := w.device(v, "d1")
		for range 3 {
			thief, ack := w.connectFrom("127.0.0.2", v, protocol.SubjectDevice, "d1")
			if ack.Code != packet.NotAuthorized {
				t.Errorf("second connection: %s", ack.Code)
			}
			thief.gone()
			ev := seen.want("identity.duplicate")
			one, two := ev.Data["first"].(map[string]any), ev.Data["second"].(map[string]any)
			if one["address"] != "127.0.0.1" || two["address"] != "127.0.0.2" || ev.Initiator.ID != "d1" {
				t.Errorf("event %+v", ev)
			}
		}
		first.ping() // no ping-pong
		seen.none("session.taken-over")
	})
}

// TestMovedDevice: once the first connection has been silent for its keep-alive, another address is the same device moved.
func TestMovedDevice(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{}, fake)
	first := w.device(packet.V5, "d1", func(p *packet.Connect) { p.KeepAlive = 10 })
	fake.Advance(16 * time.Second)
	if _, ack := w.connectFrom("127.0.0.2", packet.V5, protocol.SubjectDevice, "d1"); ack.Code != 0 {
		t.Errorf("moved device: %s", ack.Code)
	}
	first.gone()
}

func TestSessionsOfOneDeviceAreBounded(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{SessionsPerDevice: 2})
	for i, want := range []packet.ReasonCode{0, 0, packet.QuotaExceeded} {
		if _, ack := w.connect(packet.V5, protocol.SubjectDevice, "d1", func(p *packet.Connect) { p.ClientID = string(rune('a' + i)) }); ack.Code != want {
			t.Errorf("session %d: %s", i, ack.Code)
		}
	}
}

func TestCutEndsSessionsAtOnce(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	seen := w.watch()
	d1, d2 := w.device(packet.V5, "d1"), w.device(packet.V5, "d2")
	other := w.device(packet.V311, "d1", func(p *packet.Connect) { p.ClientID = "other" })
	cut := bus.Cut{SubjectKind: "device", SubjectID: "d1", Certificate: serialOf(w.cert(protocol.SubjectDevice, "d1")), Reason: "certificate revoked: key stolen"}
	w.people.mu.Lock()
	w.people.revoked[cut.Certificate] = true
	w.people.mu.Unlock()
	if err := w.bus.Announce(bus.TopicCut, cut); err != nil {
		t.Fatal(err)
	}
	if d := d1.gone(); d == nil || d.Code != packet.AdministrativeAction || d.Properties.Text(packet.PropReasonString) != cut.Reason {
		t.Errorf("DISCONNECT %+v", d)
	}
	other.gone()
	if ev := seen.want("session.cut"); ev.Data["sessions"] != float64(2) || ev.Data["reason"] != cut.Reason {
		t.Errorf("event %v", ev.Data)
	}
	d2.ping()
	if _, ack := w.connect(packet.V5, protocol.SubjectDevice, "d1"); ack.Code != packet.NotAuthorized {
		t.Errorf("comes back: %s", ack.Code)
	}
}

func TestStateChangesCut(t *testing.T) {
	for _, state := range []fleet.State{fleet.Quarantined, fleet.Suspended, fleet.Retired} {
		t.Run(string(state), func(t *testing.T) {
			w := newWorld(t, nil, broker.Limits{})
			d1 := w.device(packet.V5, "d1", lasting)
			w.people.set(broker.Client{Kind: "device", ID: "d1", State: state, Type: thermostat})
			if err := w.bus.Announce(bus.TopicChanged, bus.Changed{Kind: "device", ID: "d1"}); err != nil {
				t.Fatal(err)
			}
			if d := d1.gone(); d == nil || d.Code != packet.AdministrativeAction {
				t.Errorf("DISCONNECT %+v", d)
			}
			eventually(t, func() bool {
				left := len(w.b.Sessions(t.Context(), broker.Filter{Kind: "device", ID: "d1"}))
				return (left == 0) == (state == fleet.Retired)
			})
		})
	}
}

func TestSilentClients(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{}, fake)
	c := w.device(packet.V5, "d1", func(p *packet.Connect) { p.KeepAlive = 10 })
	patient := w.device(packet.V5, "d2", func(p *packet.Connect) { p.KeepAlive = 0 })
	mute, err := w.dial(packet.V5, w.cert(protocol.SubjectAccount, "app"), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	for range 14 {
		fake.Advance(tick)
	}
	c.ping() // within one and a half times ten seconds
	eventually(t, func() bool { fake.Advance(tick); return w.b.Stats().Connections == 1 })
	if d := c.gone(); d == nil || d.Code != packet.KeepAliveTimeout {
		t.Errorf("DISCONNECT %+v", d)
	}
	mute.gone() // never sent CONNECT
	patient.ping()
}

func TestWebSocket(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	srv := httptest.NewUnstartedServer(http.HandlerFunc(w.b.ServeWebSocket))
	srv.TLS = w.serverTLS()
	srv.TLS.ClientAuth = tls.RequestClientCert // as the console's listener is: it has visitors without
	srv.StartTLS()
	defer srv.Close()
	dial := func(certs ...tls.Certificate) (ws *websocket.Conn, status int, err error) {
		hc := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: w.ca.pool(), Certificates: certs}}}
		ws, resp, err := websocket.Dial(t.Context(), srv.URL+"/mqtt", &websocket.DialOptions{HTTPClient: hc, Subprotocols: []string{"mqtt"}}) //nolint:bodyclose // Dial has read it
		if resp != nil {
			status = resp.StatusCode
		}
		return ws, status, err
	}
	if _, status, err := dial(); err == nil || status != http.StatusUnauthorized {
		t.Errorf("without certificate: %v", err)
	}
	ws, _, err := dial(w.cert(protocol.SubjectDevice, "d1"))
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, packet.V5, websocket.NetConn(context.Background(), ws, websocket.MessageBinary))
	c.send(&packet.Connect{Version: packet.V5, CleanStart: true, ClientID: "d1"})
	if ack := want[*packet.Connack](c); ack.Code != 0 {
		t.Fatal(ack.Code)
	}
	c.publish(1, protocol.EventTopic("d1"), "{}")
	want[*packet.Ack](c)
	if s := w.b.Sessions(t.Context(), broker.Filter{}); len(s) != 1 || s[0].Transport != "wss" || s[0].Address != "127.0.0.1" {
		t.Errorf("%+v", s)
	}
	_ = ws.CloseNow()
	eventually(t, func() bool { return w.b.Stats().Connections == 0 })
}
