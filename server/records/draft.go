package records

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// Start asks for a draft. Object is the id or name of what it is about. From, if not empty, is a record of the same kind whose
// form the draft begins with, but for the day on which the work was done.
type Start struct {
	Kind   string `json:"kind" doc:"Name of a kind of record."`
	Object string `json:"object,omitempty" doc:"Id or name of what it is about; may be left out for the organisation."`
	Owner  string `json:"owner,omitempty" doc:"Account name of who must renew it; the object's owner, or else you, unless given."`
	Body   Body   `json:"body,omitempty" doc:"The form, as far as it is filled in."`
	From   string `json:"from,omitempty" doc:"Id of a record of the same kind to copy the form from."`
}

// Create begins a draft.
func (s *Service) Create(ctx context.Context, in Start) (Record, error) {
	r, err := s.create(ctx, in)
	return r.Record, s.refused(ctx, in.Kind, "draft", "", err)
}

func (s *Service) create(ctx context.Context, in Start) (stored, error) {
	k, err := s.kind(in.Kind)
	if err != nil {
		return stored{}, err
	}
	sc, err := s.look(ctx, k, in.Object, in.Owner)
	if err != nil {
		return stored{}, err
	}
	if in.From != "" {
		if in, err = s.from(ctx, k, in); err != nil {
			return stored{}, err
		}
	}
	r, err := s.draft(ctx, sc, in)
	if err != nil {
		return r, err
	}
	err = s.change(ctx, false, func(tx *store.Tx) error { return s.begin(ctx, tx, &r) })
	return r, err
}

// from fills a draft with the form of another record.
func (s *Service) from(ctx context.Context, k Kind, in Start) (Start, error) {
	other, err := findRecord(s.reader(ctx), in.From)
	if fleet.CodeOf(err) == fleet.CodeNotFound || err == nil && other.Kind != k.Name {
		return in, fleet.Invalid("from", "there is no record "+quoted(in.From)+" of the kind "+k.Name+": list them (thingward record list --kind "+k.Name+")")
	}
	if err != nil {
		return in, err
	}
	body := other.Body
	if f, _ := k.performed(body); f != nil {
		delete(body, f.Name)
	}
	body = unmeasured(k.Form, body) // files are not copied
	for name, value := range in.Body {
		body[name] = value
	}
	in.Body = body
	if in.Owner == "" {
		in.Owner = other.Owner
	}
	return in, nil
}

// draft makes the record that begin writes.
func (s *Service) draft(ctx context.Context, sc *scene, in Start) (r stored, err error) {
	sc.owner = in.Owner
	if sc.owner == "" {
		if sc.owner = sc.object.Owner; sc.owner == "" || sc.person(sc.owner, "") != nil {
			sc.owner = caller(ctx)
		}
	}
	body, text, faults, err := sc.draftFaults(in.Body, nil)
	if err != nil {
		return r, err
	}
	if in.Owner != "" { // the caller of a service account, say, may be no person: submission will ask for an owner
		if f := sc.person(in.Owner, "owner"); f != nil {
			faults = append(faults, *f)
		}
	}
	if err := refusal("the draft is not valid", faults); err != nil {
		return r, err
	}
	now := s.Clock.Now()
	object := sc.object
	object.Facts, object.Owner = nil, ""
	return stored{Record: Record{
		ID: id.New(), Kind: sc.kind.Name, Object: object, State: Draft, Owner: sc.owner, Writers: []string{caller(ctx)},
		Body: body, Evidence: []Evidence{}, Created: now, Changed: now, ETag: 1,
	}, text: text, known: s.lastVersion(sc.kind.Name, object.ID)}, nil
}

// draftFaults is a form as it is kept in a draft with this evidence: as text too, and what is wrong with it.
func (sc *scene) draftFaults(in Body, evidence []Evidence) (Body, string, []Fault, error) {
	typed := normalBody(in)
	body := sc.kind.measure(typed, evidence)
	text, err := encode(body)
	if err != nil {
		return nil, "", nil, err
	}
	faults := sc.kind.draftShape(typed)
	if sc.kind.Reading != nil {
		faults = append(faults, typedOver(sc.kind.Form, typed, body, "")...)
	}
	return body, text, faults, nil
}

// begin writes a draft as the next version of its kind and object.
func (s *Service) begin(ctx context.Context, tx *store.Tx, r *stored) error {
	last, err := lastVersion(tx, r.Kind, r.Object.ID)
	if err != nil {
		return err
	}
	r.Version = max(last, r.known) + 1 // a version that was removed is not given again
	if err := insertRecord(tx, *r); err != nil {
		return err
	}
	return s.step(ctx, tx, r, "record.drafted", map[string]any{"object": r.Object.ID})
}

// step writes the audit entry of a step of a record, and tells of it once it is committed.
func (s *Service) step(ctx context.Context, tx *store.Tx, r *stored, typ string, more map[string]any) error {
	data := map[string]any{"record": r.ID, "kind": r.Kind, "version": r.Version}
	for key, value := range more {
		data[key] = value
	}
	ev, err := s.record(ctx, tx, typ, r.party(), data)
	if err != nil {
		return err
	}
	if typ == "record.submitted" || typ == "record.approved" {
		if _, err := tx.Exec("UPDATE records_record SET entry = ? WHERE id = ?", ev.ID, r.ID); err != nil {
			return err
		}
		r.entry = ev.ID
	}
	told := Live{What: "record", ID: r.ID, Kind: r.Kind, Object: r.Object.ID, State: r.State}
	tx.OnCommit(func() { s.announce(told) })
	return nil
}

