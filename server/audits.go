package server

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/engagement"
	"github.com/thingward/thingward/server/export"
	"github.com/thingward/thingward/server/people"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/catalogue"
)

// openAudits opens what auditors and reviewers work with.
func (s *Server) openAudits(ctx context.Context) (err error) {
	s.reviews, err = people.NewReviews(ctx, people.ReviewConfig{DB: s.db, Audit: s.audit, Accounts: s.access, Devices: s.registry, Clock: s.clock, Bus: s.bus})
	if err != nil {
		return err
	}
	s.export, err = export.New(ctx, export.Config{DB: s.db, Audit: s.audit, Clock: s.clock, Log: s.log, Dir: s.data.path("exports"), Version: Version, Readers: export.Readers{
		Posture: packPosture{s.posture}, Records: packRecords{s}, Risks: packRisks{s}, Devices: packDevices{s}, Proofs: packProofs{s}, Engagements: engagements{s},
	}})
	if err != nil {
		return err
	}
	s.audits, err = engagement.New(ctx, engagement.Config{DB: s.db, Audit: s.audit, Clock: s.clock, Log: s.log, Posture: auditedPosture{s.posture}, Accounts: s.access, Evidence: answers{s}})
	if err != nil {
		return err
	}
	s.work = append(s.work, s.export.Run)
	return nil
}

// engagements tells exports which engagements there are. It is asked later than it is made.
type engagements struct{ s *Server }

// Has reports whether there is such an engagement.
func (e engagements) Has(ctx context.Context, id string) (bool, error) {
	return e.s.audits.Has(ctx, id)
}

// Content is an engagement whole, for the pack that is made for it.
func (e engagements) Content(ctx context.Context, id string) (any, error) {
	return e.s.audits.Engagement(ctx, id)
}

// answers tells engagements whether what an answer refers to exists.
type answers struct{ s *Server }

// HasRecord reports whether there is such a record.
func (a answers) HasRecord(ctx context.Context, id string) (bool, error) {
	_, err := a.s.records.Get(ctx, id)
	return found(err)
}

// HasExport reports whether there is such an export.
func (a answers) HasExport(ctx context.Context, id string) (bool, error) {
	return a.s.export.Has(ctx, id)
}

// found turns "there is none" into an answer.
func found(err error) (bool, error) {
	if fleet.CodeOf(err) == fleet.CodeNotFound {
		return false, nil
	}
	return err == nil, err
}

// owners tells posture who may be given a finding.
type owners struct{ accounts *access.Service }

// Active reports whether an account of that name is there and active.
func (o owners) Active(ctx context.Context, name string) (bool, error) {
	a, err := o.accounts.Account(ctx, name)
	ok, err := found(err)
	return ok && a.State != access.Disabled, err
}

// auditedPosture shows engagements where controls stand.
type auditedPosture struct{ posture *posture.Service }

// Controls lists every control.
func (a auditedPosture) Controls(context.Context) (out []engagement.Control, err error) {
	_, views := a.posture.Views()
	for _, v := range views {
		out = append(out, engagement.Control{ID: v.ID, Title: v.Title, Domain: v.Domain, Status: string(v.Status)})
	}
	return out, nil
}

// InFramework lists the controls that a framework's items relate to, on anybody's word.
func (a auditedPosture) InFramework(ctx context.Context, framework string) (out []string, err error) {
	seen := map[string]bool{}
	for _, by := range []catalogue.Provenance{catalogue.Product, catalogue.Source, catalogue.Operator} {
		f, err := a.posture.Framework(ctx, framework, by, time.Time{})
		if err != nil {
			return nil, err
		}
		for _, item := range f.Items {
			for _, c := range item.Controls {
				if !seen[c.ID] {
					seen[c.ID] = true
					out = append(out, c.ID)
				}
			}
		}
	}
	return out, nil
}

// Objects hands over every observation of a control.
func (a auditedPosture) Objects(_ context.Context, control, check string, fn func(engagement.Object) error) error {
	return a.posture.Observations(control, check, func(o posture.ObjectView) error {
		return fn(engagement.Object{Check: o.Check, Kind: string(o.Subject.Kind), ID: o.Subject.ID, Name: o.Subject.Name, Status: string(o.Status), Reason: o.Reason, Observed: o.Observed})
	})
}
