package export_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/server/export"
)

// proofs is a real Merkle tree with an entry for each control.
type proofs struct {
	cp     export.Checkpoint
	leaves []tlog.Hash
	bodies [][]byte
	hashes []tlog.Hash
	index  map[string]int64
	status map[string]string
}

func newProofs(t testing.TB, f fleetOf) *proofs {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "test-log")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	p := &proofs{index: map[string]int64{}, status: map[string]string{}}
	snap, _ := f.Snapshot(context.Background(), time.Time{})
	for i, c := range snap.Controls {
		body := fmt.Appendf(nil, `{"type":"control.changed","receiver":{"kind":"control","id":%q},"data":{"control":%q,"before":"unknown","after":%q}}`, c.ID, c.ID, c.Status)
		p.bodies = append(p.bodies, body)
		p.leaves = append(p.leaves, tlog.RecordHash(body))
		stored, err := tlog.StoredHashesForRecordHash(int64(i), p.leaves[i], p)
		if err != nil {
			t.Fatal(err)
		}
		p.hashes = append(p.hashes, stored...)
		p.index[c.ID], p.status[c.ID] = int64(i), c.Status
	}
	root, err := tlog.TreeHash(int64(len(p.leaves)), p)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%s\n%d\n%s\ntime %s\n", signer.Name(), len(p.leaves), root, now.Format(time.RFC3339Nano))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		t.Fatal(err)
	}
	p.cp = export.Checkpoint{Size: int64(len(p.leaves)), Root: root.String(), Time: now, Note: string(signed), Key: vkey}
	return p
}

// ReadHashes reads stored hashes, for tlog.
func (p *proofs) ReadHashes(indexes []int64) (out []tlog.Hash, err error) {
	for _, i := range indexes {
		out = append(out, p.hashes[i])
	}
	return out, nil
}

// Checkpoint is the signed tree.
func (p *proofs) Checkpoint(context.Context) (export.Checkpoint, error) { return p.cp, nil }

// LastChange proves a control's entry.
func (p *proofs) LastChange(_ context.Context, control string, _ time.Time, size int64) (*export.Proof, error) {
	i, ok := p.index[control]
	if !ok || p.status[control] == "not-assessed" {
		return nil, nil
	}
	proof, err := tlog.ProveRecord(size, i, p)
	if err != nil {
		return nil, err
	}
	out := &export.Proof{Index: i, Size: size, Leaf: base64.StdEncoding.EncodeToString(p.leaves[i][:]), Status: p.status[control], Time: now, Body: base64.StdEncoding.EncodeToString(p.bodies[i])}
	for _, h := range proof {
		out.Hashes = append(out.Hashes, base64.StdEncoding.EncodeToString(h[:]))
	}
	return out, nil
}