func (r *stored) party() fleet.Party {
	return fleet.Party{Kind: "record", ID: r.ID, Name: r.Kind + " of " + clip(r.Object.Name)}
}

// Change replaces the form and owner of a draft; a rejected record becomes a draft again.
func (s *Service) Change(ctx context.Context, record, ifMatch, owner string, body Body) (Record, error) {
	r, err := findRecord(s.reader(ctx), record)
	if err != nil {
		return r.Record, s.refused(ctx, "", "change", record, err)
	}
	err = s.changeDraft(ctx, &r, ifMatch, owner, body)
	return r.Record, s.refused(ctx, r.Kind, "change", r.ID, err)
}

func (s *Service) changeDraft(ctx context.Context, r *stored, ifMatch, owner string, body Body) error {
	if err := api.CheckMatch(ifMatch, int64(r.ETag)); err != nil {
		return err
	}
	if err := r.open("changed"); err != nil {
		return err
	}
	k, err := s.kind(r.Kind)
	if err != nil {
		return err
	}
	sc, err := s.look(ctx, k, r.Object.ID, owner)
	if err != nil {
		return err
	}
	body, text, faults, err := sc.draftFaults(body, r.Evidence)
	if err != nil {
		return err
	}
	if f := sc.person(owner, "owner"); f != nil {
		faults = append(faults, *f)
	}
	if err := refusal("the draft is not valid", faults); err != nil {
		return err
	}
	if owner != "" {
		r.Owner = owner
	}
	r.Body, r.text = body, text
	return s.change(ctx, false, func(tx *store.Tx) error {
		kept := *r
		kept.toDraft(caller(ctx), s.Clock.Now())
		if err := updateRecord(tx, &kept); err != nil {
			return err
		}
		if err := s.step(ctx, tx, &kept, "record.changed", map[string]any{"digest": digestOf(kept.Record, kept.text)}); err != nil {
			return err
		}
		*r = kept
		return nil
	})
}

// open refuses what is done to a record that is no draft any more.
func (r *stored) open(done string) error {
	switch r.State {
	case Draft, Rejected:
		return nil
	case Submitted:
		return fleet.Errorf(fleet.CodeConflict, "version %d waits for approval and cannot be %s: have it rejected, or withdraw it, and go on with a draft", r.Version, done)
	case Approved, Superseded, Withdrawn:
	}
	return fleet.Errorf(fleet.CodeConflict, "version %d is %s and can never be %s again: begin a new version (thingward record create --from %s)", r.Version, r.State, done, r.ID)
}

func (r *stored) toDraft(by string, now time.Time) {
	r.State, r.Changed, r.Author, r.Digest, r.entry, r.Altered = Draft, now, "", "", "", ""
	if !slices.Contains(r.Writers, by) {
		r.Writers = append(slices.Clone(r.Writers), by)
	}
}

// find reads a record and its kind.
func (s *Service) find(ctx context.Context, record string) (stored, Kind, error) {
	r, err := findRecord(s.reader(ctx), record)
	if err != nil {
		return r, Kind{}, err
	}
	k, ok := s.kinds[r.Kind]
	if !ok {
		return r, k, fleet.Errorf(fleet.CodeConflict, "the kind %s of this record is not known to this version of Thingward: it can be read, not changed", r.Kind)
	}
	return r, k, nil
}

// check lists what keeps a record from being submitted or approved.
func (s *Service) check(ctx context.Context, r stored, k Kind) ([]Fault, error) {
	sc, err := s.sceneOf(ctx, r, k)
	if err != nil {
		return nil, err
	}
	return sc.faults(r), nil
}

// sceneOf is the scene of a record that exists.
func (s *Service) sceneOf(ctx context.Context, r stored, k Kind) (*scene, error) {
	sc, err := s.look(ctx, k, r.Object.ID, r.Owner)
	if err != nil {
		return nil, err
	}
	sc.before, err = s.inForce(ctx, r.Kind, r.Object.ID)
	return sc, err
}

// faults lists what keeps a record from counting: its form and its evidence.
func (sc *scene) faults(r stored) []Fault {
	faults := sc.judge(r.Body)
	if sc.kind.Reading != nil {
		faults = append(faults, sc.kind.Reading.faults(r.Body, sc.object, r.Evidence)...)
	}
	if n := len(r.Evidence); n < sc.kind.Files.Least {
		what := sc.kind.Files.What
		if what != "" {
			what = " (" + what + ")"
		}
		faults = append(faults, Fault{"evidence", fmt.Sprintf("has %d files or links: attach at least %d%s", n, sc.kind.Files.Least, what)})
	}
	if sc.owner == "" {
		faults = append(faults, Fault{"owner", "is missing: name the account of who must renew it"})
	}
	return faults
}

// inForce reads the approved version of a kind and object; nil: none.
func (s *Service) inForce(ctx context.Context, kind, object string) (*Record, error) {
	all, err := readRecords(s.reader(ctx), "WHERE r.kind = ? AND r.object = ? AND r.state = 'approved'", kind, object)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0].Record, nil
}
