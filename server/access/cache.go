package access

import (
	"sync"
	"time"
)

const (
	cacheMost = 10000            // credentials remembered
	cacheLife = 30 * time.Second // how long without reading the database
)

// cache remembers credentials that were checked a moment ago. Whatever ends or changes one is dropped at once, on all
// nodes; the short life is for a node that missed the announcement.
type cache struct {
	mu     sync.Mutex
	known  map[string]*entry
	change uint64 // counts drops: what was read before a drop is not remembered after it
}

// entry is one checked credential, under its hash.
type entry struct {
	row    session
	owner  Account
	loaded time.Time

	mu      sync.Mutex
	seen    time.Time // last use
	kept    time.Time // last use that the database knows of
	address string
	shared  time.Time // when sharing was last reported
}

func newCache() *cache { return &cache{known: map[string]*entry{}} }

// get finds a credential and the count to put it back with.
func (c *cache) get(hash string, now time.Time) (e *entry, fresh bool, change uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e = c.known[hash]
	if e == nil {
		return nil, false, c.change
	}
	age := now.Sub(e.loaded)
	return e, age >= 0 && age < cacheLife, c.change
}

// put remembers e unless something was dropped since change was read.
func (c *cache) put(hash string, e *entry, change uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.change != change {
		return
	}
	if len(c.known) >= cacheMost {
		for any := range c.known { // map order is random enough to choose who is forgotten
			delete(c.known, any)
			break
		}
	}
	c.known[hash] = e
}

func (c *cache) dropAccount(accountID string) {
	c.drop(func(e *entry) bool { return e.owner.ID == accountID })
}

func (c *cache) dropSession(sessionID string) {
	c.drop(func(e *entry) bool { return e.row.id == sessionID })
}

func (c *cache) drop(which func(*entry) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.change++
	for hash, e := range c.known {
		if which(e) {
			delete(c.known, hash)
		}
	}
}

// sweep forgets what has not been read for a while.
func (c *cache) sweep(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for hash, e := range c.known {
		if now.Sub(e.loaded) > 2*cacheLife {
			delete(c.known, hash)
		}
	}
}
