package coap_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/coap"
	"github.com/thingward/thingward/server/bus"
)

// request is a request for a path, with more options as pairs of number and value.
func request(code coap.Code, path, payload string, options ...coap.Option) coap.Message {
	m := coap.Message{Code: code, Token: []byte{1, 2}, Payload: []byte(payload)}
	for p := range strings.SplitSeq(path, "/") {
		m.Options = append(m.Options, coap.Option{Number: 11, Value: []byte(p)})
	}
	m.Options = append(m.Options, options...)
	return m
}

func option(m coap.Message, number uint16) []byte {
	for _, o := range m.Options {
		if o.Number == number {
			return o.Value
		}
	}
	return nil
}

var (
	observe  = coap.Option{Number: 6}
	cancel   = coap.Option{Number: 6, Value: []byte{1}}
	jsonType = coap.Option{Number: 12, Value: []byte{50}}
)

func expect(t testing.TB, m coap.Message, code coap.Code) {
	t.Helper()
	if m.Code != code {
		t.Fatalf("answer %s %q, want %s", m.Code, m.Payload, code)
	}
}

func TestPublish(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	d := w.device("d1")
	a := d.ask(request(coap.POST, "things/d1/telemetry/air", `{"pm25":4}`, jsonType))
	expect(t, a, coap.Changed)
	if a.Type != coap.Acknowledgement || !bytes.Equal(a.Token, []byte{1, 2}) {
		t.Errorf("answer %+v", a)
	}
	if m := w.message(); m.QoS != 1 || m.Device != "d1" || string(m.Payload) != `{"pm25":4}` {
		t.Errorf("message %+v", m)
	}
	non := request(coap.PUT, "things/d1/telemetry/air", "5")
	non.Type = coap.NonConfirmable
	if a = d.ask(non); a.Type != coap.NonConfirmable || a.Code != coap.Changed {
		t.Errorf("answer %+v", a)
	}
	if m := w.message(); m.QoS != 0 {
		t.Errorf("message %+v", m)
	}
	if l := w.b.Sessions(t.Context(), broker.Filter{}); len(l) != 1 || l[0].Protocol != "CoAP" || l[0].TLS != "DTLS 1.2" || l[0].BytesOut == 0 && l[0].BytesIn == 0 {
		t.Errorf("sessions %+v", l)
	}
}

// TestRefusals goes through what a client may do wrong.
func TestRefusals(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	d := w.device("d1")
	for _, c := range []struct {
		name string
		m    coap.Message
		want coap.Code
	}{
		{"another's topic", request(coap.POST, "things/d2/telemetry/air", "1"), coap.Forbidden},
		{"undeclared stream", request(coap.POST, "things/d1/telemetry/noise", "1"), coap.Forbidden},
		{"own command", request(coap.POST, "things/d1/command/open", "1"), coap.Forbidden},
		{"another's twin", request(coap.GET, "things/d2/twin/desired", ""), coap.Forbidden},
		{"another's commands", request(coap.GET, "things/d2/command", "", observe), coap.Forbidden},
		{"no resource", request(coap.GET, "sensors", ""), coap.NotFound},
		{"reading a stream", request(coap.GET, "things/d1/telemetry/air", ""), coap.MethodNotAllowed},
		{"deleting", request(coap.DELETE, "things/d1/telemetry/air", ""), coap.MethodNotAllowed},
		{"no twin yet", request(coap.GET, "things/d1/twin/desired", ""), coap.NotFound},
		{"empty segment", request(coap.GET, "things//x", ""), coap.BadRequest},
		{"wildcard", request(coap.POST, "things/d1/telemetry/+", "1"), coap.BadRequest},
		{"critical option", request(coap.POST, "things/d1/telemetry/air", "1", coap.Option{Number: 65001}), coap.BadOption},
		{"elective option", request(coap.POST, "things/d1/telemetry/air", "1", coap.Option{Number: 65000}), coap.Changed},
		{"proxy", request(coap.POST, "things/d1/telemetry/air", "1", coap.Option{Number: 39, Value: []byte("coap")}), coap.ProxyingNotSupported},
		{"format", request(coap.POST, "things/d1/telemetry/air", "1", coap.Option{Number: 12, Value: []byte{41}}), coap.UnsupportedFormat},
		{"accept", request(coap.GET, "things/d1/twin/desired", "", coap.Option{Number: 17, Value: []byte{60}}), coap.NotAcceptable},
		{"block size 7", request(coap.POST, "things/d1/telemetry/air", "1", coap.Option{Number: 27, Value: []byte{7}}), coap.BadRequest},
		{"missing block", request(coap.POST, "things/d1/telemetry/air", "1", coap.Option{Number: 27, Value: []byte{0x16}}), coap.EntityIncomplete},
		{"announced too large", request(coap.POST, "things/d1/telemetry/air", strings.Repeat("x", 1024), coap.Option{Number: 27, Value: []byte{0x0e}}, coap.Option{Number: 60, Value: []byte{0x10, 0, 0}}), coap.EntityTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a := d.ask(c.m); a.Code != c.want {
				t.Errorf("%s %q, want %s", a.Code, a.Payload, c.want)
			}
		})
	}
	w.want("publish.refused")
	w.want("subscribe.refused")
}

