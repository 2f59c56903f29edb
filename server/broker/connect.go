package broker

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
)

const (
	connectLimit = 64 << 10 // bytes of a CONNECT: client id, will and names fit
	topicAliases = 16       // topics a client may abbreviate
	idMost       = 128      // characters of a client id or subject id
)

// refusal says why a CONNECT is refused: the code for the client, a word and a sentence for the event.
type refusal struct {
	code           packet.ReasonCode
	reason, detail string
}

// open reads CONNECT, finds out who it is, answers, and reports whether the client is in.
func (c *conn) open(cert *x509.Certificate) (in bool) {
	defer func() {
		if recover() != nil {
			in = false
			c.s.count.panics.Add(1)
			c.s.Log.Error("panic while connecting, the connection was ended", "address", c.address)
		}
	}()
	p, err := c.readConnect()
	if err != nil {
		c.refuseOpen(p.Version, refusalOf(err))
		c.s.failed(c)
		return false
	}
	c.version = p.Version
	if wanted, ok := p.Properties.Uint(packet.PropRequestProblemInfo); ok {
		c.terse = wanted == 0
	}
	if n, ok := p.Properties.Uint(packet.PropMaximumPacketSize); ok {
		c.largest = int(n)
	}
	seen := c.s.cuts.Load()
	r := c.identify(cert)
	if r == nil {
		r = c.settle(p)
	}
	if r == nil {
		r = c.s.admit(c)
	}
	if r == nil && c.s.cuts.Load() != seen { // a right ended while we looked: look again
		r = c.identify(cert)
	}
	if r == nil {
		r = c.join(p)
	}
	if r != nil {
		c.refuseOpen(p.Version, r)
		return false
	}
	if c.from != nil {
		c.s.places.joined(c.from)
		c.counted = true
	}
	c.s.publish("connection.opened", c.party, map[string]any{"protocol": c.protocol(), "client": c.clientID, "transport": c.transport, "tls": c.secure, "serial": c.serial})
	return true
}

// readConnect waits for one whole packet, which must be CONNECT.
func (c *conn) readConnect() (p packet.Connect, err error) {
	for {
		if err := c.in.more(c.net); err != nil {
			return p, err
		}
		f, n, err := c.in.frame(0, connectLimit)
		if err != nil {
			return p, err
		}
		if n == 0 {
			continue
		}
		c.heard.Store(c.s.Clock.Now().UnixNano())
		if f.Type != packet.TypeConnect {
			return p, &packet.Error{Packet: f.Type, Code: packet.ProtocolError, Clause: "MQTT-3.1.0-1", Detail: "the first packet must be CONNECT"}
		}
		err = p.Decode(f, 0)
		p.Properties = p.Properties.Clone()
		p.Password = nil // never needed, never kept
		c.in.used(n)
		return p, err
	}
}

func refusalOf(err error) *refusal {
	var pe *packet.Error
	if errors.As(err, &pe) {
		return &refusal{pe.Code, "protocol", pe.Error()}
	}
	return &refusal{packet.Success, "timeout", "the connection ended before CONNECT"}
}

// refuseOpen tells the client in the form it knows, and reports it.
func (c *conn) refuseOpen(v packet.Version, r *refusal) {
	c.s.refuseConnection(c, r.reason, r.detail)
	if r.code == packet.Success {
		return
	}
	ack := packet.Connack{Code: r.code}
	if v >= packet.V5 && !c.terse {
		_ = ack.Properties.SetText(packet.PropReasonString, plain(r.code, r.detail)) // left out if it cannot be sent
	}
	b, err := ack.Append(nil, v)
	if err == nil && c.largest > 0 && len(b) > c.largest { // the reason string would take it past what the client takes (MQTT-3.2.2-19)
		ack.Properties = packet.Properties{}
		b, err = ack.Append(nil, v)
	}
	if err == nil {
		c.finishOutput(b, true)
	}
}

