package broker

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// counters count everything since the start.
type counters struct {
	in, out, bytesIn, bytesOut                           atomic.Int64
	refused, denied, tooLarge, malformed, throttled, cut atomic.Int64
	dropped, unfit, wills, panics, storeErrors           atomic.Int64
	banned, early                                        atomic.Int64

	mu   sync.Mutex
	last sample
	rate Rates
}

// Rates are averages over the last seconds.
type Rates struct {
	MessagesIn       float64 `json:"messagesInPerSecond"`
	MessagesOut      float64 `json:"messagesOutPerSecond"`
	RefusedPerMinute float64 `json:"refusedPerMinute"`
}

type sample struct {
	at               time.Time
	in, out, refused int64
}

// rateWindow is over how long rates are averaged, about.
const rateWindow = 5 * time.Second

func (k *counters) sweep(now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	next := sample{now, k.in.Load(), k.out.Load(), k.refused.Load() + k.denied.Load()}
	gone := now.Sub(k.last.at).Seconds()
	if !k.last.at.IsZero() && gone > 0 {
		part := min(gone/rateWindow.Seconds(), 1)
		mix := func(old *float64, value float64) { *old += part * (value - *old) }
		mix(&k.rate.MessagesIn, float64(next.in-k.last.in)/gone)
		mix(&k.rate.MessagesOut, float64(next.out-k.last.out)/gone)
		mix(&k.rate.RefusedPerMinute, 60*float64(next.refused-k.last.refused)/gone)
	}
	k.last = next
}

// Stats are the broker's figures.
type Stats struct {
	Rates
	Connections int            `json:"connections"`
	Shaking     int            `json:"handshakesWaiting"`
	Sessions    int            `json:"sessions"`
	Away        int            `json:"away"`
	Retained    int            `json:"retained"`
	Filters     int            `json:"filters"`
	Groups      int            `json:"sharedGroups"`
	Waiting     int            `json:"sharedWaiting"` // messages that wait for a member of a shared subscription
	Stored      uint64         `json:"stored"`        // segments written so far
	Failing     bool           `json:"failing"`
	Messages    int64          `json:"messages"`  // published by clients since the start
	Delivered   int64          `json:"delivered"` // sent to clients since the start
	BytesIn     int64          `json:"bytesIn"`
	BytesOut    int64          `json:"bytesOut"`
	Refused     int64          `json:"refused"` // connections, publishes and subscriptions
	Dropped     int64          `json:"dropped"`
	Listeners   []ListenerInfo `json:"listeners"`
	Limits      Limits         `json:"limits"`
}

// Stats are the figures as they are now.
func (s *Service) Stats() Stats {
	s.mu.RLock()
	out := Stats{Connections: len(s.conns), Sessions: len(s.sessions), Listeners: slices.Clone(s.listeners), Limits: s.Limits}
	for _, ss := range s.sessions {
		if ss.conn.Load() == nil {
			out.Away++
		}
	}
	s.mu.RUnlock()
	for _, g := range s.shares.list() {
		out.Groups++
		out.Waiting += g.waitingNow()
	}
	k := &s.count
	k.mu.Lock()
	out.Rates = k.rate
	k.mu.Unlock()
	out.Shaking = s.gate.Waiting()
	out.Retained, out.Filters, out.Stored, out.Failing = s.kept.len(), s.tree.Len(), s.commit.routed.Load(), s.commit.failing.Load()
	out.Messages, out.Delivered, out.BytesIn, out.BytesOut = k.in.Load(), k.out.Load(), k.bytesIn.Load(), k.bytesOut.Load()
	out.Refused, out.Dropped = k.refused.Load()+k.denied.Load(), k.dropped.Load()
	return out
}

// Filter chooses sessions; empty fields choose all.
type Filter struct {
	Kind      string // device, account
	ID        string
	Connected *bool
}

// SessionInfo is a session as people see it.
type SessionInfo struct {
	Client        string     `json:"client"`
	SubjectKind   string     `json:"subjectKind"`
	SubjectID     string     `json:"subjectId"`
	SubjectName   string     `json:"subjectName,omitempty"`
	State         string     `json:"state"` // live, away
	Protocol      string     `json:"protocol,omitempty"`
	Transport     string     `json:"transport,omitempty"`
	Address       string     `json:"address,omitempty"`
	TLS           string     `json:"tls,omitempty"`
	Certificate   string     `json:"certificate,omitempty"`
	Connected     *time.Time `json:"connectedSince,omitempty"`
	LastSeen      *time.Time `json:"lastSeen,omitempty"`
	KeepAlive     int        `json:"keepAlive"` // seconds
	Subscriptions []string   `json:"subscriptions"`
	Queued        int        `json:"queued"`
	Inflight      int        `json:"inflight"`
	In            int64      `json:"in"`
	Out           int64      `json:"out"`
	BytesIn       int64      `json:"bytesIn"`
	BytesOut      int64      `json:"bytesOut"`
	Clean         bool       `json:"clean"` // ends with its connection
	ExpirySeconds int64      `json:"expirySeconds"`
}

