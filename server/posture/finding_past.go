package posture

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/store"
)

// FindingAt is a finding as it stood at a moment, with its notes up to then and what proves it. CodeNotFound before it was opened.
// Owner, due date and notes are compared with the audit log, and whether it was open with the last entry about its control; a
// difference is shown.
func (s *Service) FindingAt(ctx context.Context, ref string, then time.Time) (FindingDetail, error) {
	p, err := s.Past(ctx, then)
	if err != nil {
		return FindingDetail{}, err
	}
	d, err := s.Finding(ctx, ref)
	if err != nil {
		return d, err
	}
	if d.Opened.After(p.At) {
		return FindingDetail{}, fleet.Errorf(fleet.CodeNotFound, "the finding %q was opened later, at %s: ask for a moment from then on, or leave at out", ref, d.Opened.Format(time.RFC3339Nano))
	}
	past, err := s.exceptionsAt(ctx, p.At)
	if err != nil {
		return d, err
	}
	s.asOf(&d.Finding, p.At, past)
	d.Log = slices.DeleteFunc(d.Log, func(n Note) bool { return n.At.After(p.At) })
	d.Notes = len(d.Log)
	if err := s.provesFinding(ctx, p, &d); err != nil {
		return d, err
	}
	s.alarm(p)
	d.AsOf = p.asOf()
	return d, nil
}

// provesFinding compares a finding of a past moment with the log.
func (s *Service) provesFinding(ctx context.Context, p *Past, d *FindingDetail) error {
	if l := p.at[d.Control]; l != nil {
		open, bound, same, err := s.pictureThen(ctx, l)
		if err != nil {
			return err
		}
		d.Entry = &PastEntry{l.At, l.Index, len(open), bound && same}
		if bound && !same {
			p.differ(l.Control, l.At, &l.Index, "the findings stored as open then are not those that the log is bound to")
		}
	}
	return s.compareFinding(ctx, p, d)
}

// compareFinding compares who had a finding, its due date and its notes with the entries about it.
func (s *Service) compareFinding(ctx context.Context, p *Past, d *FindingDetail) error {
	var last *giving
	notes := map[string]int{}
	for _, n := range d.Log {
		notes[n.By+"\n"+n.Text]++
	}
	err := s.entriesAbout(ctx, "finding.", d.ID, p, func(e audit.Entry) error {
		switch g, _, ok := readGiving(e); {
		case e.Event.Type == "finding.assigned" && ok && last == nil:
			last = &g
			if g.owner != d.Owner || g.due != store.Time(d.Due) {
				p.differ(d.Control, e.Event.Time, &e.Index, fmt.Sprintf("the log says that the finding %s was given to %q until %s, and what is stored does not", d.ID, g.owner, stamp(store.FromTime(g.due))))
			}
		case e.Event.Type == "finding.noted" && e.Broken == "":
			text, _ := e.Event.Data["text"].(string)
			key := e.Event.Initiator.Name + "\n" + text
			if notes[key]--; notes[key] < 0 {
				p.differ(d.Control, e.Event.Time, &e.Index, "the log has a note on the finding "+d.ID+" that is not stored like this")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if last == nil && d.Owner != "" {
		p.differ(d.Control, d.Opened, nil, "the finding "+d.ID+" is stored as given to "+d.Owner+" by then, and the log does not say so")
	}
	for _, n := range d.Log {
		if notes[n.By+"\n"+n.Text] > 0 {
			p.differ(d.Control, n.At, nil, "a note on the finding "+d.ID+" is stored that the log does not have")
			break
		}
	}
	return nil
}
