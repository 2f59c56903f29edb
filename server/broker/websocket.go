package broker

import (
	"context"
	"net"
	"net/http"

	"github.com/coder/websocket"
)

// WebSocket is ServeWebSocket as a handler.
func (s *Service) WebSocket() http.Handler { return http.HandlerFunc(s.ServeWebSocket) }

// ServeWebSocket serves MQTT over WebSocket (MQTT 5.0 section 6): mount it at /mqtt. The client is known by its TLS
// certificate here as well.
func (s *Service) ServeWebSocket(w http.ResponseWriter, r *http.Request) {
	address := hostOf(r.RemoteAddr)
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		s.refuseConnection(s.newConn(nil, "wss", address), "no-certificate", "MQTT over WebSocket needs a client certificate")
		http.Error(w, "MQTT over WebSocket needs a client certificate: enrol the device first", http.StatusUnauthorized)
		return
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"mqtt"}, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered
	}
	if ws.Subprotocol() != "mqtt" {
		_ = ws.Close(websocket.StatusPolicyViolation, "ask for the subprotocol mqtt (MQTT-6.0.0-3)")
		return
	}
	ws.SetReadLimit(int64(s.Limits.Packet) + 64)
	nc := abrupt{websocket.NetConn(context.WithoutCancel(r.Context()), ws, websocket.MessageBinary), ws}
	c := s.newConn(nc, "wss", address)
	if !s.welcome(c) {
		_ = ws.Close(websocket.StatusTryAgainLater, "no connection is taken from this address now")
		return
	}
	s.begin(c, r.TLS)
	<-c.gone // the connection belongs to this request
}

// abrupt closes a WebSocket without waiting for the peer's farewell: what we had to say in MQTT is said.
type abrupt struct {
	net.Conn
	ws *websocket.Conn
}

// Close ends the connection at once.
func (a abrupt) Close() error { return a.ws.CloseNow() }
