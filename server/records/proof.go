package records

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// proven remembers what the audit log says of submissions and approvals, by the entry's id. Entries never change, so each is
// read and proved once in a process; whoever rules the database cannot reach what is here.
type proven struct {
	mu      sync.Mutex
	entries map[string]said
}

// said is what an audit entry says of a record.
type said struct {
	typ, record, kind, object, digest, author, approver string
	item, registered, account                           string
	expires, effective                                  time.Time

	name, owner, system, field, entry string // of what the entry is about; entry is its own id
	version                           int
	at, due                           time.Time
}

const provenMost = 1_000_000 // entries kept; about 400 bytes each

// prove gives what the audit log says, for entries of many records in few queries.
func (s *Service) prove(ctx context.Context, entries []string) (map[string]said, error) {
	out := make(map[string]said, len(entries))
	var unknown []string
	s.proven.mu.Lock()
	for _, e := range entries {
		if known, ok := s.proven.entries[e]; ok {
			out[e] = known
		} else if e != "" {
			unknown = append(unknown, e)
		}
	}
	s.proven.mu.Unlock()
	if len(unknown) == 0 {
		return out, nil
	}
	events, err := s.Audit.Recorded(ctx, unknown)
	if err != nil {
		return nil, err
	}
	s.proven.mu.Lock()
	defer s.proven.mu.Unlock()
	if s.proven.entries == nil || len(s.proven.entries)+len(events) > provenMost {
		s.proven.entries = map[string]said{}
	}
	for id, ev := range events {
		out[id] = saidBy(ev)
		s.proven.entries[id] = out[id]
	}
	return out, nil
}

func saidBy(ev fleet.Event) said {
	text := func(key string) string { t, _ := ev.Data[key].(string); return t }
	at := func(key string) time.Time { t, _ := time.Parse(time.RFC3339Nano, text(key)); return t }
	number := 0
	switch v := ev.Data["version"].(type) {
	case float64: // as it is read back
		number = int(v)
	case int:
		number = v
	}
	return said{
		typ: ev.Type, record: text("record"), kind: text("kind"), object: text("object"), digest: text("digest"), author: text("author"),
		item: text("item"), registered: text("entry"), account: text("account"), approver: nameOf(ev.Initiator), expires: at("expires"), effective: at("effective"),
		name: ev.Receiver.Name, owner: text("owner"), system: text("system"), field: text("field"), entry: ev.ID, version: number, at: ev.Time, due: at("due"),
	}
}

func nameOf(p fleet.Party) string {
	if p.Name != "" {
		return p.Name
	}
	return p.ID
}

// compare sets Altered on every record that is not what the audit log says was submitted or approved. It does not look into
// files; what the verifier found there stands in the record already.
func (s *Service) compare(ctx context.Context, records []stored) error {
	var entries []string
	for _, r := range records {
		entries = append(entries, r.entry)
	}
	log, err := s.prove(ctx, entries)
	if err != nil {
		return err
	}
	for i := range records {
		r := &records[i]
		if wrong := r.differs(log[r.entry]); wrong != "" {
			r.Altered = wrong
		}
	}
	return nil
}

// differs says what of a record is not what the log says.
func (r *stored) differs(log said) string {
	want := "record.approved"
	switch r.State {
	case Submitted:
		want = "record.submitted"
	case Approved, Superseded:
	case Withdrawn, Draft, Rejected:
		return "" // they prove nothing
	}
	switch digest := digestOf(r.Record, r.text); {
	case log.typ != want || log.record != r.ID:
		return fmt.Sprintf("the audit log holds no proof that version %d was %s", r.Version, r.State)
	case log.digest != digest:
		return fmt.Sprintf("its form, object or list of evidence was changed: it has the digest %s, the audit log says %s", digest, clip(log.digest))
	case r.Digest != digest:
		return "its digest was changed"
	case r.State == Submitted:
		return ""
	case log.kind != r.Kind || log.object != r.Object.ID:
		return "the audit log says that it is about something else"
	case log.author != r.Author || log.approver != r.Approver:
		return fmt.Sprintf("the audit log says that %s wrote it and %s approved it", quoted(log.author), quoted(log.approver))
	case !log.expires.Equal(r.Expires) || !log.effective.Equal(r.Effective):
		return fmt.Sprintf("the audit log says that it counts from %s until %s", log.effective.Format(time.RFC3339), log.expires.Format(time.RFC3339))
	}
	return ""
}

// altered looks at everything of one record: the audit log, and the content of each file. files names the file, where it is
// one.
func (s *Service) altered(ctx context.Context, r stored) (wrong string, files []Evidence, err error) {
	one := []stored{r}
	one[0].Altered = ""
	if err := s.compare(ctx, one); err != nil || one[0].Altered != "" {
		return one[0].Altered, nil, err
	}
	for _, e := range r.Evidence {
		if e.Link != "" {
			continue
		}
		if wrong, err := s.content(ctx, e, nil); err != nil || wrong != "" {
			return wrong, []Evidence{e}, err
		}
	}
	return "", nil, nil
}

// tellAltered keeps and reports that a record is not what was approved. It is reported once; found names the file, where it
// is one.
func (s *Service) tellAltered(ctx context.Context, r *stored, wrong string, found ...Evidence) {
	told := false
	err := s.DB.Keep(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec("UPDATE records_record SET altered = ? WHERE id = ? AND altered = ''", wrong, r.ID)
		told = n == 1
		return err
	})
	if err != nil {
		s.Log.Error("an altered record was not marked", "record", r.ID, "altered", wrong, "error", err)
	}
	r.Altered = wrong
	if !told {
		return
	}
	file, sum := "form", r.Digest
	for _, e := range found {
		file, sum = e.Name, e.SHA256
	}
	s.Log.Error("a record is not what was approved", "record", r.ID, "kind", r.Kind, "altered", wrong)
	ev := fleet.NewEvent("evidence.altered", s.Clock.Now(), fleet.Server("records"), r.party(), map[string]any{"record": r.ID, "kind": r.Kind, "object": r.Object.ID, "file": file, "sha256": sum, "reason": wrong})
	if err := s.Events.Publish(ev); err != nil {
		s.Log.Error("event not published", "type", ev.Type, "error", err)
	}
	s.announce(Live{"record", r.ID, r.Kind, r.Object.ID, r.State})
}