// identify finds the client behind the certificate and what it may do.
func (c *conn) identify(cert *x509.Certificate) *refusal {
	kind, id, ok := subjectOf(cert)
	c.serial = serialOf(cert)
	if !ok {
		return &refusal{packet.NotAuthorized, "unknown-certificate", "the certificate names no device or account: enrol again"}
	}
	c.subject, c.client.Kind, c.client.ID = kind+"/"+id, kind, id
	c.party = fleet.Party{Kind: partyKind(kind), ID: id, Address: c.address}
	ctx, cancel := context.WithTimeout(context.Background(), c.s.Limits.Connect)
	defer cancel()
	if err := c.s.Certificates.Usable(ctx, cert); err != nil {
		return c.noRight(certificateReason(err), err)
	}
	if r := c.s.banned(c); r != nil {
		return r
	}
	client, err := c.s.Directory.Client(ctx, kind, id)
	if err != nil {
		return c.noRight("unknown-client", err)
	}
	c.client, c.party.Name = client, client.Name
	if r := mayNot(client); r != nil {
		return r
	}
	a := c.s.compile(client)
	if a == nil {
		return &refusal{packet.NotAuthorized, "role", "the account has no role that uses MQTT: give it application or system-operator"}
	}
	c.acl.Store(a)
	return nil
}

// noRight turns an error of a lookup into a refusal. A fault of ours is no judgement on the client: it may try again.
func (c *conn) noRight(reason string, err error) *refusal {
	if code := fleet.CodeOf(err); code == "" || code == fleet.CodeUnavailable {
		c.s.Log.Error("client not looked up", "subject", c.subject, "error", err)
		return &refusal{packet.ServerUnavailable, "lookup-failed", "the server cannot look the client up now: try again"}
	}
	return &refusal{packet.NotAuthorized, reason, err.Error()}
}

func certificateReason(err error) string {
	text := err.Error()
	for _, word := range []string{"revoked", "superseded", "expired"} {
		if strings.Contains(text, word) {
			return word
		}
	}
	return "unknown-certificate"
}

func mayNot(c Client) *refusal {
	switch {
	case c.Disabled:
		return &refusal{packet.NotAuthorized, "disabled", "the account is disabled"}
	case c.Kind == string(protocol.SubjectDevice) && !c.State.MayConnect():
		return &refusal{packet.NotAuthorized, "state", "the device is " + string(c.State) + " and may not connect"}
	}
	return nil
}

// subjectOf takes the identity out of a certificate: its one URI of ours.
func subjectOf(cert *x509.Certificate) (kind, id string, ok bool) {
	for _, u := range cert.URIs {
		k, i, err := protocol.ParseIdentityURI(u.String())
		if err != nil || len(i) > idMost || !packet.ValidTopic(i) || strings.Contains(i, "/") {
			continue
		}
		if k == protocol.SubjectDevice || k == protocol.SubjectAccount {
			return string(k), i, true
		}
	}
	return "", "", false
}

func partyKind(kind string) string {
	if kind == string(protocol.SubjectAccount) {
		return "service"
	}
	return kind
}

