package posture

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// change is one change of a control's status, or a note of how it stands where only what is beneath moved.
type change struct {
	Control string       `json:"control"`
	Before  fleet.Status `json:"before"`
	After   fleet.Status `json:"after"`
	At      time.Time    `json:"at"`
	Reason  string       `json:"reason"`
	picture
	entry string // id of its event in the log
}

// picture is what the log keeps of a control beyond its status, so that what each subject was like then can be proved: how many
// stood where, and a digest of all open findings.
type picture struct {
	Counts   map[string]map[string]int `json:"-"` // by check and status
	Digest   string                    `json:"-"` // see digest
	Number   int64                     `json:"-"` // openings and closings of findings up to here
	Assessed int                       `json:"-"` // obligations that something assesses
}

// rollUp brings every control up to date and records what changed: history, present status and audit entry in one
// transaction.
func (s *Service) rollUp(ctx context.Context) error {
	return s.rollUpSome(ctx, func(*control) bool { return true })
}

// rollUpSome is rollUp for some controls.
func (s *Service) rollUpSome(ctx context.Context, which func(*control) bool) error {
	s.rolling.Lock()
	defer s.rolling.Unlock()
	s.lapse()
	now := s.Clock.Now()
	var changes []change
	var moved []step
	s.mu.RLock()
	for _, c := range s.controls {
		if !which(c) {
			continue
		}
		moved = append(moved, s.stepped(c)...)
		if out := s.outcome(c); out.status != c.status {
			changes = append(changes, change{Control: c.def.ID, Before: c.status, After: out.status, At: now, Reason: out.reason, picture: s.picture(c, out)})
		}
	}
	s.mu.RUnlock()
	if err := s.keepSteps(ctx, store.Time(now), moved); err != nil {
		return err
	}
	if len(changes) == 0 {
		return nil
	}
	if err := s.recordAll(ctx, changes); err != nil {
		return err
	}
	for _, ch := range changes {
		s.announce(ch)
	}
	return s.trend(ctx, true)
}

// recordAll writes the findings that the entries speak of, then the entries, and takes them over.
func (s *Service) recordAll(ctx context.Context, changes []change) error {
	if err := s.flushUpTo(ctx, true); err != nil {
		return err
	}
	if err := s.record(ctx, changes); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ch := range changes {
		c := s.byID[ch.Control]
		c.digest = ch.Digest
		if ch.Before != ch.After {
			c.status, c.reason, c.since = ch.After, ch.Reason, ch.At
		}
	}
	return nil
}

func (s *Service) record(ctx context.Context, changes []change) error {
	return s.DB.Change(ctx, func(tx *store.Tx) error {
		for i := range changes {
			ch := &changes[i]
			ev := s.entryOf(ch)
			ch.entry = ev.ID
			if err := s.storeChange(tx, *ch); err != nil {
				return err
			}
			if err := s.Audit.Record(tx, ev); err != nil {
				return err
			}
		}
		return nil
	})
}

// entryOf is what the log says about a change, or about findings that moved beneath a status which did not.
func (s *Service) entryOf(ch *change) fleet.Event {
	receiver := fleet.Party{Kind: "control", ID: ch.Control, Name: s.byID[ch.Control].def.Title}
	data := map[string]any{
		"control": ch.Control, "before": string(ch.Before), "after": string(ch.After), "reason": ch.Reason,
		"counts": ch.Counts, "digest": ch.Digest, "number": ch.Number, "assessed": ch.Assessed,
	}
	typ := "control.changed"
	if ch.Before == ch.After {
		typ = "control.observed"
		delete(data, "before")
		delete(data, "after")
		data["status"] = string(ch.After)
	}
	ev := fleet.NewEvent(typ, ch.At, fleet.Server("posture"), receiver, data)
	if ch.After != fleet.Fail {
		ev.Severity = fleet.Info
	}
	return ev
}

// witness records controls whose findings moved since their last entry although their status did not, so that the log binds what
// each subject was like at least once in every sweep.
func (s *Service) witness(ctx context.Context) error {
	s.rolling.Lock()
	defer s.rolling.Unlock()
	now := s.Clock.Now()
	var list []change
	s.mu.Lock()
	for _, c := range s.controls {
		moved := false
		for _, i := range c.checks {
			moved = moved || s.state.moved[i]
			s.state.moved[i] = false
		}
		if !moved || c.since.IsZero() {
			continue
		}
		out := s.outcome(c)
		if p := s.picture(c, out); p.Digest != c.digest && out.status == c.status {
			list = append(list, change{Control: c.def.ID, Before: c.status, After: c.status, At: now, Reason: out.reason, picture: p})
		}
	}
	s.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	return s.recordAll(ctx, list)
}
