package records

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/thingward/thingward/server/bus"
)

const (
	passEvery = time.Second // how long changes of one object are gathered
	passMost  = 100_000     // objects gathered; beyond, the sweep of posture finds the others
)

// passing gathers objects of other domains that changed, because their duties may have: a new type owes records at once. It
// only tells on, and only for kinds of object that records are about.
type passing struct {
	mu    *sync.Mutex
	seen  map[About]map[string]bool
	kinds map[string]bool // kinds all of whose duties may have changed
	wake  chan struct{}
}

func newPassing() passing {
	return passing{mu: &sync.Mutex{}, seen: map[About]map[string]bool{}, kinds: map[string]bool{}, wake: make(chan struct{}, 1)}
}

// take empties what was gathered.
func (p *passing) take() (seen map[About]map[string]bool, kinds map[string]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen, kinds = p.seen, p.kinds
	p.seen, p.kinds = map[About]map[string]bool{}, map[string]bool{}
	return seen, kinds
}

// all notes that every duty of the kinds that want chooses may have changed.
func (s *Service) all(want func(Kind) bool) {
	s.passing.mu.Lock()
	defer s.passing.mu.Unlock()
	for _, k := range s.kinds {
		if want(k) {
			s.passing.kinds[k.Name] = true
			s.passing.stir()
		}
	}
}

func (p *passing) stir() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// worldChanged takes note of an announcement of another domain. Each node hears it, and each tells only its own
// listeners' copies, so the answer is announced once for each node; listeners gather them.
func (s *Service) worldChanged(c bus.Changed) {
	about := About(c.Kind)
	if isRegistered(about) {
		return // told by toldOf
	}
	s.all(func(k Kind) bool { return slices.Contains(k.Looks, about) })
	if !s.isAbout(about) && about != Account {
		return
	}
	s.passing.mu.Lock()
	defer s.passing.mu.Unlock()
	if s.passing.seen[about] == nil {
		s.passing.seen[about] = map[string]bool{}
	}
	if len(s.passing.seen[about]) < passMost {
		s.passing.seen[about][c.ID] = true
	}
	s.passing.stir()
}

func (s *Service) isAbout(about About) bool {
	for _, k := range s.kinds {
		if k.About == about {
			return true
		}
	}
	return false
}

// tellingOn tells of the duties of objects that changed.
func (s *Service) tellingOn(ctx context.Context) {
	people := s.peopleNow(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.passing.wake:
		}
		select {
		case <-ctx.Done():
			return
		case <-s.Clock.After(passEvery):
		}
		seen, kinds := s.passing.take()
		for about, ids := range seen {
			for id := range ids {
				if about != Device || s.exists(ctx, id) {
					s.toldOf(about, id)
				}
			}
		}
		for kind := range kinds {
			s.tellKind(ctx, s.kinds[kind])
		}
		if len(seen[Account]) == 0 {
			continue
		}
		if now := s.peopleNow(ctx); now != people { // an account changes with each sign-in, who must read what hardly ever does
			people = now
			s.peopleChanged(ctx)
		}
	}
}

// exists reports whether a device that changed is one that records are about: of the many that change, few are.
func (s *Service) exists(ctx context.Context, device string) bool {
	_, ok, err := s.World.Object(ctx, Device, device)
	return ok || err != nil
}

// toldOf tells that the duties of one object may have changed.
func (s *Service) toldOf(about About, object string) {
	for _, k := range s.kinds {
		if k.About == about {
			s.tell(subject(k.Name), object)
		}
	}
}

// tellKind tells of every duty of a kind.
func (s *Service) tellKind(ctx context.Context, k Kind) {
	objects, err := s.objects(ctx, k.About)
	if err != nil {
		s.Log.Warn("a change was not told on: the next sweep finds what it changed", "kind", k.Name, "error", err)
		return
	}
	for _, o := range objects[:min(len(objects), passMost)] {
		s.tell(subject(k.Name), o.ID)
	}
}

// peopleNow is a text that changes when somebody comes, leaves or becomes an administrator.
func (s *Service) peopleNow(ctx context.Context) string {
	people, err := s.World.People(ctx)
	if err != nil {
		return "unknown: " + err.Error()
	}
	lines := make([]string, len(people))
	for i, p := range people {
		lines[i] = fmt.Sprintf("%s %v %v", p.Name, p.Active, p.Administrator)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// peopleChanged tells of every record in force that somebody must acknowledge or that names people: who left or came may
// change what it is worth.
func (s *Service) peopleChanged(ctx context.Context) {
	rows, err := s.DB.Query(ctx, "SELECT kind, object FROM records_record WHERE state = 'approved' ORDER BY kind, object LIMIT ?", passMost)
	if err != nil {
		s.Log.Warn("a change of accounts was not told on: the next sweep finds what it changed", "error", err)
		return
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var kind, object string
		if err := rows.Scan(&kind, &object); err != nil {
			s.Log.Warn("a change of accounts was not told on: the next sweep finds what it changed", "error", err)
			return
		}
		if k, ok := s.kinds[kind]; ok && (k.Readers != NoReaders || k.namesPeople(k.Form)) {
			s.tell(subject(kind), object)
		}
	}
	if err := rows.Err(); err != nil {
		s.Log.Warn("a change of accounts was not told on: the next sweep finds what it changed", "error", err)
	}
}

func (k Kind) namesPeople(fields []Field) bool {
	for _, f := range fields {
		if f.Type == Person || k.namesPeople(f.Fields) {
			return true
		}
	}
	return false
}
