package audit_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func roll(t testing.TB, n int64) int {
	t.Helper()
	x, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		t.Fatal(err)
	}
	return int(x.Int64())
}

type hashes []tlog.Hash

func (s hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = s[x]
	}
	return out, nil
}

// TestAnyBatchesGiveTheTreeOfTlog: however entries are cut into batches and restarts, the root is that of the plain tree.
func TestAnyBatchesGiveTheTreeOfTlog(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		clk := clock.NewFake(start)
		l := audittest.Open(t, db, nil, clk)
		for range 12 {
			fill(t, db, l, 1+roll(t, 40))
			if roll(t, 3) == 0 {
				l = reopen(t, l)
			}
			if roll(t, 2) == 0 {
				clk.Advance(time.Duration(roll(t, 90)) * time.Second)
			}
			cp := seal(t, l)
			var plain hashes
			for n, b := range bodies(t, db) {
				more, err := tlog.StoredHashes(int64(n), b, plain)
				if err != nil {
					t.Fatal(err)
				}
				plain = append(plain, more...)
			}
			if root, err := tlog.TreeHash(cp.Size, plain); err != nil || root != cp.Root {
				t.Fatalf("root of %d entries differs: %v", cp.Size, err)
			}
		}
		if v, err := l.Verify(context.Background(), nil); err != nil || !v.OK {
			t.Errorf("%+v, %v", v, err)
		}
	})
}

// TestConcurrentChangesOnSeveralNodes: on PostgreSQL these are nodes of one deployment; every entry gets one place.
func TestConcurrentChangesOnSeveralNodes(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		first := audittest.Open(t, db, nil, clock.Real{})
		nodes := []*audit.Log{first}
		if db.Dialect() == store.Postgres {
			nodes = append(nodes, reopen(t, first), reopen(t, first))
		}
		for _, l := range nodes {
			run(t, l)
		}
		var mu sync.Mutex
		var ids []string
		var all sync.WaitGroup
		for g := range 12 {
			all.Go(func() {
				for i := range 25 {
					ev := created(g*100+i, start)
					record(t, db, nodes[g%len(nodes)], ev)
					mu.Lock()
					ids = append(ids, ev.ID)
					mu.Unlock()
				}
			})
		}
		all.Wait()
		places := map[int64]bool{}
		for _, index := range indexed(t, first, ids) {
			places[index] = true
		}
		if len(places) != len(ids) {
			t.Errorf("%d places for %d entries", len(places), len(ids))
		}
		if v, err := first.Verify(context.Background(), nil); err != nil || !v.OK {
			t.Errorf("%+v, %v", v, err)
		}
	})
}

func TestSameIDWithAnotherBodyIsNotLost(t *testing.T) {
	db := storetest.Open(t)
	l := audittest.Open(t, db, nil, clock.NewFake(start))
	ev := created(1, start)
	record(t, db, l, ev)
	seal(t, l)
	record(t, db, l, ev)
	if cp := seal(t, l); cp.Size != 1 {
		t.Errorf("the same entry again has its own place: %+v", cp)
	}
	ev.Data["name"] = "another"
	record(t, db, l, ev)
	if cp := seal(t, l); cp.Size != 2 {
		t.Errorf("a recorded change was dropped: %+v", cp)
	}
}

func TestNamesThatNoEngineTakes(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		l := audittest.Open(t, db, nil, clock.NewFake(start))
		ev := created(1, start)
		ev.Receiver.ID = "nul\x00byte"
		ev.Receiver.Name = strings.Repeat("ü", 5000)
		ev.Initiator.Name = "\xff\xfe"
		record(t, db, l, ev)
		seal(t, l)
		if v, err := l.Verify(context.Background(), nil); err != nil || !v.OK {
			t.Errorf("%+v, %v", v, err)
		}
		entries, _, err := l.List(context.Background(), audit.Filter{Object: "nul\x00byte", Limit: 10})
		if err != nil || len(entries) != 1 || entries[0].Broken != "" {
			t.Errorf("%+v, %v", entries, err)
		}
	})
}