func TestPingAndReset(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	d := w.device("d1")
	if a := d.ask(coap.Message{Type: coap.Confirmable}); a.Type != coap.Reset || a.ID != d.id {
		t.Errorf("ping: %+v", a)
	}
	if _, err := d.conn.Write([]byte{0x40, 0x01, 0x12, 0x34, 0xff}); err != nil { // a payload marker without payload
		t.Fatal(err)
	}
	if a := d.next(); a.Type != coap.Reset || a.ID != 0x1234 {
		t.Errorf("malformed: %+v", a)
	}
	w.want("message.malformed")
}

// TestRepeats shows that a repeated request is answered again and not done again.
func TestRepeats(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	d := w.device("d1")
	m := d.send(request(coap.POST, "things/d1/telemetry/air", "1"))
	first := d.next()
	expect(t, first, coap.Changed)
	d.send(m)
	if again := d.next(); again.Code != first.Code || again.ID != first.ID {
		t.Errorf("%+v, then %+v", first, again)
	}
	expect(t, d.ask(request(coap.POST, "things/d1/telemetry/air", "2")), coap.Changed)
	if a, b := w.message(), w.message(); string(a.Payload) != "1" || string(b.Payload) != "2" {
		t.Errorf("messages %q %q", a.Payload, b.Payload)
	}
}

func TestBlockwise(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	d := w.device("d1")
	body := strings.Repeat("0123456789abcdef", 200) // 3,200 bytes
	for n := 0; n*1024 < len(body); n++ {
		part := body[n*1024 : min((n+1)*1024, len(body))]
		value := byte(n<<4 | 6)
		want := coap.Changed
		if (n+1)*1024 < len(body) {
			value |= 8
			want = coap.Continue
		}
		a := d.ask(request(coap.PUT, "things/d1/twin/reported", part, coap.Option{Number: 27, Value: []byte{value}}))
		expect(t, a, want)
		if !bytes.Equal(option(a, 27), []byte{value}) {
			t.Errorf("Block1 %x", option(a, 27))
		}
	}
	if m := w.message(); string(m.Payload) != body {
		t.Errorf("%d bytes", len(m.Payload))
	}
	w.desire(body)
	var got []byte
	for n := byte(0); ; n++ {
		a := d.ask(request(coap.GET, "things/d1/twin/desired", "", coap.Option{Number: 23, Value: []byte{n<<4 | 5}}))
		expect(t, a, coap.Content)
		got = append(got, a.Payload...)
		if option(a, 23)[0]&8 == 0 {
			break
		}
	}
	if string(got) != body {
		t.Errorf("%d bytes", len(got))
	}
	a := d.ask(request(coap.GET, "things/d1/twin/desired", ""))
	if len(a.Payload) != 1024 || option(a, 23)[0] != 0x0e {
		t.Errorf("first block of %d bytes, Block2 %x", len(a.Payload), option(a, 23))
	}
	expect(t, d.ask(request(coap.GET, "things/d1/twin/desired", "", coap.Option{Number: 4, Value: option(a, 4)})), coap.Valid)
	expect(t, d.ask(request(coap.GET, "things/d1/twin/desired", "", coap.Option{Number: 23, Value: []byte{0xf6}})), coap.BadRequest)
}

