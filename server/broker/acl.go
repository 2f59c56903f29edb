package broker

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/topics"
)

// acl is what one client may do, compiled when it connects and again when its type, state or roles change. It is never
// changed, only replaced.
type acl struct {
	// prefix is things/<id>/ for a device, and "" for an account.
	prefix string
	// out holds what a device may publish, as the rest after prefix; shared by all devices of the type.
	out *typeACL
	// subscribe holds the topic filters that may be subscribed. An account publishes nothing: see reasonAccount.
	subscribe []string
	// rights are an account's grants, compiled; each message is looked at once more, because a grant may narrow by what no
	// filter can say: type, site and data class. Nil for a device.
	rights      []right
	quarantined bool
}

// typeACL is the part of an ACL that all devices of a type share.
type typeACL struct {
	stamp string
	out   map[string]*shape // what payloads must look like; nil: anything
}

// Reasons for a refused publish or subscription, as events carry them.
const (
	reasonForeign     = "topic is not among those of the client"
	reasonUndeclared  = "stream is not declared by the device type"
	reasonQuarantined = "device is quarantined"
	reasonAccount     = "an account publishes nothing here: send commands with POST /api/v1/devices/REF/commands/NAME, where bounds are checked and the log has its entry"
	reasonPayload     = "payload does not fit the device type" // the place stands in its own event
	reasonQuota       = "too many retained messages"
)

// compile makes the ACL of a client.
func (s *Service) compile(c Client) *acl {
	if c.Kind != string(protocol.SubjectDevice) {
		return s.compileAccount(c)
	}
	a := &acl{prefix: protocol.Root + c.ID + "/", quarantined: c.State == fleet.Quarantined}
	a.subscribe = []string{protocol.DesiredTopic(c.ID)}
	if a.quarantined {
		a.out = &quarantineACL
		return a
	}
	a.subscribe = append(a.subscribe, protocol.CommandTopic(c.ID, "#"))
	a.out = s.typeACL(c.Type)
	return a
}

// quarantineACL leaves a quarantined device its twin, so that it can be examined and mended.
var quarantineACL = typeACL{out: map[string]*shape{string(protocol.KindReported): nil}}

func (s *Service) typeACL(t *fleet.DeviceType) *typeACL {
	name, stamp := "", ""
	if t != nil {
		name, stamp = t.Name, t.Version+" "+t.Changed.String()
	}
	if old, ok := s.types.Load(name); ok && old.(*typeACL).stamp == stamp {
		return old.(*typeACL)
	}
	made := &typeACL{stamp: stamp, out: map[string]*shape{
		string(protocol.KindReported): nil, string(protocol.KindEvent): nil, string(protocol.KindTelemetry) + "/" + protocol.StreamHealth: nil,
	}}
	if t != nil {
		for name, stream := range t.Streams {
			if name != protocol.StreamHealth {
				made.out[string(protocol.KindTelemetry)+"/"+name] = shapeOf(t, stream)
			}
		}
	}
	s.types.Store(name, made)
	return made
}

// mayPublish says whether the client may publish on topic, and if not, why; and what the payload must look like. It does not
// allocate for a device.
func (a *acl) mayPublish(topic []byte) (s *shape, reason string) {
	if a.prefix == "" {
		return nil, reasonAccount
	}
	if len(topic) <= len(a.prefix) || string(topic[:len(a.prefix)]) != a.prefix {
		return nil, reasonForeign
	}
	if s, ok := a.out.out[string(topic[len(a.prefix):])]; ok {
		return s, ""
	}
	switch {
	case a.quarantined:
		return nil, reasonQuarantined
	case strings.HasPrefix(string(topic[len(a.prefix):]), string(protocol.KindTelemetry)+"/"):
		return nil, reasonUndeclared
	}
	return nil, reasonForeign
}

// maySubscribe reports whether everything that filter can match is open to the client.
func (a *acl) maySubscribe(filter string) bool {
	for i := range a.rights {
		if r := &a.rights[i]; topics.Covers(r.pattern, filter) {
			r.mark()
			return true
		}
	}
	return slices.ContainsFunc(a.subscribe, func(pattern string) bool { return topics.Covers(pattern, filter) })
}

// aclRef holds the ACL in force.
type aclRef = atomic.Pointer[acl]
