package identity

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// How long a revocation list is good for. It is signed anew on every revocation and at half of its time; the root's lives
// long because the root's key may be offline.
const (
	issuingListLife = Day
	rootListLife    = 365 * Day
)

// List is a published revocation list (RFC 5280, 5).
type List struct {
	Number    int64     `json:"number"`
	Published time.Time `json:"published"`
	Next      time.Time `json:"next"`
	Revoked   int       `json:"revoked"`
	der       []byte
}

// lists holds the newest revocation list of each authority. Publishing is one at a time, and a caller whose revocation is
// already in the list that another one published meanwhile does not publish again.
type lists struct {
	mu     sync.RWMutex
	newest map[string]List

	publishing sync.Mutex
	asked      map[string]int
	done       map[string]int
	count      sync.Mutex
}

func (l *lists) get(issuer string) (List, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	list, ok := l.newest[issuer]
	return list, ok
}

func (l *lists) number(issuer string) int64 {
	list, _ := l.get(issuer)
	return list.Number
}

// load reads the newest lists from the database.
func (l *lists) load(ctx context.Context, s *Service) error {
	rows, err := s.DB.Query(ctx, "SELECT issuer, number, published, next, revoked, der FROM identity_crl")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	newest := map[string]List{}
	for rows.Next() {
		var issuer string
		var list List
		var published, next int64
		if err := rows.Scan(&issuer, &list.Number, &published, &next, &list.Revoked, &list.der); err != nil {
			return err
		}
		list.Published, list.Next = store.FromTime(published), store.FromTime(next)
		newest[issuer] = list
	}
	if err := rows.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for issuer, list := range newest {
		if list.Number < l.newest[issuer].Number {
			newest[issuer] = l.newest[issuer] // published here since the rows were read
		}
	}
	l.newest = newest
	return nil
}

// publish signs a list that holds every revocation committed before the call, with the next number, and keeps it.
func (l *lists) publish(ctx context.Context, s *Service, issuer string) error {
	turn := l.ask(issuer)
	l.publishing.Lock()
	defer l.publishing.Unlock()
	covers, ok := l.open(issuer, turn)
	if !ok {
		return nil
	}
	for try := 0; ; try++ {
		err := s.publishOnce(ctx, issuer)
		if err == nil {
			l.close(issuer, covers)
			return nil
		}
		if !errors.Is(err, errListRaced) || try == 8 {
			return err
		}
	}
}

// ask notes that a list is wanted.
func (l *lists) ask(issuer string) int {
	l.count.Lock()
	defer l.count.Unlock()
	if l.asked == nil {
		l.asked, l.done = map[string]int{}, map[string]int{}
	}
	l.asked[issuer]++
	return l.asked[issuer]
}

// open says whether turn is still to be served, and what a list made now would cover.
func (l *lists) open(issuer string, turn int) (covers int, ok bool) {
	l.count.Lock()
	defer l.count.Unlock()
	return l.asked[issuer], l.done[issuer] < turn
}

func (l *lists) close(issuer string, covers int) {
	l.count.Lock()
	defer l.count.Unlock()
	l.done[issuer] = covers
}

// behind says whether a wanted list is not out yet.
func (l *lists) behind(issuer string) bool {
	l.count.Lock()
	defer l.count.Unlock()
	return l.done[issuer] < l.asked[issuer]
}

var errListRaced = errors.New("another node published a revocation list meanwhile")

// publishOnce reads the last number before the revocations, so that of two nodes the one with the older view of them
// loses and tries again.
func (s *Service) publishOnce(ctx context.Context, issuer string) error {
	var last int64
	err := s.DB.QueryRow(ctx, "SELECT number FROM identity_crl WHERE issuer = ?", issuer).Scan(&last)
	if err != nil && !store.IsNoRows(err) {
		return err
	}
	now := s.Clock.Now()
	list, err := s.signList(ctx, issuer, last+1, now)
	if err != nil {
		return err
	}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		if err := storeList(tx, issuer, last, list); err != nil {
			return err
		}
		cert, _ := s.ca.by(issuer)
		return s.Audit.Record(tx, fleet.NewEvent("crl.published", now, fleet.Server("identity"), fleet.Party{Kind: "authority", ID: fingerprint(cert.Raw), Name: cert.Subject.CommonName}, map[string]any{"number": list.Number, "revoked": list.Revoked}))
	})
	if err != nil {
		return err
	}
	s.lists.take(issuer, list)
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: "crl", ID: issuer}); err != nil {
		s.Log.Warn("revocation list not announced", "issuer", issuer, "error", err)
	}
	return nil
}