// TestRequestTag shows that two uploads to one path do not mix.
func TestRequestTag(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	d := w.device("d1")
	put := func(tag byte, value byte, part string, want coap.Code) {
		t.Helper()
		expect(t, d.ask(request(coap.PUT, "things/d1/event", part, coap.Option{Number: 27, Value: []byte{value}}, coap.Option{Number: 292, Value: []byte{tag}})), want)
	}
	put(1, 0x08, strings.Repeat("a", 16), coap.Continue)
	put(2, 0x08, strings.Repeat("b", 16), coap.Continue)
	put(1, 0x10, "A", coap.Changed)
	put(2, 0x10, "B", coap.Changed)
	if a, b := w.message(), w.message(); string(a.Payload) != strings.Repeat("a", 16)+"A" || string(b.Payload) != strings.Repeat("b", 16)+"B" {
		t.Errorf("%q %q", a.Payload, b.Payload)
	}
}

func TestObserveTwin(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	d := w.device("d1")
	a := d.ask(request(coap.GET, "things/d1/twin/desired", "", observe))
	expect(t, a, coap.Content)
	if option(a, 6) == nil || len(a.Payload) != 0 {
		t.Fatalf("%+v", a)
	}
	for _, v := range []string{"one", "two"} {
		w.desire(v)
		n := d.next()
		if n.Type != coap.Confirmable || string(n.Payload) != v || !bytes.Equal(n.Token, []byte{1, 2}) || bytes.Compare(option(n, 6), option(a, 6)) <= 0 {
			t.Fatalf("notification %+v", n)
		}
		d.acknowledge(n)
		a = n
	}
	a = d.ask(request(coap.GET, "things/d1/twin/desired", "", cancel))
	if option(a, 6) != nil || string(a.Payload) != "two" {
		t.Errorf("cancelled: %+v", a)
	}
	w.desire("three")
	if a := d.ask(request(coap.GET, "things/d1/twin/desired", "")); string(a.Payload) != "three" || a.Type != coap.Acknowledgement {
		t.Errorf("%+v", a)
	}
}

