package posture

import (
	"context"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/store"
)

// Past is where every control stood at a moment, recomputed from the audit log alone and compared with the stored history.
type Past struct {
	At         time.Time
	Checkpoint provable.Checkpoint // signed over the log when this was recomputed; it covers every entry used
	Entries    int                 // entries of the log that it was made from
	// Differences are where the stored tables are not what the log says. The log is right: what is stored was altered.
	Differences []PastDifference
	at          map[string]*logged // the last word about each control
	since       map[string]*logged // the last change of each control's status
	changes     []*logged          // changes of status, newest first
	exceptions  map[string]bool    // in force then, by id
}

// PastDifference is one thing stored that is not what the log says.
type PastDifference struct {
	Control string    `json:"control"`
	At      time.Time `json:"at"`
	Index   *int64    `json:"index,omitempty" doc:"The entry of the log, where there is one."`
	What    string    `json:"what"`
}

// logged is what an entry of the log says about a control.
type logged struct {
	change
	Index int64
	Leaf  string
	Typ   string
}

// Status is where a control stood. Before its first entry nothing had assessed it.
func (p *Past) Status(control string) (status fleet.Status, since time.Time, reason string) {
	l := p.at[control]
	if l == nil {
		return fleet.NotAssessed, time.Time{}, ""
	}
	if ch := p.since[control]; ch != nil {
		return l.After, ch.At, ch.Reason
	}
	return l.After, l.At, l.Reason
}

// Past recomputes where every control stood at a moment. Entries that wait for their place in the log are given it first.
func (s *Service) Past(ctx context.Context, then time.Time) (*Past, error) {
	then, err := s.past(then)
	if err != nil {
		return nil, err
	}
	p := &Past{At: then, at: map[string]*logged{}, since: map[string]*logged{}, exceptions: map[string]bool{}, Differences: []PastDifference{}}
	if err := s.flushUpTo(ctx, true); err != nil {
		return nil, err
	}
	if err := s.sealed(ctx, p); err != nil {
		return nil, err
	}
	for _, read := range []func(context.Context, *Past) error{s.readControls, s.readExceptions, s.compareHistory, s.compareExceptions} {
		if err := read(ctx, p); err != nil {
			return nil, err
		}
	}
	s.alarm(p)
	return p, nil
}

// pastPage is how many entries of the log are read at once.
const pastPage = 1000

// entriesUntil walks over the log's entries of some types up to a moment, newest first. An entry that is not what was signed is
// handed over as Broken.
func (s *Service) entriesUntil(ctx context.Context, types string, p *Past, fn func(audit.Entry) error) error {
	return s.entriesAbout(ctx, types, "", p, fn)
}

// entriesAbout is entriesUntil for those about one object.
func (s *Service) entriesAbout(ctx context.Context, types, object string, p *Past, fn func(audit.Entry) error) error {
	f := audit.Filter{Type: types, Object: object, To: p.At.Truncate(time.Microsecond).Add(time.Microsecond), Limit: pastPage}
	for {
		list, more, err := s.Audit.List(ctx, f)
		if err != nil {
			return err
		}
		for _, e := range list {
			f.Before = e.Index
			if e.Index >= p.Checkpoint.Size {
				continue // recorded while this is made
			}
			if err := fn(e); err != nil {
				return err
			}
		}
		if !more || len(list) == 0 || f.Before == 0 {
			return ctx.Err()
		}
	}
}

// readControls takes the last word about each control, and all changes of status.
func (s *Service) readControls(ctx context.Context, p *Past) error {
	return s.entriesUntil(ctx, "control.", p, func(e audit.Entry) error {
		if e.Broken != "" {
			p.differ("", time.Time{}, &e.Index, "the log's own entry is not what was signed: "+e.Broken)
			return nil
		}
		if e.Event.Type != "control.changed" && e.Event.Type != "control.observed" {
			return nil
		}
		l := readLogged(e)
		p.Entries++
		if p.at[l.Control] == nil {
			p.at[l.Control] = l
		}
		if l.Typ == "control.changed" {
			p.changes = append(p.changes, l)
			if p.since[l.Control] == nil {
				p.since[l.Control] = l
			}
		}
		return nil
	})
}

// readLogged reads what an entry says; what it does not say stays empty, as in entries of earlier versions.
func readLogged(e audit.Entry) *logged {
	d := e.Event.Data
	text := func(key string) string { v, _ := d[key].(string); return v }
	number := func(key string) int64 { v, _ := d[key].(float64); return int64(v) }
	l := &logged{Index: e.Index, Leaf: e.Leaf.String(), Typ: e.Event.Type, change: change{
		Control: text("control"), Before: fleet.Status(text("before")), After: fleet.Status(text("after")), At: e.Event.Time, Reason: text("reason"), entry: e.Event.ID,
		picture: picture{Digest: text("digest"), Number: number("number"), Assessed: int(number("assessed")), Counts: map[string]map[string]int{}},
	}}
	if l.Typ == "control.observed" {
		l.Before, l.After = fleet.Status(text("status")), fleet.Status(text("status"))
	}
	checks, _ := d["counts"].(map[string]any)
	for check, by := range checks {
		l.Counts[check] = map[string]int{}
		counts, _ := by.(map[string]any)
		for status, n := range counts {
			f, _ := n.(float64)
			l.Counts[check][status] = int(f)
		}
	}
	return l
}

