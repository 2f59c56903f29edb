package audit

import (
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/store"
)

// hashPages reads stored hashes and remembers the pages it read; it serves one operation.
type hashPages struct {
	q     querier
	pages map[int64][]byte
}

func newHashPages(q querier) *hashPages { return &hashPages{q: q, pages: map[int64][]byte{}} }

// ReadHashes is tlog.HashReader. A hash that is not there is a *provable.Broken at the entry that it belongs to.
func (p *hashPages) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	if err := p.fetch(indexes); err != nil {
		return nil, err
	}
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		at := int(x%pageHashes) * tlog.HashSize
		page := p.pages[x/pageHashes]
		if len(page) < at+tlog.HashSize {
			return nil, hashBroken(x, "is missing")
		}
		copy(out[i][:], page[at:])
	}
	return out, nil
}

// hashBroken locates a stored hash for people.
func hashBroken(stored int64, what string) *provable.Broken {
	level, n := tlog.SplitStoredHashIndex(stored)
	first := n << level
	if level == 0 {
		return &provable.Broken{Index: first, Reason: "the stored leaf hash " + what}
	}
	return &provable.Broken{Index: first, Reason: fmt.Sprintf("the stored hash over entries %d to %d %s", first, first+1<<level-1, what)}
}

func (p *hashPages) fetch(indexes []int64) error {
	var want []int64
	for _, x := range indexes {
		if page := x / pageHashes; p.pages[page] == nil && !slices.Contains(want, page) {
			want = append(want, page)
		}
	}
	for chunk := range slices.Chunk(want, 64) {
		if err := p.fetchPages(chunk); err != nil {
			return err
		}
	}
	return nil
}

func (p *hashPages) fetchPages(pages []int64) error {
	rows, err := p.q.Query("SELECT page, hashes FROM audit_hash WHERE page IN "+tuples(1, len(pages)), anys(pages)...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var page int64
		var b []byte
		if err := rows.Scan(&page, &b); err != nil {
			return err
		}
		p.pages[page] = b
	}
	return rows.Err()
}

// writeHashes stores hashes from stored index base on, filling up the last page first.
func writeHashes(tx *store.Tx, base int64, hashes []tlog.Hash) error {
	pages := newHashPages(tx)
	first := base / pageHashes
	var page []byte
	if base%pageHashes != 0 {
		if err := pages.fetch([]int64{base}); err != nil {
			return err
		}
		page = pages.pages[first]
		if want := int(base%pageHashes) * tlog.HashSize; len(page) < want {
			return hashBroken(base-1, "is missing")
		} else if len(page) > want {
			page = page[:want]
		}
	}
	var args []any
	for _, h := range hashes {
		page = append(page, h[:]...)
		if len(page) == pageHashes*tlog.HashSize {
			args = append(args, first, page)
			first, page = first+1, nil
		}
	}
	if len(page) > 0 {
		args = append(args, first, page)
	}
	for chunk := range slices.Chunk(args, 2*rowsPerInsert) {
		if _, err := tx.Exec("INSERT INTO audit_hash (page, hashes) VALUES "+tuples(len(chunk)/2, 2)+" ON CONFLICT (page) DO UPDATE SET hashes = excluded.hashes", chunk...); err != nil {
			return fmt.Errorf("audit hashes not stored: %w", err)
		}
	}
	return nil
}
