package packet

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/eclipse/paho.golang/packets"
)

// FuzzDifferential compares with an independent MQTT 5.0 decoder. Whatever we accept it must accept with the same fields, and what it then
// encodes from those fields must come back to us unchanged. It is the laxer of the two: TestOtherDecoder lists the packets that only it
// accepts. Three differences are its own faults and are left aside here:
//   - it refuses a DISCONNECT with remaining length 0, which section 3.14.2.1 allows;
//   - it keeps only the last of several subscription identifiers of a PUBLISH (section 3.3.2.3.8);
//   - it cannot tell an empty property from an absent one.
func FuzzDifferential(f *testing.F) {
	for _, c := range vectors(f) {
		if c.v == V5 {
			f.Add(wire(f, c.bytes))
		}
	}
	f.Add(wire(f, richPublish))
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, n, err := ParseFrame(b, 1<<16)
		if err != nil || n == 0 {
			return
		}
		ours, err := Decode(frame, V5)
		if c, ok := ours.(*Connect); err != nil || ok && c.Version != V5 || frame.Type == TypeDisconnect && len(frame.Body) == 0 {
			return
		}
		theirs, err := packets.ReadPacket(bytes.NewReader(b[:n]))
		if err != nil {
			t.Fatalf("only we accept %x: %v", b[:n], err)
		}
		compare(t, "decoding", ours, theirs)
		reencoded(t, ours, theirs)
	})
}

// reencoded lets the other side encode what it decoded and reads that.
func reencoded(t *testing.T, ours Packet, theirs *packets.ControlPacket) {
	t.Helper()
	if !encodesFaithfully(ours) {
		return
	}
	var out bytes.Buffer
	if _, err := theirs.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	back, err := decodeBytes(out.Bytes(), V5)
	if err != nil {
		t.Fatalf("we refuse what the other side encoded, %x: %v", out.Bytes(), err)
	}
	compare(t, "encoding", back, theirs)
}

// encodesFaithfully is false where the other encoder loses something, so that its output is another packet or none: it leaves out empty
// properties, among them an authentication method that must be there, and of a will's properties all but the delay and the user properties.
func encodesFaithfully(p Packet) bool {
	for _, q := range propertiesOf(p) {
		for e := q.walk(); e.next(); {
			if rules[e.id].kind > kindVar && len(e.value) == 0 {
				return false
			}
		}
	}
	switch p := p.(type) {
	case *Auth:
		return p.Properties.Has(PropAuthMethod)
	case *Connect:
		return p.Will == nil || p.Will.Properties.seen&^(1<<PropWillDelay|1<<PropUser) == 0
	default:
		return true
	}
}

func compare(t *testing.T, what string, ours Packet, theirs *packets.ControlPacket) {
	t.Helper()
	if a, b := fields(ours), otherFields(theirs); a != b {
		t.Errorf("%s: we see\n%s\nthe other side sees\n%s", what, a, b)
	}
}

// fields writes down everything that a packet says, in a form that both decoders can be brought into.
func fields(p Packet) string {
	switch p := p.(type) {
	case *Connect:
		s := fmt.Sprintf("connect %v %d %q %v %q %v %q %s", p.CleanStart, p.KeepAlive, p.ClientID, p.HasUsername, p.Username, p.HasPassword,
			p.Password, list(&p.Properties))
		if p.Will != nil {
			s += fmt.Sprintf(" will %q %q %d %v %s", p.Will.Topic, p.Will.Payload, p.Will.QoS, p.Will.Retain, list(&p.Will.Properties))
		}
		return s
	case *Connack:
		return fmt.Sprintf("connack %v %d %s", p.SessionPresent, p.Code, list(&p.Properties))
	case *Publish:
		return fmt.Sprintf("publish %q %q %d %d %v %v %s", p.Topic, p.Payload, p.PacketID, p.QoS, p.Dup, p.Retain, list(&p.Properties))
	case *Ack:
		return fmt.Sprintf("ack %d %d %d %s", p.Type, p.PacketID, p.Code, list(&p.Properties))
	case *Subscribe:
		s := fmt.Sprintf("subscribe %d %s", p.PacketID, list(&p.Properties))
		for _, e := range p.Subscriptions {
			s += fmt.Sprintf(" %q %d %v %v %d", e.Filter, e.QoS, e.NoLocal, e.RetainAsPublished, e.RetainHandling)
		}
		return s
	case *Suback:
		return fmt.Sprintf("suback %d %d %s", p.PacketID, p.Codes, list(&p.Properties))
	case *Unsubscribe:
		return fmt.Sprintf("unsubscribe %d %q %s", p.PacketID, p.Filters, list(&p.Properties))
	case *Unsuback:
		return fmt.Sprintf("unsuback %d %d %s", p.PacketID, p.Codes, list(&p.Properties))
	case *Disconnect:
		return fmt.Sprintf("disconnect %d %s", p.Code, list(&p.Properties))
	case *Auth:
		return fmt.Sprintf("auth %d %s", p.Code, list(&p.Properties))
	default:
		return fmt.Sprintf("%T", p)
	}
}