// TestCommands shows that a command is taken off by its acknowledgement alone, and waits otherwise.
func TestCommands(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	cert := w.certificate("d1")
	dial := func() *client {
		d, err := w.dial(cert, nil)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := dial()
	expect(t, d.ask(request(coap.GET, "things/d1/command", "", observe)), coap.Content)
	w.command("open", "1")
	w.command("close", "2")
	n := d.next()
	if string(n.Payload) != "1" || n.Type != coap.Confirmable {
		t.Fatalf("%+v", n)
	}
	var path []string
	for _, o := range n.Options {
		if o.Number == 8 {
			path = append(path, string(o.Value))
		}
	}
	if strings.Join(path, "/") != "things/d1/command/open" {
		t.Errorf("Location-Path %q", path)
	}
	d.acknowledge(n)
	if n = d.next(); string(n.Payload) != "2" {
		t.Fatalf("%+v", n)
	}
	_ = d.conn.Close() // without acknowledging
	w.want("connection.closed")
	w.command("open", "3")
	d = dial()
	expect(t, d.ask(request(coap.GET, "things/d1/command/+", "", observe)), coap.BadRequest)
	expect(t, d.ask(request(coap.GET, "things/d1/command", "", observe)), coap.Content)
	for _, want := range []string{"2", "3"} {
		n = d.next()
		if string(n.Payload) != want {
			t.Fatalf("%+v, want %s", n, want)
		}
		d.acknowledge(n)
	}
	w.command("open", "4")
	n = d.next()
	d.send(coap.Message{Type: coap.Reset, ID: n.ID}) // not wanted any more: the observation ends, the command waits
	w.command("open", "5")
	for _, want := range []string{"4", "5", ""} {
		m := request(coap.GET, "things/d1/command", "") // polling
		m.Token = []byte{9}
		n = d.ask(m)
		if want == "" {
			if n.Code != coap.Content || len(n.Payload) != 0 {
				t.Errorf("%+v", n)
			}
			break
		}
		if n.Type != coap.Acknowledgement || n.Code != coap.Empty {
			t.Fatalf("%+v", n)
		}
		if n = d.next(); string(n.Payload) != want || !bytes.Equal(n.Token, []byte{9}) {
			t.Fatalf("%+v, want %s", n, want)
		}
		d.acknowledge(n)
		time.Sleep(10 * time.Millisecond) // the acknowledgement is taken off before the next request
	}
}

// TestRetransmission shows that an unacknowledged notification comes again under its message id.
func TestRetransmission(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	d := w.device("d1")
	expect(t, d.ask(request(coap.GET, "things/d1/command/open", "", observe)), coap.Content)
	w.command("open", strings.Repeat("x", 1500)) // does not fit into one datagram
	n := d.next()
	again := d.next()
	if n.ID != again.ID || !bytes.Equal(n.Payload, again.Payload) || len(n.Payload) != 1024 {
		t.Fatalf("%d %d, then %d %d", n.ID, len(n.Payload), again.ID, len(again.Payload))
	}
	d.acknowledge(again)
	rest := d.ask(request(coap.GET, "things/d1/command/open", "", coap.Option{Number: 23, Value: []byte{0x16}}))
	if rest.Code != coap.Content || len(rest.Payload) != 476 || option(rest, 23)[0] != 0x16 {
		t.Fatalf("%+v", rest)
	}
	expect(t, d.ask(request(coap.GET, "things/d1/command/open", "", coap.Option{Number: 23, Value: []byte{0x16}})), coap.NotFound) // taken off
}

func TestCoreLinks(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	d := w.device("d1")
	a := d.ask(request(coap.GET, ".well-known/core", ""))
	want := `</things/d1/event>;rt="tw.event";ct="50 60 110 112",</things/d1/telemetry/air>;rt="tw.telemetry";ct="50 60 110 112",` +
		`</things/d1/telemetry/health>;rt="tw.telemetry";ct="50 60 110 112",</things/d1/twin/reported>;rt="tw.twin.reported";ct="50 60 110 112",` +
		`</things/d1/twin/desired>;rt="tw.twin.desired";ct="50";obs,</things/d1/command>;rt="tw.command";ct="50";obs`
	if string(a.Payload) != want || a.Code != coap.Content || option(a, 12)[0] != 40 {
		t.Errorf("%s %s", a.Code, a.Payload)
	}
	a = d.ask(request(coap.GET, ".well-known/core", "", coap.Option{Number: 15, Value: []byte("rt=tw.comm*")}))
	if string(a.Payload) != `</things/d1/command>;rt="tw.command";ct="50";obs` {
		t.Errorf("%s", a.Payload)
	}
}

func TestCut(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	d := w.device("d1")
	expect(t, d.ask(request(coap.POST, "things/d1/telemetry/air", "1")), coap.Changed)
	if err := w.bus.Announce(bus.TopicCut, bus.Cut{SubjectKind: "device", SubjectID: "d1", Reason: "revoked"}); err != nil {
		t.Fatal(err)
	}
	d.gone()
	if e := w.want("session.cut"); e.Data["reason"] != "revoked" {
		t.Error(e.Data)
	}
}

// TestSentAway shows that a client whom the broker refuses hears so, and the administrator why.
func TestSentAway(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	w.revoked = true
	d := w.device("d1")
	a := d.ask(request(coap.GET, ".well-known/core", ""))
	if a.Code != coap.Forbidden || string(a.Payload) != "not authorized" {
		t.Errorf("%s %s", a.Code, a.Payload)
	}
	d.gone()
	if e := w.want("connection.refused"); e.Data["protocol"] != "coap" || e.Data["reason"] != "revoked" {
		t.Error(e.Data)
	}
}

func TestForeignCertificate(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	other := &world{t: t, key: newKey(t)}
	other.ca = other.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "test root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, other.key)
	if d, err := w.dial(other.certificate("d1"), nil); err == nil {
		d.gone() // its side of the handshake may be done before it hears that ours is not
	}
	if e := w.want("connection.refused"); e.Data["transport"] != "coaps" {
		t.Error(e.Data)
	}
}

// TestBounds shows that one address cannot have more than its share, and that garbage is let by.
func TestBounds(t *testing.T) {
	w := newWorld(t, coap.Limits{PerAddress: 1})
	for _, b := range [][]byte{{}, {22}, bytes.Repeat([]byte{22}, 40), bytes.Repeat([]byte{25}, 13), bytes.Repeat([]byte{0xff}, 1400)} {
		c, err := net.Dial("udp", w.addr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write(b); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
	}
	d := w.device("d1")
	expect(t, d.ask(request(coap.POST, "things/d1/telemetry/air", "1")), coap.Changed)
	go func() { _, _ = w.dial(w.certificate("d2"), nil) }()
	if e := w.want("connection.refused"); e.Data["reason"] != "too-many-connections" {
		t.Error(e.Data)
	}
	expect(t, d.ask(request(coap.POST, "things/d1/telemetry/air", "1")), coap.Changed)
}

// TestSamePort shows that a device that starts anew on its old port is let in, and that a forged hello ends nothing.
func TestSamePort(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	cert := w.certificate("d1")
	first := newLeg(t)
	d, err := w.dial(cert, first)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d.ask(request(coap.POST, "things/d1/telemetry/air", "1")), coap.Changed)
	to, err := net.ResolveUDPAddr("udp", w.addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.WriteTo(forgedHello(), to); err != nil {
		t.Fatal(err)
	}
	expect(t, d.ask(request(coap.POST, "things/d1/telemetry/air", "2")), coap.Changed)
	d, err = w.dial(cert, first.again())
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d.ask(request(coap.POST, "things/d1/telemetry/air", "3")), coap.Changed)
	w.want("connection.closed") // the association before: taken over, or ended by the new one
	if l := w.b.Sessions(t.Context(), broker.Filter{}); len(l) != 1 || l[0].State != "live" {
		t.Errorf("sessions %+v", l)
	}
}

// TestMoved shows that a client with a connection id goes on from another port, is answered there in proportion until it has
// answered from there, and is told what it observes.
func TestMoved(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	road := newLeg(t)
	d, err := w.dial(w.certificate("d1"), road)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d.ask(request(coap.GET, "things/d1/command", "", observe)), coap.Content)
	w.desire(strings.Repeat("x", 900))
	road.move()
	a := d.ask(request(coap.GET, "things/d1/twin/desired", ""))
	echo := option(a, 252)
	if a.Code != coap.Unauthorized || echo == nil {
		t.Fatalf("%+v", a)
	}
	expect(t, d.ask(request(coap.GET, "things/d1/twin/desired", "", coap.Option{Number: 252, Value: bytes.Repeat([]byte{1}, 24)})), coap.Unauthorized)
	a = d.ask(request(coap.GET, "things/d1/twin/desired", "", coap.Option{Number: 252, Value: echo}))
	if a.Code != coap.Content || len(a.Payload) != 900 {
		t.Fatalf("%+v", a)
	}
	road.move()
	expect(t, d.ask(request(coap.POST, "things/d1/telemetry/air", strings.Repeat("1", 100))), coap.Changed)
	w.command("open", "1") // a notification fits what came from there
	n := d.next()
	if string(n.Payload) != "1" {
		t.Fatalf("%+v", n)
	}
	d.acknowledge(n)
	if l := w.b.Sessions(t.Context(), broker.Filter{}); len(l) != 1 || l[0].State != "live" {
		t.Errorf("sessions %+v", l)
	}
}

// TestNoCertificate shows that a client without certificate gets nowhere and is reported as such.
func TestNoCertificate(t *testing.T) {
	w := newWorld(t, coap.Limits{})
	if d, err := w.dial(tls.Certificate{}, nil); err == nil {
		d.gone()
	}
	if e := w.want("connection.refused"); e.Data["reason"] != "no-certificate" {
		t.Error(e.Data)
	}
}
