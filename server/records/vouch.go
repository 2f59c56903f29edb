package records

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/thingward/thingward/server/store"
)

// sumOf is the SHA-256 of values in one unmistakable form.
func sumOf(values ...any) string {
	raw, err := json.Marshal(values)
	if err != nil { // only for what JSON cannot say, which no stored value is
		raw = fmt.Append(nil, values...)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// digest is what the audit entry of an item's last change says of it.
func (it storedItem) digest() string {
	return sumOf(it.ID, it.Kind, it.Record, it.Object.Kind, it.Object.ID, it.Field, it.Title, it.Owner, store.Time(it.Due), store.Time(it.Opened), store.Time(it.Closed), it.ClosedBy, it.Outcome)
}

// digest is what the audit entry of an entry's last change says of it.
func (e Entry) digest() string {
	return sumOf(e.ID, e.Kind, e.Name, e.System, e.Site, e.Owner, e.Facts, store.Time(e.Retired), e.Reason)
}

const notVouched = "the audit log says otherwise: the database was altered"

// vouchItems marks items that are not what the audit log says. An altered one is open, whatever its row says.
func (s *Service) vouchItems(ctx context.Context, items []storedItem) error {
	log, err := s.prove(ctx, proofs(items, func(it storedItem) string { return it.entry }))
	for i := range items {
		if it := &items[i]; err == nil && (log[it.entry].item != it.ID || log[it.entry].digest != it.digest()) {
			it.Altered = notVouched
		}
	}
	return err
}

// vouchEntries marks entries of the register that are not what the audit log says. Nothing that an altered one says counts: a
// kind then takes the stricter side.
func (s *Service) vouchEntries(ctx context.Context, entries []Entry) error {
	log, err := s.prove(ctx, proofs(entries, func(e Entry) string { return e.entry }))
	for i := range entries {
		if e := &entries[i]; err == nil && (log[e.entry].registered != e.ID || log[e.entry].digest != e.digest()) {
			e.Altered = notVouched
		}
	}
	return err
}

// vouchAcks leaves out acknowledgements that the audit log knows nothing of.
func (s *Service) vouchAcks(ctx context.Context, given map[string]map[string]ack) (map[string]map[string]Ack, error) {
	var entries []string
	for _, some := range given {
		for _, a := range some {
			entries = append(entries, a.entry)
		}
	}
	log, err := s.prove(ctx, entries)
	out := make(map[string]map[string]Ack, len(given))
	for record, some := range given {
		out[record] = make(map[string]Ack, len(some))
		for name, a := range some {
			if l := log[a.entry]; l.typ == "record.acknowledged" && l.record == record && l.account == name {
				out[record][name] = a.Ack
			}
		}
	}
	return out, err
}

func proofs[T any](all []T, entry func(T) string) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = entry(v)
	}
	return out
}
