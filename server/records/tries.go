package records

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// Names in self-tests; none is ever kept.
const (
	tryObject   = "self-test"
	tryOwner    = "self-test-owner"
	tryAuthor   = "self-test-author"
	tryApprover = "self-test-approver"
)

// trial is a record made from a kind's example inside a transaction that is always rolled back.
type trial struct {
	s   *Service
	ctx context.Context
	tx  *store.Tx
	k   Kind
	sc  *scene
	r   stored
}

// errTried rolls a trial back.
var errTried = errors.New("tried")

// try runs fn on a trial of the kind. What it does goes through the same code, tables and audit log as a person's record; only
// the object and the people are made up, so that the outcome does not depend on who is here.
func (s *Service) try(ctx context.Context, kind string, fn func(*trial) (held bool, detail string, err error)) (held bool, detail string, err error) {
	k, ok := s.kinds[kind]
	if !ok {
		return false, "", fleet.Errorf(fleet.CodeNotFound, "there is no kind of record %s", quoted(kind))
	}
	ctx = as(ctx, tryAuthor)
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		t := &trial{s: s, ctx: ctx, tx: tx, k: k}
		if err := t.begin(); err != nil {
			return err
		}
		if held, detail, err = fn(t); err != nil {
			return err
		}
		return errTried
	})
	if !errors.Is(err, errTried) {
		return false, "", err
	}
	var kept int
	if err := s.DB.QueryRow(ctx, "SELECT count(*) FROM records_record WHERE object = ?", tryObject).Scan(&kept); err != nil {
		return false, "", err
	}
	if kept > 0 {
		return false, fmt.Sprintf("%d records of the self-test were kept", kept), nil
	}
	return held, detail, nil
}

func as(ctx context.Context, name string) context.Context {
	return access.With(ctx, access.Principal{Kind: access.Person, ID: name, Name: name, Method: "self-test"})
}

// begin drafts the whole example, with as many links as the kind wants evidence.
func (t *trial) begin() error {
	now := t.s.Clock.Now()
	body := normalBody(t.k.ExampleOn(now))
	t.sc = &scene{
		now: now, kind: t.k, owner: tryOwner, people: map[string]PersonFacts{}, refs: map[About]map[string]bool{},
		object: Object{Kind: t.k.About, ID: tryObject, Name: tryObject, Owner: tryOwner},
	}
	for _, name := range append(named(t.k.Form, body, func(Field) bool { return true }), tryOwner) {
		t.sc.people[name] = PersonFacts{ID: name, Name: name, Active: true}
	}
	t.sc.allow(t.k.Form, body)
	r, err := t.s.draft(t.ctx, t.sc, Start{Kind: t.k.Name, Owner: tryOwner, Body: body})
	if err != nil {
		return fmt.Errorf("the example of %s is refused: %w", t.k.Name, err)
	}
	r.Evidence = append(r.Evidence, t.k.ExampleEvidence()...)
	for n := len(r.Evidence); n < t.k.Files.Least; n++ {
		r.Evidence = append(r.Evidence, Evidence{ID: fmt.Sprint(tryObject, n), Name: fmt.Sprint(tryObject, n), Link: "https://self-test.example/" + fmt.Sprint(n), Added: now, By: tryAuthor})
	}
	t.r = r
	return t.s.begin(t.ctx, t.tx, &t.r)
}

// allow lets a form refer to what its example refers to.
func (sc *scene) allow(fields []Field, o map[string]any) {
	for _, f := range fields {
		all, _ := o[f.Name].([]any)
		for _, e := range all {
			row, isRow := e.(map[string]any)
			ref, isRef := e.(string)
			switch {
			case f.Type == Rows && isRow:
				sc.allow(f.Fields, row)
			case f.Type == Refs && isRef:
				if sc.refs[f.Of] == nil {
					sc.refs[f.Of] = map[string]bool{}
				}
				sc.refs[f.Of][ref] = true
			}
		}
	}
}

// submit submits the trial with a form, and gives what was refused.
func (t *trial) submit(body Body, evidence []Evidence) (*stored, error) {
	r := t.r
	r.Body, r.Evidence = body, evidence
	text, err := encode(body)
	if err != nil {
		return nil, err
	}
	r.text = text
	return &r, t.s.submitChecked(t.ctx, t.tx, &r, t.k, t.sc)
}

// refuses submits an incomplete trial and reports what is wrong with how it was refused; empty when it was refused with the
// right name and the draft stayed a draft.
func (t *trial) refuses(path string, body Body, evidence []Evidence) (string, error) {
	_, err := t.submit(body, evidence)
	if err == nil {
		return path + " was accepted", nil
	}
	if fleet.CodeOf(err) != fleet.CodeInvalid {
		return "", err
	}
	var state string
	if err := t.tx.QueryRow("SELECT state FROM records_record WHERE id = ?", t.r.ID).Scan(&state); err != nil {
		return "", err
	}
	if state != string(Draft) {
		return path + " was refused, but the record is " + state, nil
	}
	if !slices.ContainsFunc(faultsOf(err), func(f Fault) bool {
		return f.Path == path || strings.HasPrefix(f.Path, path+".") || strings.HasPrefix(f.Path, path+"[")
	}) {
		return path + " was refused without being named: " + clip(err.Error()), nil
	}
	return "", nil
}

