package broker

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/broker/packet"
)

// Grants hears which grants were of use.
type Grants interface {
	Used(ctx context.Context, ids []string, at time.Time) error
}

// right is one kind of message that a grant opens.
type right struct {
	grant   fleet.Grant
	pattern string
	plain   bool         // nothing but the topic decides
	used    *atomic.Bool // since it was last noted
}

// mark notes the use of a grant. It is read far more often than it is written.
func (r *right) mark() {
	if !r.used.Load() {
		r.used.Store(true)
	}
}

// compileAccount gives a service account what its grants say. It is nil for one whose roles do not use MQTT, such as auditors:
// that may not connect.
func (s *Service) compileAccount(c Client) *acl {
	uses := func(r access.Role) bool {
		return r == access.Application || r == access.SystemOperator || r == access.SystemAdministrator
	}
	if !slices.ContainsFunc(c.Roles, uses) {
		return nil
	}
	a := &acl{rights: []right{}}
	for _, g := range c.Grants {
		flag, _ := s.used.LoadOrStore(g.ID, &atomic.Bool{})
		for _, kind := range g.Kinds {
			if pattern := patternOf(kind, g.Stream); pattern != "" {
				a.rights = append(a.rights, right{grant: g, pattern: pattern, plain: g.Type == "" && g.Site == "" && g.Opens("confidential") && g.Opens("restricted"), used: flag.(*atomic.Bool)})
			}
		}
	}
	slices.SortStableFunc(a.rights, func(x, y right) int { // a plain right needs no facts
		switch {
		case x.plain == y.plain:
			return 0
		case x.plain:
			return -1
		}
		return 1
	})
	return a
}

// patternOf is the topic filter that a kind of message comes on.
func patternOf(kind, stream string) string {
	switch protocol.Kind(kind) {
	case protocol.KindTelemetry:
		if stream == "" {
			stream = "#"
		}
		return protocol.TelemetryTopic("+", stream)
	case protocol.KindEvent:
		return protocol.EventTopic("+")
	case "reported", protocol.KindReported:
		return protocol.ReportedTopic("+")
	case "desired", protocol.KindDesired:
		return protocol.DesiredTopic("+")
	case protocol.KindCommand: // nobody but its device hears a command
	}
	return ""
}

// lets returns the right by which a message on topic may go to the client; nil when there is none.
func (a *acl) lets(s *Service, topic string) *right {
	for i := range a.rights {
		r := &a.rights[i]
		if packet.Match(r.pattern, topic) && (r.plain || s.facts.of(s, topic).under(&r.grant)) {
			return r
		}
	}
	return nil
}

// noteUsed has the grants noted that were of use since the last time.
func (s *Service) noteUsed(ctx context.Context) {
	if s.Grants == nil {
		return
	}
	var ids []string
	s.used.Range(func(id, flag any) bool {
		if flag.(*atomic.Bool).Swap(false) {
			ids = append(ids, id.(string))
		}
		return true
	})
	if len(ids) == 0 {
		return
	}
	if err := s.Grants.Used(ctx, ids, s.Clock.Now()); err != nil && ctx.Err() == nil {
		s.Log.Warn("the use of grants was not noted", "grants", len(ids), "error", err)
	}
}

// notedEvery is how often the use of grants is written down.
const notedEvery = time.Minute

// noteGrants writes down the use of grants until ctx or the service ends, and once more then.
func (s *Service) noteGrants(ctx context.Context) {
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastNote)
		defer cancel()
		s.noteUsed(last)
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.stopped:
			return
		case <-s.Clock.After(notedEvery):
			s.noteUsed(ctx)
		}
	}
}

const lastNote = 2 * time.Second

// may reports whether a message on topic may go to the session's client. A session taken up from the store only gathers
// positions until its client comes and its grants are read.
func (ss *session) may(topic string) bool {
	_, ok := ss.rightTo(topic)
	return ok
}

// rightTo is the grant by which the session's client gets a topic; nil for a device, which has its own topics only.
func (ss *session) rightTo(topic string) (r *right, ok bool) {
	a := ss.rights.Load()
	if a == nil || a.rights == nil {
		return nil, true
	}
	r = a.lets(ss.s, topic)
	return r, r != nil
}
