package risk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/store"
)

// held is the audit log's last word about each risk. A risk that was removed or altered in the database says nothing of that
// itself; this does. It is read once in a process and then kept up with the log.
type held struct {
	mu    sync.Mutex
	next  int64 // every entry below this index is in
	risks map[string]word
	told  map[string]string // what was reported last of each risk
}

// word is what an entry says of a risk. An entry of an earlier version of the program has no digest.
type word struct {
	id, title, digest string
	version           int64
	at                time.Time
}

const (
	heldPage = 1000
	onItsWay = time.Minute // within it the entry of a change has its place in the log
)

// digest is the SHA-256 of a risk as it is stored, as the audit entry of its version says it.
func digest(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// catchUp takes in what the log says since the last time. It must be called before the rows are read.
func (s *Service) catchUp(ctx context.Context) error {
	h := &s.held
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.risks == nil {
		h.risks, h.told = map[string]word{}, map[string]string{}
	}
	f := audit.Filter{Type: "risk.", Since: h.next, Limit: heldPage}
	var news []word
	next := h.next
	for {
		list, more, err := s.Audit.List(ctx, f)
		if err != nil {
			return fmt.Errorf("read what the audit log knows of risks: %w", err)
		}
		for _, e := range list {
			f.Before, next = e.Index, max(next, e.Index+1)
			if e.Broken == "" { // the log's own verification tells of those
				news = append(news, wordOf(e.Event))
			}
		}
		if !more || len(list) == 0 || f.Before == 0 {
			break
		}
	}
	for _, w := range news {
		if old, ok := h.risks[w.id]; w.id != "" && (!ok || w.version >= old.version) {
			h.risks[w.id] = w
		}
	}
	h.next = next
	return nil
}

func wordOf(ev fleet.Event) word {
	w := word{title: ev.Receiver.Name, at: ev.Time}
	w.id, _ = ev.Data["risk"].(string)
	w.digest, _ = ev.Data["digest"].(string)
	version, _ := ev.Data["version"].(float64)
	w.version = int64(version)
	return w
}

// differs says what of a stored risk is not what the log says.
func (w word) differs(version int64, changed, now time.Time, body string) string {
	switch {
	case w.digest == "" && w.version == 0:
		return "" // from before entries said it
	case version < w.version:
		return fmt.Sprintf("version %d is stored, and the audit log knows version %d: the database was altered", version, w.version)
	case version == w.version && digest(body) != w.digest:
		return fmt.Sprintf("version %d is not what the audit log says: the database was altered", version)
	case version > w.version && now.Sub(changed).Abs() > onItsWay:
		return fmt.Sprintf("version %d is stored, and the audit log knows nothing of it: the database was altered", version)
	}
	return ""
}

const removed = "it was removed from the database, the audit log knows it: restore it from a backup, or change or close it anew"

// Stood is a risk with what the audit log says against it.
type Stood struct {
	Risk
	Altered string // how it is not what the log says; empty: it is
}

// compared reads risks with what the log says of them, those too that are not in the database any more. ref chooses one.
func (s *Service) compared(ctx context.Context, ref string) (out []Stood, err error) {
	if err := s.catchUp(ctx); err != nil {
		return nil, err
	}
	words := s.held.all(ref)
	query, args := "SELECT body FROM risk_risk ORDER BY id", []any{}
	if ref != "" {
		query, args = "SELECT body FROM risk_risk WHERE id = ?", []any{ref}
	}
	rows, err := s.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	now := s.Clock.Now()
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		r, err := decode(body)
		if err != nil {
			return nil, err
		}
		one := Stood{Risk: r}
		if w, known := words[r.ID]; known {
			one.Altered = w.differs(r.Version, r.Changed, now, body)
		} else if now.Sub(r.Created).Abs() > onItsWay {
			one.Altered = "the audit log knows nothing of it: the database was altered"
		}
		delete(words, r.ID)
		out = append(out, one)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	_ = rows.Close()
	for _, id := range slices.Sorted(maps.Keys(words)) {
		r, err := s.lost(ctx, words[id])
		if err != nil {
			return nil, err
		}
		out = append(out, Stood{r, removed})
	}
	for _, one := range out {
		s.tell(one)
	}
	return out, nil
}

func (h *held) all(ref string) map[string]word {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ref == "" {
		return maps.Clone(h.risks)
	}
	out := map[string]word{}
	if w, ok := h.risks[ref]; ok {
		out[ref] = w
	}
	return out
}

// lost is a risk that is not in the database any more, from its kept history where that is what the log says, or else what
// the log alone knows.
func (s *Service) lost(ctx context.Context, w word) (Risk, error) {
	var body string
	err := s.DB.QueryRow(ctx, "SELECT body FROM risk_history WHERE risk = ? AND version = ?", w.id, w.version).Scan(&body)
	if err != nil && !store.IsNoRows(err) {
		return Risk{}, err
	}
	if err == nil && digest(body) == w.digest {
		if r, err := decode(body); err == nil {
			r.lost = true
			return r, nil
		}
	}
	return Risk{ID: w.id, Title: w.title, State: Open, Version: w.version, Created: w.at, Changed: w.at, Scopes: []string{}, Mitigations: []Mitigation{}, Links: []Link{}}, nil
}

// tell reports once that a risk is not what the log says.
func (s *Service) tell(one Stood) {
	s.held.mu.Lock()
	before := s.held.told[one.ID]
	if one.Altered == "" {
		delete(s.held.told, one.ID)
	} else {
		s.held.told[one.ID] = one.Altered
	}
	s.held.mu.Unlock()
	if one.Altered == "" || before == one.Altered {
		return
	}
	s.Log.Error("a risk is not what the audit log says", "risk", one.ID, "altered", one.Altered)
	ev := fleet.NewEvent("history.altered", s.Clock.Now(), fleet.Server("risk"), party(one.Risk), map[string]any{
		"differences": 1, "examples": []map[string]any{{"risk": one.ID, "what": one.Altered}},
	})
	if err := s.Events.Publish(ev); err != nil {
		s.Log.Error("event not published", "type", ev.Type, "error", err)
	}
}
