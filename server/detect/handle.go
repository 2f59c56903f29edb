package detect

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// errRaises makes a batch that raises an alert start again as a change, which the store commits only with its audit entry.
var errRaises = errors.New("the batch raises an alert")

// Handle takes a batch of events: keeps the searchable copy, counts, raises. It is what Run gives to the event stream, and
// bears a batch that comes again.
func (s *Service) Handle(ctx context.Context, evs []fleet.Event) error {
	if len(evs) == 0 {
		return nil
	}
	var b *batch
	run := func(change bool) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			b = newBatch(s, tx, change)
			return b.take(evs)
		}
	}
	err := s.DB.Keep(ctx, run(false))
	if errors.Is(err, errRaises) {
		err = s.DB.Change(ctx, run(true))
	}
	if err != nil {
		return err
	}
	b.committed(len(evs))
	return nil
}

// batch is one transaction's work.
type batch struct {
	*Service
	tx      *store.Tx
	set     *ruleset
	now     time.Time
	change  bool // alerts may be raised
	tracked map[string]*tracked
	order   []*tracked
	fresh   []fleet.Event
	raised  []*Alert
	delays  []time.Duration
	lates   map[string]int
	created map[string]bool // rules that began to count a new subject
	evicted map[string]int64
}

func newBatch(s *Service, tx *store.Tx, change bool) *batch {
	return &batch{
		Service: s, tx: tx, set: s.set.Load(), now: s.Clock.Now(), change: change,
		tracked: map[string]*tracked{}, lates: map[string]int{}, created: map[string]bool{}, evicted: map[string]int64{},
	}
}

func (b *batch) take(evs []fleet.Event) error {
	if err := takeTurn(b.tx); err != nil {
		return err
	}
	var err error
	if b.fresh, err = insertEvents(b.tx, evs); err != nil {
		return err
	}
	for _, ev := range b.fresh {
		for _, r := range b.set.byType[ev.Type] {
			h, ok := b.match(r, ev)
			if !ok {
				continue
			}
			if err := b.apply(h, ev); err != nil {
				return err
			}
		}
	}
	return b.write()
}

// tracked is a subject under a rule while a batch works on it.
type tracked struct {
	rule    *active
	subject fleet.Party
	key     string // of the counter
	alert   *Alert // the one that is not closed, if any
	seq     sequence
	stored  bool // the counter has a row
	count   bool // the counter changed
	follow  bool // the alert changed
}

func subjectKey(p fleet.Party) string { return p.Kind + ":" + p.ID }

// track reads a subject's alert and counter, once a batch.
func (b *batch) track(r *active, subject fleet.Party) (*tracked, error) {
	key := r.ID + "\x00" + subjectKey(subject)
	if t := b.tracked[key]; t != nil {
		return t, nil
	}
	t := &tracked{rule: r, subject: subject, key: subjectKey(subject)}
	var err error
	if t.alert, err = readOpenAlert(b.tx, r.ID, subject); err != nil {
		return nil, err
	}
	if t.seq, t.stored, err = readCounter(b.tx, r.ID, t.key); err != nil {
		return nil, err
	}
	t.seq.heal(b.now)
	b.tracked[key] = t
	b.order = append(b.order, t)
	return t, nil
}

// apply is what one event does to one subject of one rule.
func (b *batch) apply(h hit, ev fleet.Event) error {
	t, err := b.track(h.rule, h.subject)
	if err != nil {
		return err
	}
	m := mark{ID: ev.ID, At: store.Time(when(ev, b.now)), N: h.n, Distinct: h.distinct}
	switch {
	case h.clears:
		b.clear(t, m)
		return nil
	case h.resets:
		m.N, m.Distinct = 0, ""
		if t.alert == nil && t.rule.threshold > 1 {
			b.count(t, m)
		}
		return nil
	case m.At <= t.seq.Horizon: // it belongs to an alert that was closed, or comes too late
		b.lates[t.rule.ID]++
		return nil
	case t.alert != nil:
		t.alert.follow(m)
		t.alert.Cleared, t.follow = nil, true
		return nil
	case t.rule.threshold == 1:
		return b.raise(t, []mark{m}, ev)
	}
	if !b.count(t, m) {
		return nil
	}
	if marks := t.seq.crossing(t.rule); marks != nil {
		return b.raise(t, marks, ev)
	}
	return nil
}

func (b *batch) clear(t *tracked, m mark) {
	if at := store.FromTime(m.At); t.alert != nil && !at.Before(t.alert.Last) {
		t.alert.Cleared, t.follow = &at, true
	}
}

