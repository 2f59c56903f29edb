package records

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// Entry is something that records are about and that no other part of the platform knows: a supplier, a link, a release.
type Entry struct {
	ID      string    `json:"id"`
	Kind    About     `json:"kind"`
	Name    string    `json:"name"`
	System  string    `json:"system,omitempty"`
	Site    string    `json:"site,omitempty"`
	Owner   string    `json:"owner,omitempty"`
	Facts   Body      `json:"facts"`
	Created time.Time `json:"created"`
	Changed time.Time `json:"changed"`
	Retired time.Time `json:"retired,omitzero"`
	Reason  string    `json:"reason,omitempty"`  // of its retirement
	Altered string    `json:"altered,omitempty"` // how the stored entry is not what the audit log says; empty: it is
	ETag    int       `json:"-"`
	entry   string    // the audit entry that says what it holds
}

// Object is the entry as records see it. Of an altered one nothing is known but that it is there.
func (e Entry) Object() Object {
	if e.Altered != "" {
		return Object{Kind: e.Kind, ID: e.ID, Name: e.Name, Facts: Body{}, Retired: e.Altered == removed && !e.Retired.IsZero()}
	}
	return Object{Kind: e.Kind, ID: e.ID, Name: e.Name, System: e.System, Site: e.Site, Owner: e.Owner, Facts: e.Facts, Retired: !e.Retired.IsZero()}
}

// EntryFacts is what may be said of an entry; its kind never changes.
type EntryFacts struct {
	Name   string `json:"name"`
	System string `json:"system,omitempty" doc:"Name of the system it belongs to."`
	Site   string `json:"site,omitempty" doc:"Name of the site where it is."`
	Owner  string `json:"owner,omitempty" doc:"Account name of who answers for it."`
	Facts  Body   `json:"facts,omitempty" doc:"What the kind's form asks."`
}

// Enter adds an entry to the register.
func (s *Service) Enter(ctx context.Context, about About, in EntryFacts) (Entry, error) {
	e, err := s.enter(ctx, about, in)
	return e, s.refused(ctx, string(about), "register", "", err)
}

func (s *Service) enter(ctx context.Context, about About, in EntryFacts) (Entry, error) {
	now := s.Clock.Now()
	e := Entry{ID: id.New(), Kind: about, Created: now, Changed: now, ETag: 1}
	if err := s.fill(ctx, &e, in); err != nil {
		return e, err
	}
	return e, s.change(ctx, false, func(tx *store.Tx) error {
		if err := s.entered(ctx, tx, &e, "entry.created"); err != nil {
			return err
		}
		return insertEntry(tx, e)
	})
}

// fill checks what is said of an entry and puts it in.
func (s *Service) fill(ctx context.Context, e *Entry, in EntryFacts) error {
	k, ok := entryKind(e.Kind)
	if !ok {
		return fleet.Invalid("kind", fmt.Sprintf("the register holds no %s: list what it holds (thingward register kinds)", quoted(string(e.Kind))))
	}
	facts := normalBody(in.Facts)
	if _, err := encode(facts); err != nil {
		return err
	}
	var faults []Fault
	if err := need("name", strings.TrimSpace(in.Name), "name it", nameMost); err != nil {
		faults = append(faults, faultsOf(err)...)
	}
	shape := &shape{whole: true}
	shape.object("facts", k.Form, facts)
	faults = append(faults, shape.faults...)
	for path, about := range map[string]About{"system": System, "site": Site} {
		ref := map[string]*string{"system": &in.System, "site": &in.Site}[path]
		if *ref == "" {
			continue
		}
		o, ok, err := s.World.Object(ctx, about, *ref)
		if err != nil {
			return err
		}
		if !ok {
			faults = append(faults, Fault{path, fmt.Sprintf("there is no %s %s: add it first (thingward %s create)", about, quoted(*ref), about)})
		}
		*ref = o.Name
	}
	if in.Owner != "" && in.Owner != e.Owner {
		if err := s.mustBePerson(ctx, "owner", in.Owner); err != nil {
			if fleet.CodeOf(err) != fleet.CodeInvalid {
				return err
			}
			faults = append(faults, faultsOf(err)...)
		}
	}
	slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Path, b.Path) })
	if err := refusal("the entry is not valid", faults); err != nil {
		return err
	}
	e.Name, e.System, e.Site, e.Owner, e.Facts = strings.TrimSpace(in.Name), in.System, in.Site, in.Owner, facts
	return nil
}

// entered writes the audit entry of a change of an entry, and tells of it once it is committed.
func (s *Service) entered(ctx context.Context, tx *store.Tx, e *Entry, typ string) error {
	kind, object := e.Kind, e.ID
	data := map[string]any{"entry": e.ID, "kind": string(e.Kind), "name": e.Name, "system": e.System, "owner": e.Owner, "digest": e.digest()}
	if e.Reason != "" {
		data["reason"] = e.Reason
	}
	ev, err := s.record(ctx, tx, typ, fleet.Party{Kind: string(e.Kind), ID: e.ID, Name: e.Name}, data)
	if err != nil {
		return err
	}
	e.entry = ev.ID
	tx.OnCommit(func() {
		s.toldOf(kind, object)
		s.all(func(k Kind) bool { return slices.Contains(k.Looks, kind) })
		s.tell(string(kind), object)
		s.live("record", access.RecordRead, Live{What: "entry", ID: object, Kind: string(kind), Object: object})
	})
	return nil
}

