package broker_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// TestFramesOfWebSockets: packets come in binary frames of any cut; a text frame, or a client that does not ask for the subprotocol
// mqtt, ends the connection.
func TestFramesOfWebSockets(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	srv := httptest.NewUnstartedServer(w.b.WebSocket())
	srv.TLS = w.serverTLS()
	srv.StartTLS()
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	dial := func(protocols ...string) *websocket.Conn {
		hc := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: w.ca.pool(), Certificates: []tls.Certificate{w.cert(protocol.SubjectDevice, "d1")}}}}
		ws, _, err := websocket.Dial(ctx, srv.URL, &websocket.DialOptions{HTTPClient: hc, Subprotocols: protocols}) //nolint:bodyclose // Dial has read it
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ws.CloseNow() })
		return ws
	}
	if _, _, err := dial("other").Read(ctx); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("without the subprotocol: %v", err)
	}
	ws := dial("other", "mqtt")
	if ws.Subprotocol() != "mqtt" {
		t.Errorf("subprotocol %q", ws.Subprotocol())
	}
	b, err := (&packet.Connect{Version: packet.V5, CleanStart: true, ClientID: "d1"}).Append(nil, packet.V5)
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, 0xc0, 0, 0xc0, 0, 0xc0) // two PINGREQ, and the start of a third
	for _, part := range [][]byte{b[:1], b[1:7], b[7:], {0}} {
		if err := ws.Write(ctx, websocket.MessageBinary, part); err != nil {
			t.Fatal(err)
		}
	}
	var got []byte
	read := func() error {
		typ, part, err := ws.Read(ctx)
		if err == nil && typ != websocket.MessageBinary {
			t.Errorf("frame of type %v", typ)
		}
		got = append(got, part...)
		return err
	}
	for pings := 0; pings < 3; {
		f, n, err := packet.ParseFrame(got, 0)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			if err := read(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got = got[n:]; f.Type == packet.TypePingresp {
			pings++
		}
	}
	if err := ws.Write(ctx, websocket.MessageText, []byte{0xc0, 0}); err != nil {
		t.Fatal(err)
	}
	for read() == nil {
	}
	if len(got) > 1 && got[0] == 0xd0 {
		t.Error("a text frame is taken")
	}
	eventually(t, func() bool { return w.b.Stats().Connections == 0 })
}