func (l *lists) take(issuer string, list List) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.newest == nil {
		l.newest = map[string]List{}
	}
	if list.Number > l.newest[issuer].Number {
		l.newest[issuer] = list
	}
}

func storeList(tx *store.Tx, issuer string, last int64, list List) error {
	if last == 0 {
		n, err := tx.Exec("INSERT INTO identity_crl (issuer, number, published, next, revoked, der) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (issuer) DO NOTHING", issuer, list.Number, store.Time(list.Published), store.Time(list.Next), list.Revoked, list.der)
		return raced(n, err)
	}
	n, err := tx.Exec("UPDATE identity_crl SET number = ?, published = ?, next = ?, revoked = ?, der = ? WHERE issuer = ? AND number = ?", list.Number, store.Time(list.Published), store.Time(list.Next), list.Revoked, list.der, issuer, last)
	return raced(n, err)
}

func raced(n int64, err error) error {
	if err == nil && n == 0 {
		return errListRaced
	}
	return err
}

func (s *Service) signList(ctx context.Context, issuer string, number int64, now time.Time) (List, error) {
	cert, key := s.ca.by(issuer)
	if key == nil {
		return List{}, fleet.Errorf(fleet.CodeUnavailable, "the root's key is offline: put root.key.sealed back in place to sign its revocation list")
	}
	life := issuingListLife
	var entries []x509.RevocationListEntry
	var err error
	if issuer == rootName {
		life = rootListLife
	} else if entries, err = s.revokedEntries(ctx, now); err != nil {
		return List{}, err
	}
	list := List{Number: number, Published: now, Next: now.Add(life), Revoked: len(entries)}
	list.der, err = x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(number), ThisUpdate: now.Truncate(time.Second), NextUpdate: list.Next.Truncate(time.Second), RevokedCertificateEntries: entries,
	}, cert, key)
	if err != nil {
		return List{}, fmt.Errorf("sign a revocation list: %w", err)
	}
	return list, nil
}

// revokedEntries lists the revoked certificates that have not expired yet.
func (s *Service) revokedEntries(ctx context.Context, now time.Time) (entries []x509.RevocationListEntry, _ error) {
	rows, err := s.DB.Query(ctx, "SELECT serial, revoked, reason_code FROM identity_certificate WHERE revoked > 0 AND not_after > ? ORDER BY revoked, serial", store.Time(now.Add(-Day)))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var serial string
		var at int64
		var code int
		if err := rows.Scan(&serial, &at, &code); err != nil {
			return nil, err
		}
		n, ok := new(big.Int).SetString(serial, 16)
		if !ok {
			return nil, fmt.Errorf("certificate %q on record has no serial number", serial)
		}
		entries = append(entries, x509.RevocationListEntry{SerialNumber: n, RevocationTime: store.FromTime(at).Truncate(time.Second), ReasonCode: code})
	}
	return entries, rows.Err()
}

// loadLists reads the lists and publishes the first ones.
func (s *Service) loadLists(ctx context.Context) error {
	if err := s.lists.load(ctx, s); err != nil {
		return err
	}
	return s.refreshLists(ctx)
}

// refreshLists publishes whatever list is missing, behind, or past half of its time.
func (s *Service) refreshLists(ctx context.Context) error {
	for _, issuer := range []string{issuingName, rootName} {
		list, ok := s.lists.get(issuer)
		half := list.Published.Add(list.Next.Sub(list.Published) / 2)
		if ok && !s.lists.behind(issuer) && s.Clock.Now().Before(half) {
			continue
		}
		if _, key := s.ca.by(issuer); key == nil {
			s.Log.Warn("the root's key is offline: its revocation list is not renewed", "next", list.Next)
			continue
		}
		if err := s.lists.publish(ctx, s, issuer); err != nil {
			return err
		}
	}
	return nil
}
