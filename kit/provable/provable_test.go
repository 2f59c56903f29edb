package provable_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/kit/provable"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

// stored is a log in memory: tlog's own functions read it, so that ours are held against them.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = s[x]
	}
	return out, nil
}

type log struct {
	signer note.Signer
	key    string
	tree   provable.Tree
	hashes stored
	bodies [][]byte
	points []provable.Checkpoint
}

func newLog(t testing.TB) *log {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "thingward/test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return &log{signer: signer, key: vkey}
}

func (l *log) add(n int) {
	for range n {
		body := fmt.Appendf(nil, `{"n":%d,"s":"Grüße <&>"}`, len(l.bodies))
		l.bodies = append(l.bodies, body)
		l.hashes = l.tree.Append(l.hashes, tlog.RecordHash(body))
	}
}

func (l *log) sign(t testing.TB) provable.Checkpoint {
	t.Helper()
	c, err := provable.Sign(l.signer, &l.tree, epoch.Add(time.Duration(len(l.points))*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	l.points = append(l.points, c)
	return c
}

func (l *log) export(t testing.TB, from, to int64) []byte {
	t.Helper()
	last := l.points[len(l.points)-1]
	left, _ := l.hashes.ReadHashes(provable.Spans(0, from))
	right, _ := l.hashes.ReadHashes(provable.Spans(to, last.Size))
	var buf bytes.Buffer
	w, err := provable.NewWriter(&buf, provable.Header{Origin: last.Origin, Key: l.key, Checkpoint: last.Note, From: from, To: to, Left: left, Right: right})
	if err != nil {
		t.Fatal(err)
	}
	for i := from; i < to; i++ {
		if err := w.Entry(i, l.bodies[i]); err != nil {
			t.Fatal(err)
		}
		for _, c := range l.points {
			if c.Size == i+1 {
				if err := w.Checkpoint(c.Note); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return buf.Bytes()
}

func TestTreeIsTheOneOfTlog(t *testing.T) {
	l := newLog(t)
	var want stored
	for n := int64(0); n < 300; n++ {
		hashes, err := tlog.StoredHashes(n, fmt.Appendf(nil, `{"n":%d,"s":"Grüße <&>"}`, n), want)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, hashes...)
		l.add(1)
		if len(l.hashes) != len(want) || l.hashes[len(want)-1] != want[len(want)-1] {
			t.Fatalf("stored hashes differ after entry %d", n)
		}
		root, err := tlog.TreeHash(n+1, want)
		if err != nil || root != l.tree.Root() {
			t.Fatalf("root of %d entries: %v", n+1, err)
		}
		for _, from := range []int64{0, n / 3, n / 2, n} {
			edge, _ := want.ReadHashes(provable.Spans(0, from))
			tree, err := provable.NewTree(from, edge)
			if err != nil {
				t.Fatal(err)
			}
			rest, _ := want.ReadHashes(provable.Spans(from, n+1))
			if err := tree.AppendSpans(n+1, rest); err != nil || tree.Root() != root || tree.Size() != n+1 {
				t.Fatalf("root of %d entries put together at %d: %v", n+1, from, err)
			}
		}
	}
}

func TestTreeRefusesWhatDoesNotFit(t *testing.T) {
	if _, err := provable.NewTree(5, make([]tlog.Hash, 3)); err == nil {
		t.Error("an edge of 3 hashes for 5 entries")
	}
	var tree provable.Tree
	if err := tree.AppendSpans(3, make([]tlog.Hash, 1)); err == nil {
		t.Error("too few subtrees")
	}
	if err := tree.AppendSpans(3, make([]tlog.Hash, 9)); err == nil {
		t.Error("too many subtrees")
	}
	if root, _ := tlog.TreeHash(0, nil); (&provable.Tree{}).Root() != root {
		t.Error("root of the empty tree")
	}
}

func TestCheckpointHasOneSpelling(t *testing.T) {
	l := newLog(t)
	l.add(5)
	c := l.sign(t)
	got, err := provable.OpenCheckpoint(c.Note, l.key)
	if err != nil || got != c {
		t.Fatalf("%+v, %v, want %+v", got, err, c)
	}
	for i := range c.Note {
		for bit := range 8 {
			b := []byte(c.Note)
			b[i] ^= 1 << bit
			if _, err := provable.OpenCheckpoint(string(b), l.key); err == nil {
				t.Errorf("byte %d, bit %d altered and not noticed: %q", i, bit, b)
			}
		}
	}
	if _, err := provable.OpenCheckpoint(c.Note, newLog(t).key); err == nil {
		t.Error("another log's key opened it")
	}
	if _, err := provable.OpenCheckpoint(c.Note, "nonsense"); err == nil || !strings.Contains(err.Error(), "NAME+HASH+KEY") {
		t.Errorf("a key that is none: %v", err)
	}
}

func TestPublicKeyChecksTheSignature(t *testing.T) {
	l := newLog(t)
	c := l.sign(t)
	pub, err := provable.PublicKey(l.key)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(c.Note), note.VerifierList(must(note.NewVerifier(l.key))))
	if err != nil {
		t.Fatal(err)
	}
	sig := must(decode(n.Sigs[0].Base64))
	if !ed25519.Verify(pub, []byte(n.Text), sig[4:]) {
		t.Error("the raw key does not verify the note's text")
	}
	if _, err := provable.PublicKey("x+1+y"); err == nil {
		t.Error("nonsense has a public key")
	}
}

func TestExportOfEveryRangeVerifies(t *testing.T) {
	l := newLog(t)
	for _, n := range []int{1, 4, 2, 9, 1, 6} {
		l.add(n)
		l.sign(t)
	}
	size := int64(len(l.bodies))
	for from := int64(0); from <= size; from++ {
		for to := from; to <= size; to++ {
			res, err := provable.Verify(bytes.NewReader(l.export(t, from, to)), l.key, nil)
			if err != nil || res.Entries != to-from || res.Checkpoint.Size != size {
				t.Fatalf("%d to %d: %+v, %v", from, to, res, err)
			}
		}
	}
}

func TestEveryAlteredByteIsNoticedAndLocated(t *testing.T) {
	l := newLog(t)
	l.add(3)
	l.sign(t)
	l.add(4)
	l.sign(t)
	good := l.export(t, 1, 6)
	for i := range good {
		for _, flip := range []byte{0x01, 0x20, 0x80} {
			b := bytes.Clone(good)
			b[i] ^= flip
			_, err := provable.Verify(bytes.NewReader(b), l.key, nil)
			var broken *provable.Broken
			if !errors.As(err, &broken) {
				t.Fatalf("byte %d altered: %v", i, err)
			}
			line := 1 + bytes.Count(good[:i], []byte("\n"))
			ends := good[i] == '\n' || b[i] == '\n' // then it is two lines that differ
			// The header's range and subtrees are proved by the entries that follow, so their alteration shows later.
			if line > 1 && broken.Line != line && (!ends || broken.Line != line+1) {
				t.Fatalf("byte %d of line %d altered, located in line %d: %v", i, line, broken.Line, err)
			}
		}
		if _, err := provable.Verify(bytes.NewReader(good[:i]), l.key, nil); err == nil {
			t.Fatalf("cut off after %d bytes and not noticed", i)
		}
	}
}

func TestReplacedLinesAreNoticed(t *testing.T) {
	l := newLog(t)
	l.add(4)
	l.sign(t)
	l.add(4)
	l.sign(t)
	lines := bytes.SplitAfter(l.export(t, 0, 8), []byte("\n"))[:11] // header, 4 entries, checkpoint, 4 entries, checkpoint
	forged := newLog(t)
	forged.signer, forged.key = l.signer, l.key
	forged.add(8)
	forged.bodies[6] = []byte(`{"n":"forged"}`)
	forged.points = l.points
	entry := bytes.SplitAfter(forged.export(t, 0, 8), []byte("\n"))[8]
	cases := map[string]struct {
		lines [][]byte
		index int64
	}{
		"entry with its hash": {swap(lines, 8, entry), 4},
		"entry missing":       {append(append([][]byte{}, lines[:3]...), lines[4:]...), 2},
		"entry twice":         {append(append([][]byte{}, lines[:4]...), lines[3:]...), 3},
		"exchanged":           {swap(swap(lines, 2, lines[3]), 3, lines[2]), 1},
		"last entries gone":   {lines[:8], 6},
		"a checkpoint moved":  {append(append([][]byte{}, lines[:3]...), append([][]byte{lines[5]}, lines[3:]...)...), 2},
		"one entry more":      {append(append([][]byte{}, lines...), bytes.Replace(lines[9], []byte(`"index":7`), []byte(`"index":8`), 1)), 8},
	}
	for name, c := range cases {
		_, err := provable.Verify(bytes.NewReader(bytes.Join(c.lines, nil)), l.key, nil)
		var broken *provable.Broken
		if !errors.As(err, &broken) || broken.Index != c.index {
			t.Errorf("%s: %v, want entry %d", name, err, c.index)
		}
	}
}

func TestExpectedCheckpoint(t *testing.T) {
	l := newLog(t)
	l.add(5)
	old := l.sign(t)
	l.add(5)
	now := l.sign(t)
	for _, from := range []int64{0, 2, 5} {
		res, err := provable.Verify(bytes.NewReader(l.export(t, from, 10)), l.key, &old)
		if err != nil || !res.Compared {
			t.Errorf("from %d: %+v, %v", from, res, err)
		}
	}
	if _, err := provable.Verify(bytes.NewReader(l.export(t, 6, 10)), l.key, &old); err == nil {
		t.Error("an export that says nothing about the expected checkpoint passed")
	}
	if res, err := provable.Verify(bytes.NewReader(l.export(t, 6, 8)), l.key, &now); err != nil || !res.Compared {
		t.Errorf("the whole log's checkpoint: %v", err)
	}
	other := newLog(t)
	other.signer, other.key = l.signer, l.key
	other.bodies = append(other.bodies, []byte(`{}`))
	other.hashes = other.tree.Append(other.hashes, tlog.RecordHash(other.bodies[0]))
	other.add(3)
	other.sign(t)
	if _, err := provable.Verify(bytes.NewReader(other.export(t, 0, 4)), l.key, &old); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("a shorter log: %v", err)
	}
	other.add(6)
	other.sign(t)
	if _, err := provable.Verify(bytes.NewReader(other.export(t, 0, 10)), l.key, &old); err == nil || !strings.Contains(err.Error(), "rewritten") {
		t.Errorf("another history: %v", err)
	}
}

func TestWriterRefusesWhatIsNoLine(t *testing.T) {
	w, err := provable.NewWriter(&bytes.Buffer{}, provable.Header{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Entry(0, []byte("{\n}")); err == nil {
		t.Error("a body of two lines was exported")
	}
}
