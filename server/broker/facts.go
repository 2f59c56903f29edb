package broker

import (
	"context"
	"slices"
	"sync"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/bus"
)

// about is what a grant may narrow a message by.
type about struct{ typ, site, class string }

// under reports whether a grant reaches the message. What is not known is not under any grant that asks for it.
func (a about) under(g *fleet.Grant) bool {
	return (g.Type == "" || g.Type == a.typ) && (g.Site == "" || g.Site == a.site) && g.Opens(a.class)
}

// facts remembers type and site of the devices whose messages go to accounts with narrow grants.
type facts struct {
	mu    sync.RWMutex
	known map[string]known
}

type known struct {
	typ  *fleet.DeviceType
	site string
}

const factsMost = 100_000 // devices; beyond, all are looked up anew

// of says what is known about a message by its topic.
func (f *facts) of(s *Service, topic string) about {
	t, ok := protocol.ParseTopic(topic)
	if !ok {
		return about{class: strictest}
	}
	f.mu.RLock()
	k, ok := f.known[t.Device]
	f.mu.RUnlock()
	if !ok {
		ctx, cancel := context.WithTimeout(context.Background(), storeTry)
		defer cancel()
		c, err := s.Directory.Client(ctx, string(protocol.SubjectDevice), t.Device)
		if err != nil {
			if fleet.CodeOf(err) != fleet.CodeNotFound {
				s.Log.Warn("device not looked up: its messages reach no account with a narrow grant", "device", t.Device, "error", err)
			}
			return about{class: strictest}
		}
		k = known{c.Type, c.Site}
		f.mu.Lock()
		if f.known == nil || len(f.known) >= factsMost {
			f.known = map[string]known{}
		}
		f.known[t.Device] = k
		f.mu.Unlock()
	}
	a := about{site: k.site, class: classOf(k.typ, t)}
	if k.typ != nil {
		a.typ = k.typ.Name
	}
	return a
}

// forget drops what is remembered of what has changed; topics matched before are looked at anew.
func (f *facts) forget(s *Service, ch bus.Changed) {
	f.mu.Lock()
	had := len(f.known) > 0
	if ch.Kind == "device" {
		_, had = f.known[ch.ID]
		delete(f.known, ch.ID)
	} else {
		clear(f.known)
	}
	f.mu.Unlock()
	if had {
		s.tree.Touch()
	}
}

const strictest = "restricted"

// classOf is the data class of a device's topic. Events and the heartbeat are internal; the twin has the strictest class of
// the properties that live in it. What no manifest classifies counts as the strictest.
func classOf(typ *fleet.DeviceType, t protocol.Topic) string {
	switch {
	case t.Kind == protocol.KindEvent, t.Kind == protocol.KindTelemetry && t.Name == protocol.StreamHealth:
		return "internal"
	case typ == nil:
		return strictest
	case t.Kind == protocol.KindTelemetry:
		if st, ok := typ.Streams[t.Name]; ok && st.Class != "" {
			return st.Class
		}
		return strictest
	}
	class := "internal"
	for _, p := range typ.Properties {
		if p.Stream == "" && slices.Index(fleet.DataClasses, p.Class) > slices.Index(fleet.DataClasses, class) {
			class = p.Class
		}
	}
	return class
}