// ChangeEntry replaces what is said of an entry.
func (s *Service) ChangeEntry(ctx context.Context, entry, ifMatch string, in EntryFacts) (Entry, error) {
	e, err := s.currentEntry(ctx, entry)
	if err == nil {
		err = s.changeEntry(ctx, &e, ifMatch, in)
	}
	return e, s.refused(ctx, string(e.Kind), "register", "", err)
}

func (s *Service) changeEntry(ctx context.Context, e *Entry, ifMatch string, in EntryFacts) error {
	if err := api.CheckMatch(ifMatch, int64(e.ETag)); err != nil {
		return err
	}
	next := *e
	if err := s.fill(ctx, &next, in); err != nil {
		return err
	}
	next.Changed = s.Clock.Now()
	return s.change(ctx, false, func(tx *store.Tx) error {
		kept := next
		if err := s.entered(ctx, tx, &kept, "entry.changed"); err != nil {
			return err
		}
		if err := updateEntry(tx, &kept); err != nil {
			return err
		}
		*e = kept
		return nil
	})
}

// RetireEntry ends an entry: it owes nothing any more. It stays readable with its records.
func (s *Service) RetireEntry(ctx context.Context, entry, reason string) (Entry, error) {
	e, err := s.currentEntry(ctx, entry)
	if err == nil {
		err = s.retireEntry(ctx, &e, reason)
	}
	return e, s.refused(ctx, string(e.Kind), "register", "", err)
}

func (s *Service) retireEntry(ctx context.Context, e *Entry, reason string) error {
	if err := need("reason", reason, "say why it is no more", textMost); err != nil {
		return err
	}
	return s.change(ctx, false, func(tx *store.Tx) error {
		next := *e
		next.Retired, next.Changed, next.Reason = s.Clock.Now(), s.Clock.Now(), strings.TrimSpace(reason)
		if err := s.entered(ctx, tx, &next, "entry.retired"); err != nil {
			return err
		}
		if err := updateEntry(tx, &next); err != nil {
			return err
		}
		*e = next
		return nil
	})
}

func (s *Service) currentEntry(ctx context.Context, entry string) (Entry, error) {
	e, err := s.Entry(ctx, entry)
	if e.Altered != "" { // what is said of it anew puts it right
		e.Retired, e.Reason, e.Altered = time.Time{}, "", ""
	}
	if err == nil && !e.Retired.IsZero() {
		err = fleet.Errorf(fleet.CodeConflict, "the entry %s is retired: enter a new one", quoted(e.Name))
	}
	return e, err
}

// Entry reads an entry by its id.
func (s *Service) Entry(ctx context.Context, entry string) (Entry, error) {
	var all []Entry
	var err error
	if id.Valid(entry) {
		all, err = s.readEntries(ctx, " WHERE e.id = ?", entry)
	}
	if err != nil {
		return Entry{}, err
	}
	if len(all) == 0 && id.Valid(entry) {
		if e, gone, err := s.lostEntry(ctx, "", entry); err != nil || gone {
			return e, err
		}
	}
	if len(all) == 0 {
		return Entry{}, fleet.Errorf(fleet.CodeNotFound, "there is no entry %s: list them (thingward register list)", quoted(entry))
	}
	return all[0], nil
}

// registered finds an entry by id or name, as records see it.
func (s *Service) registered(ctx context.Context, about About, ref string) (Object, bool, error) {
	all, err := s.readEntries(ctx, " WHERE e.kind = ? AND (e.id = ? OR e.name = ? AND e.retired = 0)", string(about), ref, ref)
	if err == nil && len(all) == 0 {
		e, gone, err := s.lostEntry(ctx, about, ref)
		return e.Object(), gone, err
	}
	if err != nil {
		return Object{}, false, err
	}
	return all[0].Object(), true, nil
}

// allRegistered lists the entries of a kind, those too that were removed from the database: what they owe is owed on.
func (s *Service) allRegistered(ctx context.Context, about About) ([]Object, error) {
	if err := s.catchUp(ctx); err != nil {
		return nil, err
	}
	all, err := s.readEntries(ctx, " WHERE e.kind = ?", string(about))
	if err == nil {
		all = append(all, s.lostEntries(ctx, about, all)...)
	}
	out := make([]Object, len(all))
	for i, e := range all {
		out[i] = e.Object()
	}
	return out, err
}

func faultsOf(err error) (out []Fault) {
	if fe, ok := err.(*fleet.Error); ok { //nolint:errorlint // our own, just made
		for _, f := range fe.Fields {
			out = append(out, Fault{f.Path, f.Message})
		}
	}
	return out
}
