package records

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// loss is something that the audit log knows and the database does not hold any more.
type loss struct {
	row    string // which row, as it is told once
	record said   // what it belonged to
	what   string // in words
}

// losses compares the records, items and acknowledgements of an object with the log. Items that are gone are put back among
// the items, as open and altered ones.
func (s *Service) losses(kind string, o Object, there map[string]bool, records []stored, items *[]storedItem, given map[string]map[string]ack) (reason string, lost []loss) {
	s.held.mu.Lock()
	defer s.held.mu.Unlock()
	var force *stored
	for i := range records {
		if records[i].State == Approved && records[i].Object.ID == o.ID {
			force = &records[i]
		}
	}
	newest := s.held.newest(kind, o.ID)
	for _, r := range s.held.objects[[2]string{kind, o.ID}] {
		if !there[r.record] {
			l := loss{r.record, r.said, fmt.Sprintf("version %d", r.version)}
			lost = append(lost, l)
			if r == newest && !r.withdrawn && (force == nil || r.approved.effective.After(force.Effective)) {
				reason = r.gone()
			}
		}
		for _, n := range s.held.items[r.record] {
			if !slices.ContainsFunc(*items, func(it storedItem) bool { return it.ID == n.item }) {
				*items = append(*items, n.itemOf(kind, o))
				lost = append(lost, loss{n.item, r.said, "item " + quoted(n.name)})
			}
		}
	}
	if force == nil {
		return reason, lost
	}
	if h := s.held.records[force.ID]; h != nil && h.withdrawn {
		reason = fmt.Sprintf("version %d was withdrawn, and the database says that it is in force", force.Version)
	} else if newest != nil && reason == "" && newest.record != force.ID && newest.approved.effective.After(force.Effective) {
		reason = fmt.Sprintf("version %d took the place of version %d, which the database says is in force", newest.version, force.Version)
	}
	for _, n := range s.held.acks[force.ID] {
		if _, ok := given[force.ID][n.account]; !ok && given != nil {
			lost = append(lost, loss{force.ID + "/" + n.account, saidOf(force), "the acknowledgement of " + quoted(n.account)})
		}
	}
	return reason, lost
}

func saidOf(r *stored) said {
	return said{record: r.ID, kind: r.Kind, object: r.Object.ID, digest: r.Digest, version: r.Version}
}

// compareHeld looks for what was removed of the duties of some objects, tells of it, and gives the reason by object.
func (s *Service) compareHeld(ctx context.Context, k Kind, objects []Object, there map[string]bool, records []stored, items *[]storedItem, given map[string]map[string]ack) map[string]string {
	byObject := map[string][]stored{}
	for _, r := range records {
		byObject[r.Object.ID] = append(byObject[r.Object.ID], r)
	}
	own := map[string][]storedItem{}
	for _, it := range *items {
		own[it.Object.ID] = append(own[it.Object.ID], it)
	}
	out, told := map[string]string{}, 0
	var all []storedItem
	for _, o := range objects {
		some := own[o.ID]
		reason, lost := s.losses(k.Name, o, there, byObject[o.ID], &some, given)
		out[o.ID], all = reason, append(all, some...)
		for _, l := range lost[:min(len(lost), alteredTold-told)] {
			told++
			s.tellRemoved(ctx, l)
		}
	}
	*items = all
	return out
}

// unacknowledged is the reason for a record that somebody must acknowledge and had, as the log says, though no row does.
func (s *Service) unacknowledged(d *Duty) string {
	if d.InForce == nil {
		return ""
	}
	s.held.mu.Lock()
	defer s.held.mu.Unlock()
	for _, n := range s.held.acks[d.InForce.ID] {
		if slices.ContainsFunc(d.Acks, func(a Ack) bool { return a.Account == n.account && a.At.IsZero() }) {
			return fmt.Sprintf("the acknowledgement that %s gave on %s was removed from the database: have it given again", n.account, n.at.Format(time.DateOnly))
		}
	}
	return ""
}