func (b *batch) count(t *tracked, m mark) bool {
	if !t.seq.add(m, t.rule) {
		b.lates[t.rule.ID]++
		return false
	}
	t.count = true
	return true
}

// raise opens an alert: its row, its audit entry and what is to be delivered are one change.
func (b *batch) raise(t *tracked, marks []mark, ev fleet.Event) error {
	t.seq.Marks, t.count = nil, true
	shared, err := b.overflow(t)
	if err != nil {
		return err
	}
	if shared {
		for _, m := range marks {
			t.alert.follow(m)
		}
		t.follow = true
		return nil
	}
	if !b.change {
		return errRaises
	}
	t.alert = newAlert(t.rule, t.subject, marks, b.now)
	t.alert.Crossed = when(ev, b.now)
	if err := insertAlert(b.tx, t.alert); err != nil {
		return err
	}
	done := fleet.NewEvent("alert.raised", b.now, self(), t.alert.party(), map[string]any{"alert": t.alert.ID, "rule": t.rule.ID, "subject": t.subject, "count": t.alert.Count})
	done.Severity = t.rule.Severity
	if err := b.Audit.Record(b.tx, done); err != nil {
		return err
	}
	b.raised = append(b.raised, t.alert)
	b.delays = append(b.delays, b.now.Sub(ev.Time))
	return b.dispatch(t.rule, t.alert)
}

// overflow keeps a flood of subjects from making a flood of alerts: past MaxOpen, further subjects share one alert of the
// rule, which says so. It returns whether the shared alert is there already and takes the events; otherwise t carries the
// subject that the new alert gets.
func (b *batch) overflow(t *tracked) (shared bool, err error) {
	n, err := countOpen(b.tx, t.rule.ID)
	if err != nil || n < b.MaxOpen {
		return false, err
	}
	everyone := fleet.Party{Kind: "rule", ID: t.rule.ID, Name: "further subjects, too many for an alert each"}
	if t.alert, err = readOpenAlert(b.tx, t.rule.ID, everyone); err != nil {
		return false, err
	}
	for _, other := range b.order { // the batch may have changed it already
		if other != t && other.alert != nil && t.alert != nil && other.alert.ID == t.alert.ID {
			t.alert = other.alert
		}
	}
	t.subject = everyone
	return t.alert != nil, nil
}

// write stores what the batch changed.
func (b *batch) write() error {
	for _, t := range b.order {
		if t.follow {
			if err := updateAlert(b.tx, t.alert); err != nil {
				return err
			}
		}
		if !t.count {
			continue
		}
		if err := b.keep(t); err != nil {
			return err
		}
	}
	for rule := range b.created {
		n, err := evict(b.tx, rule, b.MaxSubjects)
		if err != nil {
			return err
		}
		b.evicted[rule] = n
	}
	return nil
}

// keep stores a counter, or removes one that has nothing left to say.
func (b *batch) keep(t *tracked) error {
	empty := len(t.seq.Marks) == 0 && t.seq.Horizon == 0
	switch {
	case empty && t.stored:
		return deleteCounter(b.tx, t.rule.ID, t.key)
	case empty:
		return nil
	case !t.stored:
		b.created[t.rule.ID] = true
	}
	return writeCounter(b.tx, t.rule.ID, t.key, t.seq, b.now)
}

// committed does what must wait until the batch is durable.
func (b *batch) committed(n int) {
	b.metrics.events.Add(float64(len(b.fresh)))
	b.metrics.again.Add(float64(n - len(b.fresh)))
	for rule, n := range b.lates {
		b.metrics.late.WithLabelValues(rule).Add(float64(n))
	}
	for rule, n := range b.evicted {
		b.metrics.evicted.WithLabelValues(rule).Add(float64(n))
	}
	for i, al := range b.raised {
		b.metrics.alerts.WithLabelValues(string(al.Severity)).Inc()
		b.metrics.delay.Observe(max(b.delays[i], 0).Seconds())
		b.Log.Warn("alert raised", "alert", al.ID, "rule", al.Rule, "severity", al.Severity, "subject", subjectKey(al.Subject), "count", al.Count)
	}
	told := map[string]bool{}
	for _, t := range b.order {
		if t.alert != nil && !told[t.alert.ID] && (t.follow || t.alert.Raised.Equal(b.now)) {
			told[t.alert.ID] = true
			b.tell(t.alert)
		}
	}
	if len(b.raised) > 0 {
		b.wakeSender()
	}
	b.feed.send(b.Service, b.fresh)
}
