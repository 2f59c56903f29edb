package records

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
)

// scene is what a form is judged against: the time, the object, the accounts, and what may be referred to. It is read before
// the transaction that it is for.
type scene struct {
	now    time.Time
	kind   Kind
	object Object
	owner  string // of the record
	people map[string]PersonFacts
	refs   map[About]map[string]bool // ids and names of what may be referred to
	before *Record                   // the version in force, if there is one
}

// look reads the scene of a record.
func (s *Service) look(ctx context.Context, k Kind, object, owner string) (*scene, error) {
	o, err := s.object(ctx, k.About, object)
	if err != nil {
		return nil, err
	}
	sc := &scene{now: s.Clock.Now(), kind: k, object: o, owner: owner, people: map[string]PersonFacts{}, refs: map[About]map[string]bool{}}
	people, err := s.World.People(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		sc.people[p.Name] = p
	}
	return sc, s.referable(ctx, sc, k.Form)
}

func (s *Service) referable(ctx context.Context, sc *scene, fields []Field) error {
	for _, f := range fields {
		if err := s.referable(ctx, sc, f.Fields); err != nil {
			return err
		}
		if f.Type != Refs || sc.refs[f.Of] != nil {
			continue
		}
		objects, err := s.objects(ctx, f.Of)
		if err != nil {
			return err
		}
		known := make(map[string]bool, 2*len(objects))
		for _, o := range objects {
			known[o.ID], known[o.Name] = true, true
		}
		sc.refs[f.Of] = known
	}
	return nil
}

// judge lists everything that keeps a form from counting: its shape, then what only the world can say.
func (sc *scene) judge(b Body) []Fault {
	sh := &shape{whole: true}
	sh.object("", sc.kind.Form, b)
	w := &walk{scene: sc, faults: sh.faults}
	w.object("", sc.kind.Form, b)
	w.fault(sc.person(sc.owner, "owner"))
	if sc.object.Retired && sc.kind.About != Device && sc.kind.About != Account {
		w.add("object", "%s is retired: nothing new can be said of it", quoted(sc.object.Name))
	}
	w.life(b)
	if len(w.faults) == 0 && sc.kind.Check != nil {
		w.faults = append(w.faults, sc.kind.Check(b, sc.object)...)
	}
	return w.faults
}

// life refuses work whose record would be over before it began.
func (w *walk) life(b Body) {
	f, at := w.kind.performed(b)
	if f == nil || at.IsZero() {
		return
	}
	switch ends := at.Add(w.kind.Life); {
	case at.After(w.now):
		w.add(f.Name, "is %s, which lies ahead: say when the work was done, today at the latest", at.Format(time.DateOnly))
	case !w.now.Before(ends):
		w.add(f.Name, "is %s: what was done then counted until %s only; do the work again", at.Format(time.DateOnly), ends.Format(time.DateOnly))
	case w.before != nil && at.Before(w.before.Performed):
		w.add(f.Name, "is %s: version %d, in force, was done later, on %s; a new version cannot be older", at.Format(time.DateOnly), w.before.Version, w.before.Performed.Format(time.DateOnly))
	}
}

// performed is the field that says when the work was done, and what it says.
func (k Kind) performed(b Body) (*Field, time.Time) {
	for i := range k.Form {
		if f := &k.Form[i]; f.Performed {
			at, _ := day(b[f.Name])
			return f, at
		}
	}
	return nil, time.Time{}
}

// Ends is when a record of this kind that is approved at a time counts no longer: its life after the work was done, or after
// approval where the form does not say, but never beyond an end that the form states (the last moment of that day).
func (k Kind) Ends(b Body, approved time.Time) time.Time {
	from := approved
	if _, at := k.performed(b); !at.IsZero() {
		from = at
	}
	ends := from.Add(k.Life)
	for _, f := range k.Form {
		if at, ok := day(b[f.Name]); ok && f.Type == Date && f.FutureOnly {
			if at = at.Add(oneDay); at.Before(ends) {
				ends = at
			}
		}
	}
	return ends.UTC()
}