// settle takes client id, keep-alive, limits and will from CONNECT.
func (c *conn) settle(p packet.Connect) *refusal {
	switch {
	case p.Properties.Has(packet.PropAuthMethod):
		return &refusal{packet.BadAuthenticationMethod, "protocol", "enhanced authentication is not used here: the certificate is enough"}
	case len(p.ClientID) > idMost:
		return &refusal{packet.ClientIdentifierNotValid, "protocol", "the client id is too long"}
	case p.ClientID == "" && p.Version < packet.V5 && !p.CleanStart:
		return &refusal{packet.ClientIdentifierNotValid, "protocol", "an empty client id needs a clean session (MQTT-3.1.3-8)"}
	}
	if c.clientID = p.ClientID; c.clientID == "" {
		c.clientID = c.client.ID + "-" + id.New() // unique (MQTT-3.1.3-6): it must not take over another session of this client
	}
	c.keepAlive = c.keepAliveOf(p) * 3 / 2
	c.limit, c.window = c.s.Limits.Packet, c.s.Limits.Inflight
	rate := c.s.Limits.Account
	if c.client.Kind == string(protocol.SubjectDevice) {
		rate = c.s.Limits.Device
	}
	if t := c.client.Type; t != nil {
		if t.Baseline.MaxMessage > 0 {
			c.limit = min(c.limit, t.Baseline.MaxMessage)
		}
		if t.Baseline.MessageRate > 0 {
			rate.Messages, rate.Burst = t.Baseline.MessageRate, max(int(10*t.Baseline.MessageRate), 10)
		}
	}
	c.bucket.fill(rate, c.s.Clock.Now())
	if t := c.client.Type; c.client.Kind == string(protocol.SubjectDevice) && (t == nil || t.Baseline.MessageRate == 0) {
		c.habit = c.s.habits.of(c.subject, c.s.Clock.Now())
	}
	if n, ok := p.Properties.Uint(packet.PropReceiveMaximum); ok {
		c.window = min(c.window, int(n))
	}
	if n, ok := p.Properties.Uint(packet.PropTopicAliasMaximum); ok {
		c.shorten = newAliases(n)
	}
	return c.checkWill(p.Will)
}

// keepAliveOf is the keep-alive that holds: what the client asks for, but with MQTT 5.0 no longer than ours, so that a dead client
// is noticed. MQTT 3.1.1 cannot tell a client of another one, and other protocols have bounds of their own.
func (c *conn) keepAliveOf(p packet.Connect) time.Duration {
	asked, most := time.Duration(p.KeepAlive)*time.Second, c.s.Limits.KeepAlive
	if c.version >= packet.V5 && c.front == nil && (asked == 0 || asked > most) {
		return most
	}
	return asked
}

// checkWill refuses a will that the client might not publish itself.
func (c *conn) checkWill(w *packet.Will) *refusal {
	if w == nil {
		return nil
	}
	if _, reason := c.acl.Load().mayPublish([]byte(w.Topic)); reason != "" {
		c.refused([]byte(w.Topic), reason, "will")
		return &refusal{packet.NotAuthorized, "not-authorized", "will: " + reason}
	}
	return nil
}

// connack is the answer to a client that is in.
func (c *conn) connack(p packet.Connect, present bool) ([]byte, error) {
	ack := packet.Connack{SessionPresent: present}
	if c.version < packet.V5 {
		return ack.Append(nil, c.version)
	}
	set := func(id packet.PropertyID, value uint32) {
		if err := ack.Properties.SetUint(id, value); err != nil {
			panic(err) // constants and checked limits
		}
	}
	if asked, _ := p.Properties.Uint(packet.PropSessionExpiry); time.Duration(asked)*time.Second > c.s.Limits.SessionExpiry {
		set(packet.PropSessionExpiry, uint32(c.s.Limits.SessionExpiry/time.Second))
	}
	if keep := c.keepAliveOf(p); keep != time.Duration(p.KeepAlive)*time.Second {
		set(packet.PropServerKeepAlive, uint32(keep/time.Second))
	}
	set(packet.PropReceiveMaximum, uint32(c.s.Limits.Receive))
	set(packet.PropMaximumPacketSize, uint32(c.limit))
	set(packet.PropTopicAliasMaximum, topicAliases)
	if wanted, _ := p.Properties.Uint(packet.PropRequestResponseInfo); wanted == 1 && c.acl.Load().prefix != "" {
		if err := ack.Properties.SetText(packet.PropResponseInfo, c.acl.Load().prefix); err != nil {
			return nil, err
		}
	}
	if p.ClientID == "" {
		if err := ack.Properties.SetText(packet.PropAssignedClientID, c.clientID); err != nil {
			return nil, err
		}
	}
	return ack.Append(nil, c.version)
}
