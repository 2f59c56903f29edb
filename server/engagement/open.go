package engagement

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

const (
	titleMost    = 200
	textMost     = 8000
	auditorsMost = 20
	aheadMost    = 2 * 366 * 24 * time.Hour
)

// Draft is what an engagement is opened or changed with.
type Draft struct {
	Title    string    `json:"title" maxLength:"200"`
	System   string    `json:"system,omitempty" maxLength:"128" doc:"A system; left out, the whole installation."`
	From     time.Time `json:"from" doc:"Begin of the period under audit."`
	To       time.Time `json:"to"`
	Scope    Scope     `json:"scope"`
	Auditors []string  `json:"auditors" maxItems:"20" doc:"Names of accounts with the role auditor and no other; whoever opens the engagement is one of them."`
	Ends     time.Time `json:"ends" doc:"Until when the auditors work."`
}

func (d Draft) check(now time.Time) error {
	switch {
	case strings.TrimSpace(d.Title) == "" || len(d.Title) > titleMost:
		return fleet.Invalid("title", fmt.Sprintf("want 1 to %d characters", titleMost))
	case d.From.IsZero() || d.To.IsZero():
		return fleet.Invalid("from", "want the period under audit, from and to")
	case !d.From.Before(d.To):
		return fleet.Invalid("to", "want a time after from")
	case !d.Ends.After(now):
		return fleet.Invalid("ends", "lies in the past: give the day until which the auditors work")
	case d.Ends.Sub(now) > aheadMost:
		return fleet.Invalid("ends", "is more than two years away")
	case d.To.After(d.Ends):
		return fleet.Invalid("to", "lies after the end of the auditors' work: nobody can conclude on a time to come")
	case len(d.Auditors) > auditorsMost:
		return fleet.Invalid("auditors", fmt.Sprintf("want at most %d", auditorsMost))
	}
	return nil
}

// Open begins an engagement. The caller becomes one of its auditors.
func (s *Service) Open(ctx context.Context, d Draft) (Engagement, error) {
	e, err := s.made(ctx, d)
	if err != nil {
		return Engagement{}, err
	}
	e.ID, e.Created, e.CreatedBy, e.version = id.New(), e.Changed, access.PartyOf(ctx).Name, 1
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		if err := insertEngagement(tx, e); err != nil {
			return err
		}
		return s.record(ctx, tx, "engagement.opened", e, map[string]any{"from": e.From, "to": e.To, "ends": e.Ends, "auditors": names(e.Auditors), "controls": len(e.Controls), "system": e.System})
	})
	if err != nil {
		return Engagement{}, err
	}
	return s.Engagement(ctx, e.ID)
}

// Change replaces title, period, scope, auditors and end. What was concluded about a control that leaves the scope must be
// undone first.
func (s *Service) Change(ctx context.Context, ref, match string, d Draft) (Engagement, error) {
	made, err := s.made(ctx, d)
	if err != nil {
		return Engagement{}, err
	}
	err = s.writes(ctx, ref, func(tx *store.Tx, e *Engagement) error {
		if err := e.matches(match); err != nil {
			return err
		}
		for _, c := range e.Conclusion {
			if !slices.Contains(made.Controls, c.Control) {
				return fleet.Errorf(fleet.CodeConflict, "there is a conclusion on %s, which would leave the scope: keep it in", c.Control)
			}
		}
		var changed []string
		for field, differs := range map[string]bool{
			"title": e.Title != made.Title, "system": e.System != made.System, "from": !e.From.Equal(made.From), "to": !e.To.Equal(made.To), "ends": !e.Ends.Equal(made.Ends),
			"scope": !slices.Equal(e.Controls, made.Controls), "auditors": !slices.Equal(names(e.Auditors), names(made.Auditors)),
		} {
			if differs {
				changed = append(changed, field)
			}
		}
		slices.Sort(changed)
		e.Title, e.System, e.From, e.To, e.Ends, e.Scope, e.Controls, e.Auditors = made.Title, made.System, made.From, made.To, made.Ends, made.Scope, made.Controls, made.Auditors
		return s.record(ctx, tx, "engagement.changed", *e, map[string]any{"fields": changed, "auditors": names(e.Auditors), "ends": e.Ends})
	})
	if err != nil {
		return Engagement{}, err
	}
	return s.Engagement(ctx, ref)
}

