package posture

import (
	"context"
	"strconv"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

type historyInput struct {
	ID string `path:"id" maxLength:"32" doc:"A control's identifier, such as COM-01."`
	api.PageInput
	Check string `query:"check" maxLength:"128" doc:"The timeline of this check of the control instead of the control's."`
	Days  int    `query:"days" minimum:"1" maximum:"400" doc:"Only the last so many days."`
}

// historyItem is one past change.
type historyItem struct {
	At     time.Time    `json:"at"`
	Before fleet.Status `json:"before,omitempty" doc:"Of a control."`
	Status fleet.Status `json:"status"`
	Reason string       `json:"reason,omitempty" doc:"Of a control."`
	Counts *StepCounts  `json:"counts,omitempty" doc:"Of a check: how many subjects stood where."`
}

func (s *Service) listHistory(ctx context.Context, in *historyInput) (*api.List[historyItem], error) {
	c, err := s.find(in.ID)
	if err != nil {
		return nil, err
	}
	before := int64(1<<63 - 1)
	keys, from, err := api.ParseCursor(in.After, 1)
	if err == nil && from {
		before, err = strconv.ParseInt(keys[0], 10, 64)
	}
	if err != nil {
		return nil, fleet.Invalid("after", "is no cursor of this list: begin without one")
	}
	since := int64(0)
	if in.Days > 0 {
		since = store.Time(s.Clock.Now().Add(-time.Duration(in.Days) * 24 * time.Hour))
	}
	out, err := s.changesOf(ctx, c, in.Check, since, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return api.NewList(out, in.Limit, nil, func(h historyItem) string { return api.Cursor(strconv.FormatInt(store.Time(h.At), 10)) }), nil
}

// changesOf reads the changes of a control, or of one of its checks.
func (s *Service) changesOf(ctx context.Context, c *control, check string, since, before int64, most int) (out []historyItem, err error) {
	if check == "" {
		hist, err := s.history(ctx, c.def.ID, since, before, most)
		for _, h := range hist {
			out = append(out, historyItem{At: h.At, Before: h.Before, Status: h.After, Reason: h.Reason})
		}
		return out, err
	}
	at := s.checksOf(c, check)
	if len(at) == 0 {
		return nil, fleet.Invalid("check", c.def.ID+" has no check \""+check+"\": thingward control get "+c.def.ID+" -o json lists them")
	}
	steps, err := s.stepsOf(ctx, at[0], since, before, most)
	for _, st := range steps {
		out = append(out, historyItem{At: store.FromTime(st.at), Status: st.status, Counts: &st.counts})
	}
	return out, err
}