const oneDay = 24 * time.Hour

// walk goes through a form with the scene at hand.
type walk struct {
	*scene
	faults []Fault
}

func (w *walk) add(path, format string, args ...any) {
	if len(w.faults) < faultsMost {
		w.faults = append(w.faults, Fault{path, fmt.Sprintf(format, args...)})
	}
}

func (w *walk) fault(f *Fault) {
	if f != nil {
		w.add(f.Path, "%s", f.Message)
	}
}

func (w *walk) object(path string, fields []Field, o map[string]any) {
	for _, f := range fields {
		v, ok := o[f.Name]
		if !ok {
			continue
		}
		w.value(join(path, f.Name), f, v)
	}
}

func (w *walk) value(path string, f Field, v any) {
	switch f.Type {
	case Person:
		name, _ := v.(string)
		w.fault(w.person(name, path))
		if f.Independent {
			w.independent(path, name)
		}
	case Date:
		if at, ok := day(v); ok && f.FutureOnly && !w.now.Before(at.Add(oneDay)) {
			w.add(path, "is %s, which has passed: name a day to come", at.Format(time.DateOnly))
		} else if ok && f.Performed && at.After(w.now) && path != f.Name {
			w.add(path, "is %s, which lies ahead: say when the work was done, today at the latest", at.Format(time.DateOnly))
		}
	case Refs:
		all, _ := v.([]any)
		for i, e := range all {
			if ref, ok := e.(string); ok && !w.refs[f.Of][ref] {
				w.add(fmt.Sprintf("%s[%d]", path, i), "there is no %s %s: %s", f.Of, quoted(ref), howToAdd(f.Of))
			}
		}
	case Rows:
		all, _ := v.([]any)
		for i, e := range all {
			if row, ok := e.(map[string]any); ok {
				w.object(fmt.Sprintf("%s[%d]", path, i), f.Fields, row)
			}
		}
	default: // the schema has judged the others
	}
}

// person says what is wrong with an account that a form names.
func (sc *scene) person(name, path string) *Fault {
	if name == "" {
		return nil
	}
	p, ok := sc.people[name]
	switch {
	case !ok:
		return &Fault{path, fmt.Sprintf("there is no account of a person %s: name one that exists, or create it (thingward account create)", quoted(name))}
	case !p.Active:
		return &Fault{path, fmt.Sprintf("the account %s is not active: name somebody who is here", quoted(name))}
	}
	return nil
}

// independent refuses the owner of what is judged as its judge (GVN-03). Whose it is must be known for that.
func (w *walk) independent(path, name string) {
	owner := w.scene.object.Owner
	if owner == "" && w.kind.About == Organisation {
		owner = w.owner
	}
	switch {
	case owner == "":
		w.add(path, "cannot be said to be independent, because %s has no owner: name its owner first", quoted(w.scene.object.Name))
	case strings.EqualFold(owner, name):
		w.add(path, "%s answers for %s: name somebody independent of it", quoted(name), quoted(w.scene.object.Name))
	}
}

func howToAdd(about About) string {
	if isRegistered(about) {
		return "add it to the register first (thingward register create)"
	}
	return "name one that exists"
}

// object finds what a record is about.
func (s *Service) object(ctx context.Context, about About, ref string) (Object, error) {
	if ref == "" && about == Organisation {
		ref = string(Organisation)
	}
	if err := need("object", ref, "name the "+string(about)+" that the record is about", 200); err != nil {
		return Object{}, err
	}
	find := s.World.Object
	if isRegistered(about) {
		find = s.registered
	}
	o, ok, err := find(ctx, about, ref)
	if err != nil {
		return Object{}, err
	}
	if !ok {
		return Object{}, fleet.Invalid("object", fmt.Sprintf("there is no %s %s: %s", about, quoted(ref), howToAdd(about)))
	}
	return o, nil
}

// objects lists all objects of a kind.
func (s *Service) objects(ctx context.Context, about About) ([]Object, error) {
	if isRegistered(about) {
		return s.allRegistered(ctx, about)
	}
	return s.World.Objects(ctx, about)
}