// made checks a draft and finds its auditors and controls.
func (s *Service) made(ctx context.Context, d Draft) (Engagement, error) {
	now := s.Clock.Now().Truncate(time.Microsecond)
	if err := d.check(now); err != nil {
		return Engagement{}, err
	}
	e := Engagement{Title: d.Title, System: d.System, From: micro(d.From), To: micro(d.To), Ends: micro(d.Ends), Scope: d.Scope, Changed: now}
	var err error
	if e.Auditors, err = s.auditors(ctx, d.Auditors); err != nil {
		return Engagement{}, err
	}
	e.Controls, err = s.controls(ctx, d.Scope)
	return e, err
}

// micro is a time as precise as it is stored.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// auditors finds accounts that may read everything and change nothing: an auditor with another role could make what is
// audited.
func (s *Service) auditors(ctx context.Context, refs []string) (out []Auditor, err error) {
	if p, ok := access.From(ctx); ok {
		refs = append([]string{p.Name}, refs...)
	}
	for i, ref := range refs {
		path := "auditors"
		if i > 0 {
			path = fmt.Sprintf("auditors[%d]", i-1)
		}
		a, err := s.Accounts.Account(ctx, ref)
		if fleet.CodeOf(err) == fleet.CodeNotFound {
			return nil, fleet.Invalid(path, fmt.Sprintf("there is no account %q", clip(ref)))
		}
		if err != nil {
			return nil, err
		}
		if err := mayAudit(path, a); err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(out, func(o Auditor) bool { return o.ID == a.ID }) {
			out = append(out, Auditor{ID: a.ID, Name: a.Name})
		}
	}
	return out, nil
}

func mayAudit(path string, a access.Account) error {
	switch {
	case a.Kind != access.Person:
		return fleet.Invalid(path, a.Name+" is no person: somebody signs an audit with their name")
	case !slices.Contains(a.Roles, access.Auditor):
		return fleet.Invalid(path, a.Name+" is no auditor: an administrator gives the account that role")
	case len(a.Roles) > 1:
		return fleet.Invalid(path, a.Name+" holds other roles too: an auditor reads and changes nothing, so the account must hold the role auditor alone")
	case a.State == access.Disabled:
		return fleet.Invalid(path, a.Name+" is disabled")
	}
	return nil
}

// controls turns a scope into the controls that it means, in the catalogue's order.
func (s *Service) controls(ctx context.Context, sc Scope) (out []string, err error) {
	all, err := s.Posture.Controls(ctx)
	if err != nil {
		return nil, err
	}
	domains, known := map[string]bool{}, map[string]bool{}
	for _, c := range all {
		domains[c.Domain], known[c.ID] = true, true
	}
	in := map[string]bool{}
	for i, d := range sc.Domains {
		if !domains[d] {
			return nil, fleet.Invalid(fmt.Sprintf("scope.domains[%d]", i), fmt.Sprintf("there is no domain %q: want one of %s", clip(d), strings.Join(slices.Sorted(maps.Keys(domains)), ", ")))
		}
	}
	for i, c := range sc.Controls {
		if !known[c] {
			return nil, fleet.Invalid(fmt.Sprintf("scope.controls[%d]", i), fmt.Sprintf("there is no control %q: thingward control list shows them all", clip(c)))
		}
		in[c] = true
	}
	for i, f := range sc.Frameworks {
		ids, err := s.Posture.InFramework(ctx, f)
		if fleet.CodeOf(err) == fleet.CodeNotFound {
			return nil, fleet.Invalid(fmt.Sprintf("scope.frameworks[%d]", i), fmt.Sprintf("there is no framework %q", clip(f)))
		}
		if err != nil {
			return nil, err
		}
		for _, c := range ids {
			in[c] = true
		}
	}
	everything := len(sc.Domains)+len(sc.Controls)+len(sc.Frameworks) == 0
	for _, c := range all {
		if everything || in[c.ID] || slices.Contains(sc.Domains, c.Domain) {
			out = append(out, c.ID)
		}
	}
	if len(out) == 0 {
		return nil, fleet.Invalid("scope", "means no control at all: name domains, controls or frameworks that relate to some")
	}
	return out, nil
}

func names(as []Auditor) (out []string) {
	for _, a := range as {
		out = append(out, a.Name)
	}
	return out
}

func clip(s string) string {
	const most = 80
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
