package records

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/thingward/thingward/fleet"
)

// dutyChunk is how many objects are looked at together: few queries for many, and bounded memory.
const dutyChunk = 1000

// backdrop is what the judgement of every duty of a kind looks at, read once for all.
type backdrop struct {
	crowd
	active  map[string]bool
	others  []Record
	objects map[About][]Object
}

// Duties hands every object's duty of a kind to fn, those not owed too, in order of the objects' ids. It asks a handful of
// queries for each thousand of them, never one for each.
func (s *Service) Duties(ctx context.Context, kind string, fn func(*Duty) error) error {
	k, ok := s.kinds[kind]
	if !ok {
		return fleet.Errorf(fleet.CodeNotFound, "there is no kind of record %s", quoted(kind))
	}
	return s.duties(ctx, k, "", dutyChunk, fn)
}

// duties is Duties from behind the object with the id after. A page needs few of them: it begins with as many as fill it, and
// takes more at a time when they are filtered out.
func (s *Service) duties(ctx context.Context, k Kind, after string, page int, fn func(*Duty) error) error {
	objects, err := s.objects(ctx, k.About)
	if err != nil {
		return err
	}
	objects = slices.Clone(objects)
	slices.SortFunc(objects, func(a, b Object) int { return strings.Compare(a.ID, b.ID) })
	from, found := slices.BinarySearchFunc(objects, after, func(o Object, id string) int { return strings.Compare(o.ID, id) })
	if found && after != "" {
		from++
	}
	back, err := s.backdrop(ctx, k)
	if err != nil {
		return err
	}
	for left := objects[from:]; len(left) > 0; page = min(4*page, dutyChunk) {
		n := min(max(page, 1), dutyChunk, len(left))
		if err := s.dutiesOf(ctx, k, back, left[:n], fn); err != nil {
			return err
		}
		left = left[n:]
	}
	return nil
}

