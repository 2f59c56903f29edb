package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
)

const (
	liveKept   = 2048 // messages a client that lost its connection can still catch up on
	liveBehind = 512  // messages a slow client may be behind before it is told to reload
	livePing   = 10 * time.Second
	liveOpen   = 2000 // streams at once …
	liveOwn    = 20   // … and of one caller
	liveTopic  = "live"
)

// LiveMessage is one server-sent event: Kind is its event name, Data its JSON. Only callers with Need get it: at Site, where
// the message is about something there, everywhere otherwise.
type LiveMessage struct {
	Kind string            `json:"kind"`
	Need access.Permission `json:"need"`
	Site string            `json:"site,omitempty"`
	Data json.RawMessage   `json:"data"`
	seq  uint64
}

// live hands messages to every open stream. A stream that falls behind, or that resumes from before what is kept, gets
// "reset": the client must read everything anew instead of showing old figures as fresh.
type live struct {
	r     *Router
	epoch string
	mu    sync.Mutex
	seq   uint64
	kept  []LiveMessage
	open  map[*stream]struct{}
}

func newLive(r *Router) (*live, error) {
	l := &live{r: r, epoch: newRequestID()[:13], open: map[*stream]struct{}{}}
	r.mux.HandleFunc("GET "+Prefix+"/live", l.serve)
	r.huma.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodGet, Path: Prefix + "/live", OperationID: "get-live", Tags: []string{"Live"}, Summary: "What changes, as server-sent events",
		Description: "Events carry an id; a client that reconnects with Last-Event-ID gets what it missed, or \"reset\" when that is too long ago.",
		Extensions:  map[string]any{"x-permission": string(access.SelfRead)},
		Responses:   map[string]*huma.Response{"200": {Description: "A stream of events", Content: map[string]*huma.MediaType{"text/event-stream": {}}}},
	})
	if r.Bus == nil {
		return l, nil
	}
	_, err1 := bus.Listen(r.Bus, liveTopic, l.receive)
	_, err2 := bus.Listen(r.Bus, bus.TopicCut, func(c bus.Cut) {
		l.end(func(p access.Principal) bool { return c.SubjectKind == "account" && p.ID == c.SubjectID })
	})
	_, err3 := bus.Listen(r.Bus, bus.TopicChanged, func(c bus.Changed) {
		l.end(func(p access.Principal) bool {
			return (c.Kind == "account" && p.ID == c.ID) || (c.Kind == "session" && p.Session == c.ID)
		})
	})
	return l, errors.Join(err1, err2, err3)
}

// end closes streams whose caller lost or changed its right. The client comes back with its last event id and is judged
// anew.
func (l *live) end(whose func(access.Principal) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.open {
		if whose(s.caller) {
			s.over.Do(func() { close(s.ended) })
		}
	}
}

// Live sends a message to every open console whose caller has need everywhere. kind is the event's name, value its JSON.
func (r *Router) Live(kind string, need access.Permission, value any) {
	r.LiveAt("", kind, need, value)
}

// LiveAt is Live for news of one site: who has need there gets it too.
func (r *Router) LiveAt(site, kind string, need access.Permission, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		r.Log.Error("live message not sent", "kind", kind, "error", err)
		return
	}
	m := LiveMessage{Kind: kind, Need: need, Site: site, Data: data}
	if r.Bus == nil {
		r.live.receive(m)
		return
	}
	if err := r.Bus.Announce(liveTopic, m); err != nil {
		r.Log.Warn("live message not sent", "kind", kind, "error", err)
	}
}

func (l *live) receive(m LiveMessage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	m.seq = l.seq
	l.kept = append(l.kept, m)
	if len(l.kept) > 2*liveKept {
		l.kept = append([]LiveMessage(nil), l.kept[len(l.kept)-liveKept:]...)
	}
	for s := range l.open {
		select {
		case s.messages <- m:
		default: // too far behind: the stream notices the gap in seq
		}
	}
}

// join opens a stream after the given event id and returns what was missed; reset is true when that cannot be known.
func (l *live) join(s *stream, lastID string) (missed []LiveMessage, reset bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := 0
	for other := range l.open {
		if other.caller.ID == s.caller.ID {
			own++
		}
	}
	if len(l.open) >= liveOpen || own >= liveOwn {
		return nil, false, &fleet.Error{Code: fleet.CodeUnavailable, Message: "too many live streams are open: close some of your console's tabs", RetryAfter: livePing}
	}
	l.open[s] = struct{}{}
	epoch, num, _ := strings.Cut(lastID, ".")
	from, perr := strconv.ParseUint(num, 10, 64)
	s.last = l.seq
	switch {
	case lastID == "":
		return nil, false, nil
	case perr != nil || epoch != l.epoch || from > l.seq || (len(l.kept) > 0 && from+1 < l.kept[0].seq):
		return nil, true, nil
	}
	s.last = from
	for _, m := range l.kept {
		if m.seq > from {
			missed = append(missed, m)
		}
	}
	return missed, false, nil
}