const noticeRemoved = "removed"

// tellRemoved reports once that a row was removed from the database.
func (s *Service) tellRemoved(ctx context.Context, l loss) {
	told := false
	err := s.DB.Keep(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec("INSERT INTO records_notice (record, what, at) VALUES (?, ?, ?) ON CONFLICT (record, what) DO NOTHING", l.row, noticeRemoved, store.Time(s.Clock.Now()))
		told = n == 1
		return err
	})
	if err != nil {
		s.Log.Error("a removed row was not noted", "record", l.record.record, "what", l.what, "error", err)
		return
	}
	if !told {
		return
	}
	s.Log.Error("a row that the audit log knows was removed from the database", "record", l.record.record, "kind", l.record.kind, "what", l.what)
	on := fleet.Party{Kind: "record", ID: l.record.record, Name: l.record.kind + " of " + clip(l.record.object)}
	ev := fleet.NewEvent("evidence.altered", s.Clock.Now(), fleet.Server("records"), on, map[string]any{
		"record": l.record.record, "kind": l.record.kind, "object": l.record.object, "file": l.what, "sha256": l.record.digest, "reason": "its row was removed from the database",
	})
	if err := s.Events.Publish(ev); err != nil {
		s.Log.Error("event not published", "type", ev.Type, "error", err)
	}
	s.announce(Live{What: "record", ID: l.record.record, Kind: l.record.kind, Object: l.record.object})
}

// lostEntries are the entries of the register of a kind, of all where about is empty, that are only in the log any more. They
// are told of, and what is about them is looked at anew.
func (s *Service) lostEntries(ctx context.Context, about About, there []Entry) (out []Entry) {
	have := make(map[string]bool, len(there))
	for _, e := range there {
		have[e.ID] = true
	}
	s.held.mu.Lock()
	for id, n := range s.held.entries {
		if !have[id] && (about == "" || n.kind == string(about)) {
			out = append(out, n.entryOf())
		}
	}
	s.held.mu.Unlock()
	slices.SortFunc(out, func(a, b Entry) int { return a.Created.Compare(b.Created) })
	for _, e := range out[:min(len(out), alteredTold)] {
		s.tellRemoved(ctx, loss{e.ID, said{record: e.ID, kind: string(e.Kind), object: e.ID}, "entry " + quoted(e.Name) + " of the register"})
	}
	return out
}

// lostEntry is an entry, by id or name, that is only in the log any more. The caller has looked for its row.
func (s *Service) lostEntry(ctx context.Context, about About, ref string) (Entry, bool, error) {
	if err := s.catchUp(ctx); err != nil {
		return Entry{}, false, err
	}
	there, err := readEntries(s.reader(ctx), whereKind(about), kindArgs(about)...)
	if err != nil {
		return Entry{}, false, err
	}
	for _, e := range s.lostEntries(ctx, about, there) {
		if e.ID == ref || e.Name == ref && e.Retired.IsZero() {
			return e, true, nil
		}
	}
	return Entry{}, false, nil
}

func whereKind(about About) string {
	if about == "" {
		return ""
	}
	return " WHERE e.kind = ?"
}

func kindArgs(about About) []any {
	if about == "" {
		return nil
	}
	return []any{string(about)}
}

// findRemoved is the verifier's look at everything at once; it gives how much is gone and forgets what is back.
func (s *Service) findRemoved(ctx context.Context) (int, error) {
	if err := s.catchUp(ctx); err != nil {
		return 0, err
	}
	rows := map[string]bool{}
	for _, query := range []string{"SELECT id FROM records_record", "SELECT id FROM records_item", "SELECT id FROM records_register", "SELECT record || '/' || account FROM records_ack"} {
		some, err := readIDs(s.reader(ctx), query)
		if err != nil {
			return 0, err
		}
		for id := range some {
			rows[id] = true
		}
	}
	lost := s.held.lacking(rows)
	for _, l := range lost {
		s.tellRemoved(ctx, l)
	}
	return len(lost), s.forgetBack(ctx, rows)
}