// Duty is one object's duty; ok is false when there is no such object.
func (s *Service) Duty(ctx context.Context, kind, object string) (d *Duty, ok bool, err error) {
	k, known := s.kinds[kind]
	if !known {
		return nil, false, fleet.Errorf(fleet.CodeNotFound, "there is no kind of record %s", quoted(kind))
	}
	o, err := s.object(ctx, k.About, object)
	if fleet.CodeOf(err) == fleet.CodeInvalid {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	back, err := s.backdrop(ctx, k)
	if err != nil {
		return nil, false, err
	}
	err = s.dutiesOf(ctx, k, back, []Object{o}, func(one *Duty) error { d = one; return nil })
	return d, d != nil, err
}

func (s *Service) backdrop(ctx context.Context, k Kind) (b backdrop, err error) {
	if b.crowd, err = s.crowd(ctx, k); err != nil {
		return b, err
	}
	b.active, b.objects = make(map[string]bool, len(b.people)), map[About][]Object{}
	for _, p := range b.people {
		b.active[p.Name] = p.Active
	}
	for _, about := range k.Looks {
		all, err := s.objects(ctx, about)
		if err != nil {
			return b, err
		}
		b.objects[about] = slices.DeleteFunc(slices.Clone(all), func(o Object) bool { return o.Retired })
	}
	for _, needed := range k.Needs {
		all, err := readRecords(s.reader(ctx), "WHERE r.kind = ? AND r.state = 'approved' ORDER BY r.object", needed)
		if err != nil {
			return b, err
		}
		if err := s.compare(ctx, all); err != nil {
			return b, err
		}
		known, err := s.known(ctx, needed)
		if err != nil {
			return b, err
		}
		for _, r := range all {
			r.Object.Facts, r.Object.Owner = known[r.Object.ID].Facts, known[r.Object.ID].Owner
			b.others = append(b.others, r.Record)
		}
	}
	return b, nil
}

// known are the objects that records of a kind are about, by id: a judge of other records may look at their facts.
func (s *Service) known(ctx context.Context, kind string) (map[string]Object, error) {
	objects, err := s.objects(ctx, s.kinds[kind].About)
	out := make(map[string]Object, len(objects))
	for _, o := range objects {
		out[o.ID] = o
	}
	return out, err
}

const newestAndInForce = " AND (r.state = 'approved' OR r.version = (SELECT max(n.version) FROM records_record n WHERE n.kind = r.kind AND n.object = r.object))"

// dutiesOf puts together the duties of some objects, in seven queries.
func (s *Service) dutiesOf(ctx context.Context, k Kind, back backdrop, objects []Object, fn func(*Duty) error) error {
	ids := []any{k.Name}
	for _, o := range objects {
		ids = append(ids, o.ID)
	}
	q, in := s.reader(ctx), " IN ("+marks(len(objects))+")"
	if err := s.catchUp(ctx); err != nil {
		return err
	}
	there, err := readIDs(q, "SELECT id FROM records_record WHERE kind = ? AND object"+in, ids...)
	if err != nil {
		return err
	}
	records, err := readRecords(q, "WHERE r.kind = ? AND r.object"+in+newestAndInForce, ids...)
	if err != nil {
		return err
	}
	if err := s.compareAndTell(ctx, records); err != nil {
		return err
	}
	items, err := readItems(q, "WHERE i.kind = ? AND i.object"+in+" ORDER BY i.id", ids...)
	if err != nil {
		return err
	}
	if err := s.vouchItems(ctx, items); err != nil {
		return err
	}
	given, stored := map[string]map[string]Ack{}, map[string]map[string]ack{}
	if k.Readers != NoReaders {
		stored, err = readAcks(q, "JOIN records_record r ON r.id = a.record WHERE r.state = 'approved' AND r.kind = ? AND r.object"+in, ids...)
		if err != nil {
			return err
		}
		if given, err = s.vouchAcks(ctx, stored); err != nil {
			return err
		}
	}
	look := s.compareHeld(ctx, k, objects, there, records, &items, stored)
	return assemble(k, back, objects, records, items, given, func(d *Duty) error {
		if d.Removed = look[d.Object.ID]; d.Removed == "" {
			d.Removed = s.unacknowledged(d)
		}
		return fn(d)
	})
}

func assemble(k Kind, back backdrop, objects []Object, records []stored, items []storedItem, given map[string]map[string]Ack, fn func(*Duty) error) error {
	duties := make(map[string]*Duty, len(objects))
	for _, o := range objects {
		d := &Duty{Kind: k.Name, Object: o, Others: back.others, Objects: back.objects}
		d.Owes, d.Why = k.owes(o)
		duties[o.ID] = d
	}
	for i := range records {
		r := &records[i].Record
		d := duties[r.Object.ID]
		if d == nil {
			continue
		}
		if r.State == Approved {
			d.InForce, d.Acks = r, back.acks(k, *r, given[r.ID])
			d.People = back.named(k, r.Body)
		}
		if d.Newest == nil || r.Version > d.Newest.Version {
			d.Newest = r
		}
	}
	for _, it := range items {
		if d := duties[it.Object.ID]; d != nil {
			d.Items = append(d.Items, it.Item)
		}
	}
	for _, o := range objects {
		if err := fn(duties[o.ID]); err != nil {
			return err
		}
	}
	return nil
}

// named says of each account that a form names whether it is active.
func (b backdrop) named(k Kind, body Body) map[string]bool {
	out := map[string]bool{}
	for _, name := range named(k.Form, body, func(Field) bool { return true }) {
		out[name] = b.active[name]
	}
	return out
}

// owes says whether an object owes records of this kind. What is retired owes nothing, but for devices and accounts: what
// happens to their data afterwards is the kind's to say.
func (k Kind) owes(o Object) (bool, string) {
	if o.Retired && k.About != Device && k.About != Account {
		return false, "it is retired"
	}
	if k.Only == nil {
		return true, ""
	}
	owes, why := k.Only(o)
	if !owes && why == "" {
		why = fmt.Sprintf("this %s does not owe it", k.About)
	}
	return owes, why
}

const alteredTold = 10 // of one read: the verifier tells the others

// compareAndTell is compare that also reports what it finds.
func (s *Service) compareAndTell(ctx context.Context, records []stored) error {
	before := make([]string, len(records))
	for i, r := range records {
		before[i] = r.Altered
	}
	if err := s.compare(ctx, records); err != nil {
		return err
	}
	told := 0
	for i := range records {
		if records[i].Altered != "" && before[i] == "" && told < alteredTold {
			told++
			s.tellAltered(ctx, &records[i], records[i].Altered)
		}
	}
	return nil
}

// errEnough ends a walk over duties early.
var errEnough = errors.New("enough")