// Sessions lists sessions, live and away, in the order of their owners.
func (s *Service) Sessions(_ context.Context, f Filter) []SessionInfo {
	s.mu.RLock()
	var list []*session
	for _, ss := range s.sessions {
		if (f.Kind == "" || ss.kind == f.Kind) && (f.ID == "" || ss.id == f.ID) && (f.Connected == nil || *f.Connected == (ss.conn.Load() != nil)) {
			list = append(list, ss)
		}
	}
	s.mu.RUnlock()
	slices.SortFunc(list, func(a, b *session) int { return cmp.Compare(a.key, b.key) })
	out := make([]SessionInfo, 0, len(list))
	for _, ss := range list {
		out = append(out, ss.info())
	}
	return out
}

func (ss *session) info() SessionInfo {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	i := SessionInfo{Client: ss.clientID, SubjectKind: ss.kind, SubjectID: ss.id, State: "away", Queued: ss.queue.n + len(ss.owed), Inflight: ss.flight.open + ss.flight.unsent, Clean: ss.expiry == 0, ExpirySeconds: int64(ss.expiry / time.Second), Subscriptions: []string{}}
	for f := range ss.subs {
		i.Subscriptions = append(i.Subscriptions, f)
	}
	slices.Sort(i.Subscriptions)
	c := ss.conn.Load()
	if c == nil {
		if !ss.away.IsZero() {
			away := ss.away
			i.LastSeen = &away
		}
		return i
	}
	since, seen := c.since, time.Unix(0, c.heard.Load()).UTC()
	i.State, i.SubjectName, i.Protocol, i.Transport, i.Address, i.TLS, i.Certificate = "live", c.client.Name, c.protocol(), c.transport, c.place(), c.secure, c.serial
	i.Connected, i.LastSeen, i.KeepAlive = &since, &seen, int(c.keepAlive/time.Second)*2/3
	i.In, i.Out, i.BytesIn, i.BytesOut = c.received.Load(), c.sent.Load(), c.bytesIn.Load(), c.bytesOut.Load()
	return i
}

// Connected says since when and from where a client is connected; of several connections, the latest.
func (s *Service) Connected(kind, id string) (at time.Time, address string, ok bool) {
	for _, c := range s.connections(kind, id) {
		if c.live.Load() && !c.ended.Load() && (!ok || c.since.After(at)) {
			at, address, ok = c.since, c.place(), true
		}
	}
	return at, address, ok
}

// register offers the counters to Prometheus.
func (s *Service) register(to prometheus.Registerer) {
	if to == nil {
		return
	}
	counter := func(name, help string, v *atomic.Int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "thingward_broker_" + name, Help: help}, func() float64 { return float64(v.Load()) })
	}
	gauge := func(name, help string, fn func(Stats) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "thingward_broker_" + name, Help: help}, func() float64 { return fn(s.Stats()) })
	}
	k := &s.count
	to.MustRegister(
		counter("messages_in_total", "Messages that clients published.", &k.in),
		counter("messages_out_total", "Messages sent to clients.", &k.out),
		counter("bytes_in_total", "Bytes of packets from clients.", &k.bytesIn),
		counter("bytes_out_total", "Bytes sent to clients.", &k.bytesOut),
		counter("connections_refused_total", "Connections refused, in the handshake or after.", &k.refused),
		counter("banned_total", "Attempts of clients and addresses that are banned.", &k.banned),
		counter("refused_early_total", "Connections refused before TLS: too many, too fast, or from an address that is banned.", &k.early),
		counter("denied_total", "Publishes and subscriptions outside the ACL.", &k.denied),
		counter("too_large_total", "Packets above the size limit.", &k.tooLarge),
		counter("malformed_total", "Packets off the standard.", &k.malformed),
		counter("throttled_total", "Times a client was held back by its rate.", &k.throttled),
		counter("cut_total", "Live sessions cut because a right ended.", &k.cut),
		counter("dropped_total", "Messages dropped because a reader was too slow or away too long.", &k.dropped),
		counter("payload_invalid_total", "Publishes whose payload does not fit the device type.", &k.unfit),
		counter("wills_total", "Wills published.", &k.wills),
		counter("panics_total", "Faults caught inside a connection.", &k.panics),
		counter("store_errors_total", "Failed writes to JetStream; they are tried again.", &k.storeErrors),
		gauge("connections", "Open connections.", func(st Stats) float64 { return float64(st.Connections) }),
		gauge("handshakes_waiting", "TLS handshakes that wait for their turn.", func(st Stats) float64 { return float64(st.Shaking) }),
		gauge("sessions", "Sessions, live and away.", func(st Stats) float64 { return float64(st.Sessions) }),
		gauge("shared_groups", "Shared subscriptions.", func(st Stats) float64 { return float64(st.Groups) }),
		gauge("shared_waiting", "Messages that wait for a member of a shared subscription.", func(st Stats) float64 { return float64(st.Waiting) }),
		gauge("retained", "Retained messages.", func(st Stats) float64 { return float64(st.Retained) }),
	)
}