func (l *live) leave(s *stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, s)
}

// newest is the number of the last message.
func (l *live) newest() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seq
}

func (l *live) serve(w http.ResponseWriter, req *http.Request) {
	p, err := l.r.Auth.Authenticate(req)
	if err == nil {
		err = l.r.allow(access.With(req.Context(), p), access.SelfRead, access.Resource{})
	}
	if err != nil {
		l.r.problem(w, req, err)
		return
	}
	s := &stream{l: l, w: w, rc: http.NewResponseController(w), caller: p, now: p, messages: make(chan LiveMessage, liveBehind), ended: make(chan struct{}), may: map[reach]bool{}}
	missed, reset, err := l.join(s, req.Header.Get("Last-Event-ID"))
	if err != nil {
		l.r.problem(w, req, err)
		return
	}
	defer l.leave(s)
	w.Header().Set("Content-Type", "text/event-stream")
	s.hello(reset)
	for _, m := range missed {
		s.send(req, m)
	}
	s.run(req)
}

// reach is what a message needs of who gets it.
type reach struct {
	need access.Permission
	site string
}

// stream is one open connection.
type stream struct {
	l        *live
	w        http.ResponseWriter
	rc       *http.ResponseController
	caller   access.Principal // who opened it
	now      access.Principal // the same, as last checked
	messages chan LiveMessage
	ended    chan struct{}
	over     sync.Once
	may      map[reach]bool
	last     uint64 // the message that the client has, or was told to read everything after
	err      error
}

// hello begins a stream. It carries the id to come back with, so that a client which gets no message before it loses the
// connection misses nothing either.
func (s *stream) hello(reset bool) {
	s.write("id: %s.%d\nevent: hello\ndata: {\"epoch\":%q,\"time\":%q}\n\n", s.l.epoch, s.last, s.l.epoch, s.l.r.Clock.Now().Format(time.RFC3339Nano))
	if reset {
		s.reset()
	}
}

// reset tells the client to read everything anew instead of showing old figures as fresh.
func (s *stream) reset() { s.write("id: %s.%d\nevent: reset\ndata: {}\n\n", s.l.epoch, s.last) }

// run sends until the client goes, its right ends (at once when announced, and checked with every ping) or writing fails.
func (s *stream) run(req *http.Request) {
	ping := s.l.r.Clock.After(livePing)
	s.flush()
	for s.err == nil {
		select {
		case <-req.Context().Done():
			return
		case <-s.ended:
			return
		case m := <-s.messages:
			if m.seq > s.last+1 {
				s.last = m.seq - 1
				s.reset()
			}
			s.send(req, m)
			if len(s.messages) == 0 {
				s.flush()
			}
		case <-ping:
			ping = s.l.r.Clock.After(livePing)
			if !s.still(req) {
				return
			}
			s.flush()
		}
	}
}

// still checks the caller's right anew and that nothing was lost, and sends a ping.
func (s *stream) still(req *http.Request) bool {
	p, err := s.l.r.Auth.Authenticate(req)
	if err != nil {
		return false
	}
	s.now = p
	clear(s.may)
	if newest := s.l.newest(); newest > s.last && len(s.messages) == 0 { // what is neither here nor sent was dropped
		s.last = newest
		s.reset()
	}
	s.write("event: ping\ndata: {\"time\":%q}\n\n", s.l.r.Clock.Now().Format(time.RFC3339Nano))
	return true
}

func (s *stream) send(req *http.Request, m LiveMessage) {
	s.last = m.seq
	to := reach{m.Need, m.Site}
	may, known := s.may[to]
	if !known {
		may = s.l.r.Policy.Decide(req.Context(), s.now, m.Need, access.Resource{Site: m.Site}).Allowed
		s.may[to] = may
	}
	if may {
		s.write("id: %s.%d\nevent: %s\ndata: %s\n\n", s.l.epoch, m.seq, m.Kind, m.Data)
	}
}

func (s *stream) write(format string, args ...any) {
	if s.err == nil {
		_ = s.rc.SetWriteDeadline(time.Now().Add(livePing)) // a reader that stands still is let go
		_, s.err = fmt.Fprintf(s.w, format, args...)
	}
}

func (s *stream) flush() {
	if s.err == nil {
		s.err = s.rc.Flush()
	}
}
