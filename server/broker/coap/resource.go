package coap

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// serve answers a request.
func (p *peer) serve(ctx context.Context, m *Message) *Message {
	if number, ok := m.Check(); !ok {
		return reply(BadOption, fmt.Sprintf("option %d is critical and not understood here, or its value is not", number))
	}
	for _, proxy := range []uint16{optProxyURI, optProxyScheme} {
		if _, ok := m.option(proxy); ok {
			return reply(ProxyingNotSupported, "this is no proxy")
		}
	}
	p.checkEcho(m)
	path, ok := m.path()
	switch {
	case !ok || !packet.ValidTopic(path):
		return reply(BadRequest, "the path has an empty segment, a slash inside one, or a wildcard")
	case path == ".well-known/core":
		return p.core(m)
	case !strings.HasPrefix(path, protocol.Root):
		return reply(NotFound, "there is no such resource: GET /.well-known/core lists them")
	}
	switch m.Code {
	case POST, PUT:
		return p.publish(ctx, m, path)
	case GET:
		return p.get(ctx, m, path)
	default:
		return reply(MethodNotAllowed, "want GET, POST or PUT")
	}
}

// publish takes a message for the topic that is the path. A confirmable one is on disk before its acknowledgement.
func (p *peer) publish(ctx context.Context, m *Message, path string) *Message {
	letter := broker.Letter{Topic: path, Payload: m.Payload}
	if number, ok := m.uint(optContentFormat); ok {
		if letter.Format = formats[number]; letter.Format == "" {
			return reply(UnsupportedFormat, "want JSON (50), CBOR (60), SenML (110, 112), text (0) or bytes (42)")
		}
	}
	if m.Type == Confirmable {
		letter.QoS = 1
	}
	b, inBlocks, good := m.block(optBlock1)
	if !good {
		return reply(BadRequest, "block size 7 is reserved")
	}
	if inBlocks {
		body, done, answer := p.gather(m, path, b)
		if !done {
			if answer.Code == Continue {
				answer.addUint(optBlock1, b.value())
			}
			return answer
		}
		letter.Payload = body
	}
	if err := p.guest.Publish(ctx, letter); err != nil {
		return p.refuse(err)
	}
	done := &Message{Code: Changed}
	if inBlocks {
		done.addUint(optBlock1, b.value())
	}
	return done
}

// refuse puts the broker's refusal into a response.
func (p *peer) refuse(err error) *Message {
	var r *broker.Refusal
	if !errors.As(err, &r) {
		m := reply(ServiceUnavailable, "the message is not stored yet: try again")
		m.addUint(optMaxAge, 5)
		return m
	}
	switch r.Code {
	case packet.NotAuthorized:
		return reply(Forbidden, r.Error())
	case packet.PacketTooLarge:
		return tooLarge(p.guest.Limit())
	case packet.TopicNameInvalid, packet.PayloadFormatInvalid, packet.TopicFilterInvalid:
		return reply(BadRequest, r.Error())
	case packet.MessageRateTooHigh, packet.QuotaExceeded, packet.ReceiveMaximumExceeded:
		m := reply(TooManyRequests, r.Error())
		m.addUint(optMaxAge, uint32(math.Ceil(max(r.Wait, time.Second).Seconds())))
		return m
	default:
		m := reply(ServiceUnavailable, r.Error())
		m.addUint(optMaxAge, 5)
		return m
	}
}

// get reads or observes what the device receives: its desired twin and its commands.
func (p *peer) get(ctx context.Context, m *Message, path string) *Message {
	if err := p.guest.Count(len(m.Payload) + headerSize); err != nil {
		return p.refuse(err)
	}
	if accept, ok := m.uint(optAccept); ok && accept != formatJSON {
		return reply(NotAcceptable, "this is JSON (50)")
	}
	want, asked, good := m.block(optBlock2)
	if !good {
		return reply(BadRequest, "block size 7 is reserved")
	}
	filter, command, ok := receives(path)
	if !ok {
		return reply(MethodNotAllowed, "this is for sending: POST or PUT it")
	}
	r := reading{m: m, path: path, filter: filter, want: want, asked: asked}
	r.watch, r.watches = m.uint(optObserve)
	if command {
		return p.getCommand(ctx, r)
	}
	return p.getDesired(ctx, r)
}

// reading is a GET taken apart.
type reading struct {
	m            *Message
	path, filter string
	want         block
	asked        bool
	watch        uint32 // 0: begin to observe; 1: end
	watches      bool
}

// begins reports whether the request begins to observe.
func (r reading) begins() bool { return r.watches && r.watch == 0 && r.want.number == 0 }

// receives is the topic filter behind a path that a device may read.
func receives(path string) (filter string, command, ok bool) {
	if device, found := strings.CutSuffix(strings.TrimPrefix(path, protocol.Root), "/command"); found && !strings.Contains(device, "/") {
		return protocol.CommandTopic(device, "+"), true, true
	}
	t, ok := protocol.ParseTopic(path)
	switch {
	case !ok:
		return "", false, false
	case t.Kind == protocol.KindCommand:
		return path, true, true
	case t.Kind == protocol.KindDesired:
		return path, false, true
	}
	return "", false, false
}
