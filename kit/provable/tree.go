package provable

import (
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Tree is a growing Merkle tree of which only the right edge is kept: the roots of its complete subtrees, one for each set
// bit of its size. Appending and taking the root need nothing else. The zero value is the empty tree.
type Tree struct {
	size int64
	edge []tlog.Hash // largest subtree first
}

// Spans lists the stored-hash indexes (tlog.StoredHashIndex) of the largest aligned subtrees that cover entries lo to hi-1.
func Spans(lo, hi int64) []int64 {
	var out []int64
	for lo < hi {
		level := spanLevel(lo, hi)
		out = append(out, tlog.StoredHashIndex(level, lo>>level))
		lo += 1 << level
	}
	return out
}

func spanLevel(lo, hi int64) int {
	return min(bits.TrailingZeros64(uint64(lo)), bits.Len64(uint64(hi-lo))-1)
}

// NewTree goes on from a tree of size entries whose edge (the hashes at Spans(0, size)) is known.
func NewTree(size int64, edge []tlog.Hash) (*Tree, error) {
	if size < 0 || len(edge) != bits.OnesCount64(uint64(size)) {
		return nil, fmt.Errorf("a tree of %d entries cannot have an edge of %d hashes", size, len(edge))
	}
	return &Tree{size, slices.Clone(edge)}, nil
}

// Size is how many entries the tree has.
func (t *Tree) Size() int64 { return t.size }

// Clone is an independent copy.
func (t *Tree) Clone() *Tree { return &Tree{t.size, slices.Clone(t.edge)} }

// Append adds an entry's leaf hash. The hashes that this completes, leaf first, are appended to stored: they are those
// of tlog.StoredHashes and belong at tlog.StoredHashIndex(0, size before).
func (t *Tree) Append(stored []tlog.Hash, leaf tlog.Hash) []tlog.Hash {
	stored = append(stored, leaf)
	h := leaf
	for rest := t.size; rest&1 == 1; rest >>= 1 {
		last := len(t.edge) - 1
		h = tlog.NodeHash(t.edge[last], h)
		t.edge = t.edge[:last]
		stored = append(stored, h)
	}
	t.edge = append(t.edge, h)
	t.size++
	return stored
}

// AppendSpans adds the subtrees Spans(size, to) by their hashes.
func (t *Tree) AppendSpans(to int64, hashes []tlog.Hash) error {
	for _, h := range hashes {
		if t.size >= to {
			return fmt.Errorf("more subtrees than lead to size %d", to)
		}
		level := spanLevel(t.size, to)
		for rest := t.size >> level; rest&1 == 1; rest >>= 1 {
			last := len(t.edge) - 1
			h = tlog.NodeHash(t.edge[last], h)
			t.edge = t.edge[:last]
		}
		t.edge = append(t.edge, h)
		t.size += 1 << level
	}
	if t.size != to {
		return fmt.Errorf("fewer subtrees than lead to size %d", to)
	}
	return nil
}

// Root is the hash of the whole tree.
func (t *Tree) Root() tlog.Hash {
	if t.size == 0 {
		root, _ := tlog.TreeHash(0, nil) // the empty tree reads no hashes
		return root
	}
	h := t.edge[len(t.edge)-1]
	for i := len(t.edge) - 2; i >= 0; i-- {
		h = tlog.NodeHash(t.edge[i], h)
	}
	return h
}