// readExceptions finds which exceptions were in force, from the entries about them.
func (s *Service) readExceptions(ctx context.Context, p *Past) error {
	decided := map[string]bool{}
	return s.entriesUntil(ctx, "exception.", p, func(e audit.Entry) error {
		if e.Broken != "" {
			return nil // said by readControls where it is about a control; the log's own verification says it otherwise
		}
		ref, _ := e.Event.Data["exception"].(string)
		if decided[ref] {
			return nil
		}
		decided[ref] = true
		text, _ := e.Event.Data["ends"].(string)
		ends, err := time.Parse(time.RFC3339Nano, text)
		if err == nil && e.Event.Type == "exception.approved" && p.At.Before(ends) {
			p.exceptions[ref] = true
		}
		return nil
	})
}

// differencesMost bounds how many differences are listed.
const differencesMost = 200

func (p *Past) differ(control string, at time.Time, index *int64, what string) {
	if len(p.Differences) < differencesMost {
		p.Differences = append(p.Differences, PastDifference{control, at, index, what})
	}
}

// told is a change of status as both the log and the history tell it.
type told struct {
	control, before, after, reason string
	at                             int64
}

func tell(ch change) told {
	return told{ch.Control, string(ch.Before), string(ch.After), ch.Reason, store.Time(ch.At)}
}

// compareHistory compares every change up to the moment.
func (s *Service) compareHistory(ctx context.Context, p *Past) error {
	inLog := map[told][]*logged{}
	for _, l := range p.changes {
		inLog[tell(l.change)] = append(inLog[tell(l.change)], l)
	}
	rows, err := s.DB.Query(ctx, "SELECT control, at, was, became, reason FROM posture_history WHERE at <= ? ORDER BY at DESC, id DESC", store.Time(p.At))
	if err != nil {
		return err
	}
	err = eachRow(rows, func(scan func(...any) error) error {
		var t told
		if err := scan(&t.control, &t.at, &t.before, &t.after, &t.reason); err != nil {
			return err
		}
		if same := inLog[t]; len(same) > 0 {
			inLog[t] = same[1:]
			return nil
		}
		p.differ(t.control, store.FromTime(t.at), nil, "the history says it became "+t.after+" then, and the log has no such change")
		return nil
	})
	for _, missing := range inLog {
		for _, l := range missing {
			p.differ(l.Control, l.At, &l.Index, "the log says it became "+string(l.After)+" then, and the history does not")
		}
	}
	return err
}

// compareExceptions compares which exceptions were in force.
func (s *Service) compareExceptions(ctx context.Context, p *Past) error {
	at := store.Time(p.At)
	list, err := s.exceptionsWhere(ctx, "WHERE decided > 0 AND decided <= ? AND ends > ? AND (finished = 0 OR finished > ?) AND state <> ?", at, at, at, string(ExceptionRefused))
	if err != nil {
		return err
	}
	stored := map[string]bool{}
	for _, e := range list {
		stored[e.ID] = true
		if !p.exceptions[e.ID] {
			p.differ(e.Control, *e.Decided, nil, "the exception "+e.ID+" is stored as in force then, and the log does not say so")
		}
	}
	for ref := range p.exceptions {
		if !stored[ref] {
			p.differ("", p.At, nil, "the log says that the exception "+ref+" was in force then, and what is stored does not")
		}
	}
	slices.SortStableFunc(p.Differences, func(a, b PastDifference) int { return a.At.Compare(b.At) })
	return nil
}

// alarm says that what is stored was altered, once for the same differences.
func (s *Service) alarm(p *Past) {
	if len(p.Differences) == 0 {
		return
	}
	key := p.Differences[0].What + p.Differences[0].Control + p.Differences[0].At.String()
	s.mu.Lock()
	said := s.alarmed[key]
	s.alarmed[key] = true
	s.mu.Unlock()
	if said {
		return
	}
	s.Log.Error("the stored history is not what the log says", "differences", len(p.Differences), "first", p.Differences[0])
	s.publish(fleet.NewEvent("history.altered", s.Clock.Now(), fleet.Server("posture"), fleet.Server("posture"),
		map[string]any{"differences": len(p.Differences), "examples": p.Differences[:min(len(p.Differences), differencesTold)]}))
}

// pictureThen reads which findings of a control were open when an entry was written, and reports whether that is what the entry's
// digest says. An entry of an earlier version has no digest and binds nothing.
func (s *Service) pictureThen(ctx context.Context, l *logged) (open []Finding, bound, same bool, err error) {
	st := stream{where: "seq <= ? AND (closed_seq = 0 OR closed_seq > ?)", args: []any{l.Number, l.Number}}
	st.among(s.checksWhere(FindingFilter{Control: l.Control}))
	rows, err := s.DB.Query(ctx, "SELECT "+findingColumns+" FROM posture_finding WHERE "+st.where+" ORDER BY seq", st.args...)
	if err != nil {
		return nil, false, false, err
	}
	if open, err = s.scanFindings(rows, l.At); err != nil || l.Digest == "" {
		return open, false, false, err
	}
	lines := make([]openFinding, len(open))
	for i, f := range open {
		lines[i] = openFinding{f.Check, string(f.Subject.Kind), f.Subject.ID}
	}
	return open, true, digest(lines) == l.Digest, nil
}
