package engagement

import (
	"context"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// Engagement shows an engagement whole, with what is computed when it is shown: clocks, progress, the auditors' accounts, and
// whether what was signed is still what is stored.
func (s *Service) Engagement(ctx context.Context, ref string) (Engagement, error) {
	e, err := load(s.reader(ctx), ref)
	if err != nil {
		return e, err
	}
	now := s.Clock.Now()
	e.State = "open"
	switch {
	case e.Signature != nil:
		e.State, e.Signature.Intact = "signed", e.digest() == e.Signature.Digest
	case !now.Before(e.Ends):
		e.State = "over"
	}
	e.Progress = Progress{Controls: len(e.Controls), Concluded: len(e.Conclusion), Samples: len(e.Samples), Requests: len(e.Requests)}
	for i := range e.Requests {
		r := &e.Requests[i]
		r.Overdue = e.Signature == nil && r.waits() && now.After(r.Due)
		switch {
		case r.waits():
			e.Progress.Open++
		case r.State == answered:
			e.Progress.ToJudge++
		}
		if r.Overdue {
			e.Progress.Overdue++
		}
	}
	for i := range e.Auditors {
		a, err := s.Accounts.Account(ctx, e.Auditors[i].ID)
		if err != nil && fleet.CodeOf(err) != fleet.CodeNotFound {
			return e, err
		}
		e.Auditors[i].Expires, e.Auditors[i].Active = a.Expires, err == nil && a.State != access.Disabled
		if e.Auditors[i].Active && a.Expires == nil {
			e.OpenEnded = append(e.OpenEnded, a.Name)
		}
	}
	return e, nil
}

// Has tells whether there is such an engagement.
func (s *Service) Has(ctx context.Context, id string) (bool, error) {
	_, err := scanHead(s.DB.QueryRow(ctx, "SELECT "+headColumns+" WHERE id = ?", id))
	if store.IsNoRows(err) {
		return false, nil
	}
	return err == nil, err
}
