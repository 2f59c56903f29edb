package records

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/thingward/thingward/server/audit"
)

// held is what the audit log says was ever put down: every record, item, entry of the register and acknowledgement. A row
// that is not there any more says nothing of itself; this does. It is read from the log once in a process and then kept up
// with it, so whoever rules the database cannot reach what is here.
type held struct {
	mu      sync.Mutex
	next    int64 // every entry below this index is in
	records map[string]*heldRecord
	objects map[[2]string][]*heldRecord // the same by kind and object
	items   map[string][]said           // as they were opened, by the record that opened them
	entries map[string]said             // the last word about each entry of the register
	acks    map[string][]said           // by record
}

// heldRecord is one version of a record.
type heldRecord struct {
	said      // of its beginning
	approved  said
	withdrawn bool
}

var heldTypes = []string{"record.drafted", "record.approved", "record.withdrawn", "record.acknowledged", "item.opened", "entry.created", "entry.changed", "entry.retired"}

// catchUp takes in what the log says since the last time. It must be called before the rows are read that are compared with
// it: what the log holds was committed with its row, so a row that is missing then was removed.
func (s *Service) catchUp(ctx context.Context) error {
	h := &s.held
	h.mu.Lock()
	defer h.mu.Unlock()
	f := audit.Filter{Types: heldTypes, Since: h.next, Limit: historyPage}
	var news []said
	next := h.next
	for {
		list, more, err := s.Audit.List(ctx, f)
		if err != nil {
			return fmt.Errorf("read what the audit log knows of records: %w", err)
		}
		for _, e := range list {
			f.Before, next = e.Index, max(next, e.Index+1)
			if e.Broken == "" { // the log's own verification tells of those
				news = append(news, saidBy(e.Event))
			}
		}
		if !more || len(list) == 0 || f.Before == 0 {
			break
		}
	}
	slices.Reverse(news)
	for _, n := range news {
		h.add(n)
	}
	h.next = next
	return nil
}

func (h *held) add(n said) {
	if h.records == nil {
		h.records, h.objects, h.items = map[string]*heldRecord{}, map[[2]string][]*heldRecord{}, map[string][]said{}
		h.entries, h.acks = map[string]said{}, map[string][]said{}
	}
	switch n.typ {
	case "record.drafted", "record.approved", "record.withdrawn":
		r := h.record(n)
		switch n.typ {
		case "record.approved":
			r.approved = n
		case "record.withdrawn":
			r.withdrawn = true
		}
	case "record.acknowledged":
		h.acks[n.record] = append(h.acks[n.record], n)
	case "item.opened":
		h.items[n.record] = append(h.items[n.record], n)
	default:
		h.entries[n.registered] = n
	}
}

func (h *held) record(n said) *heldRecord {
	r := h.records[n.record]
	if r == nil {
		r = &heldRecord{said: n}
		h.records[n.record] = r
		key := [2]string{n.kind, n.object}
		h.objects[key] = append(h.objects[key], r)
	}
	return r
}

// newest is the version that the log says was approved last; nil: none.
func (h *held) newest(kind, object string) (out *heldRecord) {
	for _, r := range h.objects[[2]string{kind, object}] {
		if r.approved.typ != "" && (out == nil || r.approved.effective.After(out.approved.effective)) {
			out = r
		}
	}
	return out
}

// lastVersion is the highest version that the log knows of a kind and object.
func (s *Service) lastVersion(kind, object string) (n int) {
	s.held.mu.Lock()
	defer s.held.mu.Unlock()
	for _, r := range s.held.objects[[2]string{kind, object}] {
		n = max(n, r.version)
	}
	return n
}

const removed = "its row was removed from the database, the audit log knows it"

// itemOf is an item that is only in the log any more. It is open, whatever was said of it since: whoever closes it anew puts
// it back.
func (n said) itemOf(kind string, object Object) storedItem {
	return storedItem{Item: Item{
		ID: n.item, Kind: kind, Record: n.record, Object: object, Field: n.field, Title: n.name, Owner: n.owner, Due: n.due, Opened: n.at, Altered: removed,
	}, entry: n.entry}
}

// entryOf is an entry of the register that is only in the log any more. It owes what an entry owes of which nothing is known.
func (n said) entryOf() Entry {
	e := Entry{ID: n.registered, Kind: About(n.kind), Name: n.name, System: n.system, Owner: n.owner, Facts: Body{}, Created: n.at, Changed: n.at, Altered: removed, entry: n.entry}
	if n.typ == "entry.retired" {
		e.Retired = n.at
	}
	return e
}

func (r *heldRecord) gone() string {
	return fmt.Sprintf("version %d, which %s approved on %s, was removed from the database: restore it from a backup, or have a new version approved", r.version, r.approved.approver, r.approved.effective.Format(time.DateOnly))
}