func TestRecordRefusesWhatIsIncompleteOrHuge(t *testing.T) {
	db := storetest.Open(t)
	l := audittest.Open(t, db, nil, clock.NewFake(start))
	for name, alter := range map[string]func(*fleet.Event){
		"incomplete": func(ev *fleet.Event) { delete(ev.Data, "name") },
		"no JSON":    func(ev *fleet.Event) { ev.Data["f"] = func() {} },
		"huge":       func(ev *fleet.Event) { ev.Data["x"] = strings.Repeat("x", 1<<20) },
	} {
		ev := created(1, start)
		alter(&ev)
		if err := db.Change(context.Background(), func(tx *store.Tx) error { return l.Record(tx, ev) }); err == nil {
			t.Errorf("%s: recorded", name)
		}
	}
}

func TestCheckpointsThinOut(t *testing.T) {
	db, clk := storetest.Open(t), clock.NewFake(start)
	l := audittest.Open(t, db, nil, clk)
	for range 300 {
		fill(t, db, l, 1)
		clk.Advance(time.Second)
		seal(t, l)
	}
	var kept int
	if err := db.QueryRow(context.Background(), "SELECT count(*) FROM audit_checkpoint").Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if kept < 5 || kept > 8 {
		t.Errorf("%d checkpoints of 300 in five minutes are kept", kept)
	}
	if v, err := l.Verify(context.Background(), nil); err != nil || !v.OK || v.Sealed != 300 {
		t.Errorf("%+v, %v", v, err)
	}
}

const crashDir = "THINGWARD_TEST_AUDIT_CRASH"

// TestKilledProcess is the program that TestKillLosesNoEntry kills; by itself it has nothing to do.
func TestKilledProcess(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		return
	}
	db, l := openIn(t, dir)
	run(t, l)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for {
				ev := created(0, time.Now())
				record(t, db, l, ev)
				_, _ = fmt.Fprintln(os.Stdout, "recorded", ev.ID)
			}
		})
	}
	all.Wait()
}

func openIn(t testing.TB, dir string) (*store.DB, *audit.Log) {
	t.Helper()
	ctx := context.Background()
	key, err := sealed.LoadKey(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	signer, pub, err := audit.LoadOrCreateSigner(dir, key, "thingward/test")
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, store.Config{URL: "sqlite:" + filepath.Join(dir, "test.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	l, err := audit.Open(ctx, audit.Config{DB: db, Signer: signer, Key: pub, Clock: clock.Real{}, Log: discard})
	if err != nil {
		t.Fatal(err)
	}
	return db, l
}

func TestKillLosesNoEntry(t *testing.T) {
	dir := t.TempDir()
	if err := sealed.NewKey().Save(filepath.Join(dir, "key")); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$", "-test.v")
		cmd.Env = append(os.Environ(), crashDir+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines, count, until := bufio.NewScanner(out), 0, 50+roll(t, 300)
		for lines.Scan() {
			if id, ok := strings.CutPrefix(lines.Text(), "recorded "); ok && len(id) == 36 {
				ids = append(ids, id)
				count++
			}
			if count == until {
				_ = cmd.Process.Kill() // SIGKILL; what it has acknowledged by then is still read
			}
		}
		_ = cmd.Wait() // it was killed
		if count < until {
			t.Fatalf("only %d entries: %v", count, lines.Err())
		}
	}
	_, l := openIn(t, dir)
	seal(t, l)
	found, err := l.Indexes(context.Background(), ids)
	if err != nil || len(found) != len(ids) {
		t.Errorf("%d of %d acknowledged entries are there, %v", len(found), len(ids), err)
	}
	if v, err := l.Verify(context.Background(), nil); err != nil || !v.OK || v.Sealed < int64(len(ids)) {
		t.Errorf("%+v, %v", v, err)
	}
}
