package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
)

const (
	liveKept   = 2048 // messages a client that lost its connection can still catch up on
	liveBehind = 512  // messages a slow client may be behind before it is told to reload
	livePing   = 10 * time.Second
	liveTopic  = "live"
)

// LiveMessage is one server-sent event: Kind is its event name, Data its JSON. Only callers with Need get it.
type LiveMessage struct {
	Kind string            `json:"kind"`
	Need access.Permission `json:"need"`
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
	open  map[chan LiveMessage]struct{}
}

func newLive(r *Router) (*live, error) {
	l := &live{r: r, epoch: newRequestID()[:13], open: map[chan LiveMessage]struct{}{}}
	if r.Bus != nil {
		if _, err := bus.Listen(r.Bus, liveTopic, l.receive); err != nil {
			return nil, err
		}
	}
	r.mux.HandleFunc("GET "+Prefix+"/live", l.serve)
	r.huma.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodGet, Path: Prefix + "/live", OperationID: "get-live", Tags: []string{"Live"}, Summary: "What changes, as server-sent events",
		Description: "Events carry an id; a client that reconnects with Last-Event-ID gets what it missed, or \"reset\" when that is too long ago.",
		Extensions:  map[string]any{"x-permission": string(access.SelfRead)},
		Responses:   map[string]*huma.Response{"200": {Description: "A stream of events", Content: map[string]*huma.MediaType{"text/event-stream": {}}}},
	})
	return l, nil
}

// Live sends a message to every open console whose caller has need. kind is the event's name, value its JSON.
func (r *Router) Live(kind string, need access.Permission, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		r.Log.Error("live message not sent", "kind", kind, "error", err)
		return
	}
	m := LiveMessage{Kind: kind, Need: need, Data: data}
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
	for ch := range l.open {
		select {
		case ch <- m:
		default: // too far behind: the stream notices the gap in seq
		}
	}
}

// join opens a stream after the given event id and returns what was missed; reset is true when that cannot be known.
func (l *live) join(lastID string) (ch chan LiveMessage, missed []LiveMessage, reset bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ch = make(chan LiveMessage, liveBehind)
	l.open[ch] = struct{}{}
	epoch, num, _ := strings.Cut(lastID, ".")
	from, err := strconv.ParseUint(num, 10, 64)
	switch {
	case lastID == "":
		return ch, nil, false
	case err != nil || epoch != l.epoch || from > l.seq || (len(l.kept) > 0 && from+1 < l.kept[0].seq):
		return ch, nil, true
	}
	for _, m := range l.kept {
		if m.seq > from {
			missed = append(missed, m)
		}
	}
	return ch, missed, false
}

func (l *live) leave(ch chan LiveMessage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, ch)
}

func (l *live) serve(w http.ResponseWriter, req *http.Request) {
	p, err := l.r.Auth.Authenticate(req)
	if err != nil {
		l.r.problem(w, req, err)
		return
	}
	ctx := access.With(req.Context(), p)
	ch, missed, reset := l.join(req.Header.Get("Last-Event-ID"))
	defer l.leave(ch)
	w.Header().Set("Content-Type", "text/event-stream")
	s := &stream{l: l, w: w, rc: http.NewResponseController(w), may: map[access.Permission]bool{}}
	s.decide = func(need access.Permission) bool { return l.r.Policy.Decide(ctx, p, need, access.Resource{}).Allowed }
	s.raw("hello", fmt.Sprintf(`{"epoch":%q,"time":%q}`, l.epoch, l.r.Clock.Now().Format(time.RFC3339Nano)))
	if reset {
		s.raw("reset", "{}")
	}
	for _, m := range missed {
		s.send(m)
	}
	s.run(req, ch)
}

// stream is one open connection.
type stream struct {
	l      *live
	w      http.ResponseWriter
	rc     *http.ResponseController
	decide func(access.Permission) bool
	may    map[access.Permission]bool
	last   uint64
	err    error
}

// run sends until the client goes, its right ends (checked with every ping) or writing fails.
func (s *stream) run(req *http.Request, ch chan LiveMessage) {
	ping := time.NewTicker(livePing)
	defer ping.Stop()
	s.flush()
	for s.err == nil {
		select {
		case <-req.Context().Done():
			return
		case m := <-ch:
			if s.last != 0 && m.seq != s.last+1 {
				s.raw("reset", "{}")
			}
			s.send(m)
			if len(ch) == 0 {
				s.flush()
			}
		case <-ping.C:
			if _, err := s.l.r.Auth.Authenticate(req); err != nil {
				return
			}
			clear(s.may)
			s.raw("ping", fmt.Sprintf(`{"time":%q}`, s.l.r.Clock.Now().Format(time.RFC3339Nano)))
			s.flush()
		}
	}
}

func (s *stream) send(m LiveMessage) {
	s.last = m.seq
	may, known := s.may[m.Need]
	if !known {
		may = s.decide(m.Need)
		s.may[m.Need] = may
	}
	if may {
		s.write("id: %s.%d\nevent: %s\ndata: %s\n\n", s.l.epoch, m.seq, m.Kind, m.Data)
	}
}

func (s *stream) raw(kind, data string) { s.write("event: %s\ndata: %s\n\n", kind, data) }

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