// accepts submits the whole example: a try that refuses everything would prove nothing.
func (t *trial) accepts() (*stored, string) {
	r, err := t.submit(t.r.Body, t.r.Evidence)
	if err != nil {
		return nil, "the whole example was refused: " + clip(err.Error())
	}
	return r, ""
}

// TryIncomplete leaves out each required part of a kind's example in turn and submits the rest, on the running service, in a
// transaction that is rolled back. It holds when each was refused by name and the whole example was accepted.
func (s *Service) TryIncomplete(ctx context.Context, kind string) (held bool, detail string, err error) {
	return s.try(ctx, kind, func(t *trial) (bool, string, error) {
		parts := without(t.k.Form, t.r.Body, "")
		if t.k.Files.Least > 0 {
			if wrong, err := t.refuses("evidence", t.r.Body, t.r.Evidence[1:]); wrong != "" || err != nil {
				return false, wrong, err
			}
		}
		for _, p := range parts {
			if wrong, err := t.refuses(p.path, p.body, t.r.Evidence); wrong != "" || err != nil {
				return false, wrong, err
			}
		}
		if _, wrong := t.accepts(); wrong != "" {
			return false, wrong, nil
		}
		return true, fmt.Sprintf("refused without each of %d parts, by name; accepted whole", len(parts)+min(1, t.k.Files.Least)), nil
	})
}

// lesser is a form that lacks one part.
type lesser struct {
	path string // where the fault must be
	body Body
}

// without lists a form without each of its required parts: fields, rows and options that must be covered, and columns.
func without(fields []Field, o map[string]any, path string) (out []lesser) {
	for _, f := range fields {
		at := join(path, f.Name)
		v, there := o[f.Name]
		if !there {
			continue
		}
		if !f.Optional {
			part := clone(o)
			delete(part, f.Name)
			out = append(out, lesser{at, part})
		}
		all, _ := v.([]any)
		for _, c := range f.Covers {
			out = append(out, lesser{at, with(o, f.Name, slices.DeleteFunc(slices.Clone(all), func(e any) bool { return e == any(c) || firstCell(f, e) == c }))})
		}
		if f.Type != Rows || len(all) == 0 {
			continue
		}
		if row, ok := all[0].(map[string]any); ok {
			for _, l := range without(f.Fields, row, "") {
				rows := slices.Clone(all)
				rows[0] = map[string]any(l.body)
				out = append(out, lesser{at + "[0]." + l.path, with(o, f.Name, rows)})
			}
		}
	}
	return out
}

func firstCell(f Field, e any) string {
	row, ok := e.(map[string]any)
	if !ok || len(f.Fields) == 0 {
		return ""
	}
	s, _ := row[f.Fields[0].Name].(string)
	return s
}

func clone(o map[string]any) Body {
	out := Body{}
	for k, v := range o {
		out[k] = v
	}
	return out
}

func with(o map[string]any, name string, v any) Body {
	out := clone(o)
	out[name] = v
	return out
}

// TryNotIndependent names the owner of the object wherever an independent person must stand. It holds when each was refused
// by name and the example, with somebody else, was accepted.
func (s *Service) TryNotIndependent(ctx context.Context, kind string) (held bool, detail string, err error) {
	return s.try(ctx, kind, func(t *trial) (bool, string, error) {
		places := owned(t.k.Form, t.r.Body, "")
		if len(places) == 0 {
			return false, "", fmt.Errorf("the kind %s names nobody who must be independent", kind)
		}
		for _, p := range places {
			if wrong, err := t.refuses(p.path, p.body, t.r.Evidence); wrong != "" || err != nil {
				return false, wrong, err
			}
		}
		if _, wrong := t.accepts(); wrong != "" {
			return false, wrong, nil
		}
		return true, fmt.Sprintf("the owner was refused in %d places; somebody independent was accepted", len(places)), nil
	})
}

// owned lists a form with the owner in each place where somebody independent must stand.
func owned(fields []Field, o map[string]any, path string) (out []lesser) {
	for _, f := range fields {
		at := join(path, f.Name)
		if f.Type == Person && f.Independent {
			out = append(out, lesser{at, with(o, f.Name, tryOwner)})
		}
		all, _ := o[f.Name].([]any)
		if f.Type != Rows || len(all) == 0 {
			continue
		}
		row, _ := all[0].(map[string]any)
		for _, l := range owned(f.Fields, row, "") {
			rows := slices.Clone(all)
			rows[0] = map[string]any(l.body)
			out = append(out, lesser{at + "[0]." + l.path, with(o, f.Name, rows)})
		}
	}
	return out
}

// TrySelfApproval has the author of a submitted example approve it. It holds when that was refused, with the record still
// waiting, and the approval of somebody else went through.
func (s *Service) TrySelfApproval(ctx context.Context, kind string) (held bool, detail string, err error) {
	return s.try(ctx, kind, func(t *trial) (bool, string, error) {
		r, wrong := t.accepts()
		if wrong != "" {
			return false, wrong, nil
		}
		err := s.approveChecked(as(ctx, tryAuthor), t.tx, r, t.k)
		if err == nil {
			return false, "the author's own approval was accepted", nil
		}
		if fleet.CodeOf(err) != fleet.CodeForbidden || r.State != Submitted {
			return false, "", err
		}
		if err := s.approveChecked(as(ctx, tryApprover), t.tx, r, t.k); err != nil {
			return false, "", fmt.Errorf("somebody else's approval was refused: %w", err)
		}
		return true, "the author's approval was refused; somebody else's was accepted, and the record was " + string(r.State), nil
	})
}