func otherFields(c *packets.ControlPacket) string {
	ack := func(id uint16, code byte, p *packets.Properties) string {
		return fmt.Sprintf("ack %d %d %d %s", c.Type, id, code, otherList(p))
	}
	switch p := c.Content.(type) {
	case *packets.Connect:
		s := fmt.Sprintf("connect %v %d %q %v %q %v %q %s", p.CleanStart, p.KeepAlive, p.ClientID, p.UsernameFlag, p.Username, p.PasswordFlag,
			p.Password, otherList(p.Properties))
		if p.WillFlag {
			s += fmt.Sprintf(" will %q %q %d %v %s", p.WillTopic, p.WillMessage, p.WillQOS, p.WillRetain, otherList(p.WillProperties))
		}
		return s
	case *packets.Connack:
		return fmt.Sprintf("connack %v %d %s", p.SessionPresent, p.ReasonCode, otherList(p.Properties))
	case *packets.Publish:
		return fmt.Sprintf("publish %q %q %d %d %v %v %s", p.Topic, p.Payload, p.PacketID, p.QoS, p.Duplicate, p.Retain, otherList(p.Properties))
	case *packets.Puback:
		return ack(p.PacketID, p.ReasonCode, p.Properties)
	case *packets.Pubrec:
		return ack(p.PacketID, p.ReasonCode, p.Properties)
	case *packets.Pubrel:
		return ack(p.PacketID, p.ReasonCode, p.Properties)
	case *packets.Pubcomp:
		return ack(p.PacketID, p.ReasonCode, p.Properties)
	case *packets.Subscribe:
		s := fmt.Sprintf("subscribe %d %s", p.PacketID, otherList(p.Properties))
		for _, e := range p.Subscriptions {
			s += fmt.Sprintf(" %q %d %v %v %d", e.Topic, e.QoS, e.NoLocal, e.RetainAsPublished, e.RetainHandling)
		}
		return s
	case *packets.Suback:
		return fmt.Sprintf("suback %d %d %s", p.PacketID, p.Reasons, otherList(p.Properties))
	case *packets.Unsubscribe:
		return fmt.Sprintf("unsubscribe %d %q %s", p.PacketID, p.Topics, otherList(p.Properties))
	case *packets.Unsuback:
		return fmt.Sprintf("unsuback %d %d %s", p.PacketID, p.Reasons, otherList(p.Properties))
	case *packets.Disconnect:
		return fmt.Sprintf("disconnect %d %s", p.ReasonCode, otherList(p.Properties))
	case *packets.Auth:
		return fmt.Sprintf("auth %d %s", p.ReasonCode, otherList(p.Properties))
	case *packets.Pingreq:
		return "*packet.Pingreq"
	default:
		return "*packet.Pingresp"
	}
}

// list writes properties down: numbers and strings by identifier, of several subscription identifiers the last, then user properties.
func list(p *Properties) string {
	entries := map[PropertyID]string{}
	for e := p.walk(); e.next(); {
		switch k := rules[e.id].kind; {
		case k <= kindVar:
			entries[e.id] = fmt.Sprint(e.number)
		case k != kindPair && len(e.value) > 0:
			entries[e.id] = fmt.Sprintf("%q", e.value)
		}
	}
	return joined(entries, users(p))
}

func joined(entries map[PropertyID]string, users []string) string {
	lines := []string{}
	for id, s := range entries {
		lines = append(lines, fmt.Sprintf("%02d=%s", id, s))
	}
	slices.Sort(lines)
	return fmt.Sprintf("%s %q", lines, users)
}

func otherList(p *packets.Properties) string {
	entries, pairs := map[PropertyID]string{}, []string(nil)
	for id, n := range map[PropertyID]any{
		PropPayloadFormat: p.PayloadFormat, PropMessageExpiry: p.MessageExpiry, PropSubscriptionID: p.SubscriptionIdentifier,
		PropSessionExpiry: p.SessionExpiryInterval, PropServerKeepAlive: p.ServerKeepAlive, PropRequestProblemInfo: p.RequestProblemInfo,
		PropWillDelay: p.WillDelayInterval, PropRequestResponseInfo: p.RequestResponseInfo, PropReceiveMaximum: p.ReceiveMaximum,
		PropTopicAliasMaximum: p.TopicAliasMaximum, PropTopicAlias: p.TopicAlias, PropMaximumQoS: p.MaximumQOS,
		PropRetainAvailable: p.RetainAvailable, PropMaximumPacketSize: p.MaximumPacketSize,
		PropWildcardSubAvailable: p.WildcardSubAvailable, PropSubscriptionIDAvailable: p.SubIDAvailable,
		PropSharedSubAvailable: p.SharedSubAvailable,
	} {
		if s := pointed(n); s != "" {
			entries[id] = s
		}
	}
	for id, s := range map[PropertyID]string{
		PropContentType: p.ContentType, PropResponseTopic: p.ResponseTopic, PropCorrelationData: string(p.CorrelationData),
		PropAssignedClientID: p.AssignedClientID, PropAuthMethod: p.AuthMethod, PropAuthData: string(p.AuthData),
		PropResponseInfo: p.ResponseInfo, PropServerReference: p.ServerReference, PropReasonString: p.ReasonString,
	} {
		if s != "" {
			entries[id] = fmt.Sprintf("%q", s)
		}
	}
	for _, u := range p.User {
		pairs = append(pairs, u.Key+"="+u.Value)
	}
	return joined(entries, pairs)
}

// pointed writes the number behind a pointer, "" behind none.
func pointed(n any) string {
	switch n := n.(type) {
	case *byte:
		return pointedTo(n)
	case *uint16:
		return pointedTo(n)
	case *uint32:
		return pointedTo(n)
	case *int:
		return pointedTo(n)
	default:
		panic("unknown kind of number")
	}
}

func pointedTo[N any](n *N) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}
