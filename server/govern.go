package server

import (
	"context"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
	"github.com/thingward/thingward/server/records/kinds"
	"github.com/thingward/thingward/server/risk"
)

// openGovernance opens what people answer for: records and risks.
func (s *Server) openGovernance(ctx context.Context) error {
	key, err := s.key()
	if err != nil {
		return err
	}
	w := world{s.registry, s.access}
	s.records, err = records.New(ctx, records.Config{
		DB: s.db, Bus: s.bus, Audit: s.audit, Clock: s.clock, Log: s.log, Key: key, Kinds: kinds.Records(), Serves: served(), World: w, Metrics: s.metrics,
	})
	if err != nil {
		return err
	}
	s.later(func() error { s.records.Close(); return nil })
	s.risk, err = risk.New(ctx, risk.Config{DB: s.db, Bus: s.bus, Events: s.bus, Audit: s.audit, Clock: s.clock, Log: s.log, World: references{s}})
	if err != nil {
		return err
	}
	s.work = append(s.work, s.records.Run)
	return nil
}

// served says which obligations each kind answers.
func served() map[string][]records.Served {
	out := map[string][]records.Served{}
	for _, k := range kinds.All() {
		for _, v := range k.Serves {
			out[k.Name] = append(out[k.Name], records.Served{Control: v.Control, Obligation: v.Obligation, Title: v.Title})
		}
		for _, r := range k.Refuses {
			out[k.Name] = append(out[k.Name], records.Served{Control: r.Control, Obligation: r.Obligation, Title: r.Title})
		}
	}
	return out
}

// dutySources shows posture what objects owe: one source for each kind of record.
func (s *Server) dutySources() (out []posture.Source) {
	for _, k := range kinds.Records() {
		out = append(out, source{
			kinds.SubjectKind(k.Name),
			func(ctx context.Context, fn func(posture.Facts) error) error {
				return s.records.Duties(ctx, k.Name, func(d *records.Duty) error { return fn(&kinds.Facts{Duty: d}) })
			},
			func(ctx context.Context, object string) (posture.Facts, error) {
				d, ok, err := s.records.Duty(ctx, k.Name, object)
				if err == nil && !ok {
					err = fleet.Errorf(fleet.CodeNotFound, "there is no %s %s", k.About, object)
				}
				return &kinds.Facts{Duty: d}, err
			},
		})
	}
	return out
}

func (s *Server) eachRisk(ctx context.Context, fn func(posture.Facts) error) error {
	return s.risk.Each(ctx, func(r risk.Stood) error { return fn(riskFacts(r)) })
}

func (s *Server) oneRisk(ctx context.Context, ref string) (posture.Facts, error) {
	r, err := s.risk.One(ctx, ref)
	return riskFacts(r), err
}

func riskFacts(r risk.Stood) *posture.RiskFacts {
	f := &posture.RiskFacts{
		ID: r.ID, Title: r.Title, Asset: r.Asset, Threat: r.Threat, Vulnerability: r.Vulnerability, System: r.System, Site: r.Site, Scopes: r.Scopes, Owner: r.Owner, Entered: r.Entered.Name,
		Likelihood: int(r.Likelihood), Impact: int(r.Impact), Level: int(r.Level), Safety: r.Safety, Closed: r.State == risk.Closed, Created: r.Created, Altered: r.Altered,
	}
	if d := r.Decision; d != nil {
		f.ResidualLevel = int(d.ResidualLevel)
		f.Decision, f.Decider, f.Decided, f.Ends = d.Decision, d.Decider.Name, d.Decided, d.Ends
	}
	for _, m := range r.Mitigations {
		f.Mitigations = append(f.Mitigations, posture.MitigationFacts{Title: m.Title, Owner: m.Owner, Due: m.Due, Done: orZero(m.Finished)})
	}
	for _, l := range r.Links {
		switch l.Kind {
		case "finding":
			f.Findings = append(f.Findings, l.ID)
		case "control":
			f.Controls = append(f.Controls, l.ID)
		case "record":
			f.Records = append(f.Records, l.ID)
		case "device":
			f.Devices = append(f.Devices, l.ID)
		}
	}
	return f
}

// references finds what risks refer to, by kind.
type references struct{ s *Server }

// Named looks a reference up in the domain that it belongs to.
func (n references) Named(ctx context.Context, kind, ref string) (id, name string, ok bool, err error) {
	switch kind {
	case "device":
		var d fleet.Device
		d, err = n.s.registry.Device(ctx, ref)
		id, name = d.ID, d.Name
	case "person":
		var a access.Account
		a, err = n.s.access.Account(ctx, ref)
		if err == nil && (a.Kind != access.Person || a.State == access.Disabled) {
			return "", "", false, nil
		}
		id, name = a.ID, a.Name
	case "system", "site":
		return n.place(ctx, kind, ref)
	case "record":
		var r records.Detail
		r, err = n.s.records.Get(ctx, ref)
		id, name = r.ID, r.Kind+" of "+r.Object.Name
	case "control":
		c, there := n.s.posture.Catalogue.Control(ref)
		return c.ID, c.Title, there, nil
	case "finding":
		var f posture.FindingDetail
		f, err = n.s.posture.Finding(ctx, ref)
		id, name = f.ID, f.Title
	default:
		return "", "", false, nil
	}
	if fleet.CodeOf(err) == fleet.CodeNotFound {
		return "", "", false, nil
	}
	return id, name, err == nil, err
}

func (n references) place(ctx context.Context, kind, ref string) (id, name string, ok bool, err error) {
	w := world{n.s.registry, n.s.access}
	o, ok, err := w.Object(ctx, records.About(kind), ref)
	return o.ID, o.Name, ok, err
}
