package coap

import (
	"fmt"
	"strings"

	"github.com/thingward/thingward/protocol"
)

// link is one entry of /.well-known/core (RFC 6690).
type link struct {
	path, kind, formats string
	observable          bool
}

func (l link) String() string {
	out := fmt.Sprintf("</%s>;rt=\"tw.%s\";ct=\"%s\"", l.path, l.kind, l.formats)
	if l.observable {
		out += ";obs"
	}
	return out
}

// core lists what this client may send and receive, narrowed by a query such as ?rt=tw.telemetry or ?href=/things/*.
func (p *peer) core(m *Message) *Message {
	if m.Code != GET {
		return reply(MethodNotAllowed, "want GET")
	}
	if accept, ok := m.uint(optAccept); ok && accept != formatLink {
		return reply(NotAcceptable, "this is link format (40)")
	}
	want, asked, good := m.block(optBlock2)
	if !good {
		return reply(BadRequest, "block size 7 is reserved")
	}
	var out []string
	for _, l := range p.links() {
		if l.matches(m.all(optUriQuery)) {
			out = append(out, l.String())
		}
	}
	r := &Message{Code: Content}
	r.addUint(optContentFormat, formatLink)
	return slice(r, []byte(strings.Join(out, ",")), want, asked)
}

func (p *peer) links() (out []link) {
	send, receive := p.guest.Topics()
	for _, topic := range send {
		if t, ok := protocol.ParseTopic(topic); ok {
			out = append(out, link{topic, kindName(t.Kind), "50 60 110 112", false})
		}
	}
	for _, filter := range receive {
		path := strings.TrimSuffix(strings.TrimSuffix(filter, "/#"), "/+")
		if _, command, ok := receives(path); ok {
			kind := protocol.KindDesired
			if command {
				kind = protocol.KindCommand
			}
			out = append(out, link{path, kindName(kind), "50", true})
		}
	}
	return out
}

func kindName(k protocol.Kind) string { return strings.ReplaceAll(string(k), "/", ".") }

// matches applies the filters of a query; those it does not know match nothing (RFC 6690, section 4.1).
func (l link) matches(query []string) bool {
	for _, q := range query {
		name, want, _ := strings.Cut(q, "=")
		value, known := map[string]string{"href": "/" + l.path, "rt": "tw." + l.kind}[name]
		prefix, open := strings.CutSuffix(want, "*")
		if !known || (open && !strings.HasPrefix(value, prefix)) || (!open && value != want) {
			return false
		}
	}
	return true
}