// lacking lists everything that the log knows and rows do not hold.
func (h *held) lacking(rows map[string]bool) (out []loss) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, r := range h.records {
		if !rows[id] {
			out = append(out, loss{id, r.said, fmt.Sprintf("version %d", r.version)})
		}
		for _, n := range h.items[id] {
			if !rows[n.item] {
				out = append(out, loss{n.item, r.said, "item " + quoted(n.name)})
			}
		}
		for _, n := range h.acks[id] {
			if row := id + "/" + n.account; !rows[row] {
				out = append(out, loss{row, r.said, "the acknowledgement of " + quoted(n.account)})
			}
		}
	}
	for id, n := range h.entries {
		if !rows[id] {
			out = append(out, loss{id, said{record: id, kind: n.kind, object: id}, "entry " + quoted(n.name) + " of the register"})
		}
	}
	return out
}

// forgetBack lets a row that is there again, restored from a backup, be told of anew should it go once more.
func (s *Service) forgetBack(ctx context.Context, rows map[string]bool) error {
	told, err := readIDs(s.reader(ctx), "SELECT record FROM records_notice WHERE what = ?", noticeRemoved)
	if err != nil {
		return err
	}
	for row := range told {
		if !rows[row] {
			continue
		}
		if err := s.DB.Keep(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec("DELETE FROM records_notice WHERE record = ? AND what = ?", row, noticeRemoved)
			return err
		}); err != nil {
			return err
		}
		s.Log.Info("a row that was removed is back", "row", row)
	}
	return nil
}

func readIDs(q querier, query string, args ...any) (map[string]bool, error) {
	rows, err := q(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out[id] = true
	}
	return out, rows.Err()
}

// lostItems lists the items that are only in the log any more and that want chooses.
func (s *Service) lostItems(ctx context.Context, want func(storedItem) bool) (out []storedItem, err error) {
	if err := s.catchUp(ctx); err != nil {
		return nil, err
	}
	there, err := readIDs(s.reader(ctx), "SELECT id FROM records_item")
	if err != nil {
		return nil, err
	}
	s.held.mu.Lock()
	for id, some := range s.held.items {
		for _, n := range some {
			r := s.held.records[id]
			if r == nil || there[n.item] {
				continue
			}
			if it := n.itemOf(r.kind, Object{Kind: s.kinds[r.kind].About, ID: r.object, Name: r.object}); want(it) {
				out = append(out, it)
			}
		}
	}
	s.held.mu.Unlock()
	for i := range out { // what it is about may be gone; then its id stays
		if o, err := s.object(ctx, out[i].Object.Kind, out[i].Object.ID); err == nil {
			o.Facts, o.Owner = nil, ""
			out[i].Object = o
		}
	}
	slices.SortFunc(out, func(a, b storedItem) int { return a.Due.Compare(b.Due) })
	return out, nil
}

// lostEntriesLike lists what a list of the register shows of the entries that are only in the log any more.
func (s *Service) lostEntriesLike(ctx context.Context, f EntryFilter) (out []Entry, err error) {
	if err := s.catchUp(ctx); err != nil {
		return nil, err
	}
	there, err := readEntries(s.reader(ctx), whereKind(About(f.Kind)), kindArgs(About(f.Kind))...)
	if err != nil {
		return nil, err
	}
	for _, e := range s.lostEntries(ctx, About(f.Kind), there) {
		if (f.Retired || e.Retired.IsZero()) && (f.System == "" || f.System == e.System) && f.Site == "" && (f.Owner == "" || f.Owner == e.Owner) &&
			strings.Contains(strings.ToLower(e.Name), strings.ToLower(f.Query)) {
			out = append(out, e)
		}
	}
	return out, nil
}
