package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/store"
)

// Verification is what a run over the whole log found.
type Verification struct {
	OK          bool
	Size        int64     // entries in the log
	Root        tlog.Hash // of all of them
	Sealed      int64     // entries that the last checkpoint covers
	Checked     int64     // entries that were recomputed before the run ended
	Checkpoints int64     // whose signature and root hold
	Started     time.Time
	Duration    time.Duration
	Broken      *provable.Broken // the first fault, nil when OK
}

// verifying lets one run go on at a time; who asks meanwhile gets its result.
type verifying struct {
	mu   sync.Mutex
	now  *verifyRun
	last *Verification
}

type verifyRun struct {
	done          chan struct{}
	checked, size atomic.Int64
	result        Verification
	err           error
}

// Verify recomputes every entry's hash, every stored hash and the root, and compares them with every signed checkpoint and
// with what this process placed itself. It reads the log once in constant memory. A fault is no error but a result, and is
// reported as audit.broken; every run is recorded as audit.verified by whoever asked.
func (l *Log) Verify(ctx context.Context, by *fleet.Party) (Verification, error) {
	for {
		run, mine := l.joinVerify()
		if mine {
			run.result, run.err = l.verifyNow(ctx, run, by)
			l.endVerify(run)
			return run.result, run.err
		}
		select {
		case <-ctx.Done():
			return Verification{}, ctx.Err()
		case <-run.done:
		}
		if run.err == nil {
			return run.result, nil
		} // else whoever asked first went away: run it ourselves
	}
}

func (l *Log) joinVerify() (run *verifyRun, mine bool) {
	v := &l.verifying
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.now != nil {
		return v.now, false
	}
	v.now = &verifyRun{done: make(chan struct{})}
	return v.now, true
}

func (l *Log) endVerify(run *verifyRun) {
	v := &l.verifying
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now = nil
	if run.err == nil {
		v.last = &run.result
	}
	close(run.done)
}

// LastVerification is the latest finished run; ok is false before the first.
func (l *Log) LastVerification() (last Verification, ok bool) {
	l.verifying.mu.Lock()
	defer l.verifying.mu.Unlock()
	if l.verifying.last == nil {
		return Verification{}, false
	}
	return *l.verifying.last, true
}

// VerifyProgress tells how far a run is that goes on now.
func (l *Log) VerifyProgress() (checked, size int64, running bool) {
	l.verifying.mu.Lock()
	defer l.verifying.mu.Unlock()
	if l.verifying.now == nil {
		return 0, 0, false
	}
	return l.verifying.now.checked.Load(), l.verifying.now.size.Load(), true
}

func (l *Log) verifyNow(ctx context.Context, run *verifyRun, by *fleet.Party) (Verification, error) {
	p := pass{l: l, run: run, result: Verification{Started: l.Clock.Now()}}
	err := p.all(ctx)
	p.result.Duration = l.Clock.Now().Sub(p.result.Started)
	p.result.Checked = p.tree.Size()
	var broken *provable.Broken
	switch {
	case errors.As(err, &broken):
		p.result.Broken = broken
		l.suspect(err)
	case err != nil:
		return Verification{}, err
	default:
		p.result.OK, p.result.Root = true, p.tree.Root()
	}
	return p.result, l.recordVerified(ctx, p.result, by)
}

func (l *Log) recordVerified(ctx context.Context, v Verification, by *fleet.Party) error {
	self := fleet.Server("audit")
	if by == nil {
		by = &self
	}
	data := map[string]any{"size": v.Size, "result": "ok"}
	if v.Broken != nil {
		data["result"], data["index"], data["reason"] = "broken", v.Broken.Index, v.Broken.Reason
	}
	return l.DB.Change(ctx, func(tx *store.Tx) error {
		return l.Record(tx, fleet.NewEvent("audit.verified", l.Clock.Now(), *by, self, data))
	})
}

// pass is one walk over the log.
type pass struct {
	l       *Log
	q       querier
	run     *verifyRun
	result  Verification
	tree    provable.Tree
	points  points
	known   []provable.Checkpoint // sizes and roots that the walk must meet
	signed  int64                 // size of the last checkpoint, which is in known
	held    int64                 // entries below are covered by a checkpoint that holds
	scratch []tlog.Hash
}

func (p *pass) all(ctx context.Context) error {
	p.q = p.l.reader(ctx)
	suspicion, err := p.begin(ctx)
	if err != nil {
		return err
	}
	for p.tree.Size() < p.result.Size {
		rows, err := readRows(p.q, "WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT 512", p.tree.Size(), p.result.Size)
		if err != nil {
			return err
		}
		if err := p.rows(rows); err != nil {
			return err
		}
		p.run.checked.Store(p.tree.Size())
	}
	if err := p.end(); err != nil || suspicion == nil {
		return err
	}
	return suspicion
}

// begin signs what is placed, so that all of it can be sealed, and starts. A fault found by the way is returned as a
// suspicion, because the walk locates it better. The first entries of a log can be placed just after an empty log had
// nothing to sign: those are signed in a second turn, and are no sign of removed checkpoints.
func (p *pass) begin(ctx context.Context) (suspicion *provable.Broken, err error) {
	for range 2 {
		if _, err = p.l.sign(ctx); err != nil && !errors.As(err, &suspicion) {
			return nil, err
		}
		p.known = nil
		if err = p.start(); err != nil || suspicion != nil || p.signed > 0 || p.result.Size == 0 {
			return suspicion, err
		}
	}
	return nil, nil
}

// start notes how far the walk goes and what it must meet: the last checkpoint, the anchor, and what this process built.
func (p *pass) start() error {
	last, err := p.l.lastCheckpoint(p.q)
	if err != nil {
		return err
	}
	anchor, err := p.l.anchored()
	if err != nil {
		return err
	}
	p.signed = last.Size
	p.known = append(p.known, last, anchor)
	p.l.mu.Lock()
	if p.l.tree != nil {
		p.known = append(p.known, provable.Checkpoint{Size: p.l.tree.Size(), Root: p.l.tree.Root()})
	}
	p.result.Size, err = sizeOf(p.q)
	p.l.mu.Unlock()
	if err != nil {
		return err
	}
	p.run.size.Store(p.result.Size)
	p.points = points{l: p.l, q: p.q, to: p.result.Size}
	var strays int64
	if err := p.q.QueryRow("SELECT count(*) FROM audit_entry WHERE idx < 0").Scan(&strays); err != nil {
		return err
	}
	if strays > 0 {
		return &provable.Broken{Index: 0, Reason: "entries were inserted before the first"}
	}
	return nil
}

func (p *pass) rows(rows []row) error {
	if len(rows) == 0 {
		return &provable.Broken{Index: p.tree.Size(), Reason: "the entry is missing"}
	}
	pages := newHashPages(p.q)
	first, last := tlog.StoredHashIndex(0, rows[0].index), tlog.StoredHashCount(rows[len(rows)-1].index+1)
	var ahead []int64
	for x := first; x < last; x += pageHashes {
		ahead = append(ahead, x)
	}
	if err := pages.fetch(append(ahead, last-1)); err != nil {
		return err
	}
	for _, r := range rows {
		if err := p.row(pages, r); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) row(pages *hashPages, r row) error {
	if r.index != p.tree.Size() {
		return &provable.Broken{Index: p.tree.Size(), Reason: "the entry is missing"}
	}
	p.scratch = p.tree.Append(p.scratch[:0], r.leaf())
	if err := checkStored(pages, r.index, p.scratch); err != nil {
		return err
	}
	if _, fault := r.event(); fault != "" {
		return &provable.Broken{Index: r.index, Reason: fault}
	}
	for _, known := range p.known {
		if known.Size == p.tree.Size() && known.Root != p.tree.Root() {
			return p.replaced()
		}
	}
	cp, ok, err := p.points.at(p.tree.Size())
	switch {
	case err != nil || !ok:
		return err
	case cp.Root != p.tree.Root():
		return p.replaced()
	}
	p.held, p.result.Sealed = cp.Size, cp.Size
	p.result.Checkpoints++
	return nil
}

// replaced says that entries whose hashes all fit are not those that were signed.
func (p *pass) replaced() error {
	return &provable.Broken{Index: p.held, Reason: fmt.Sprintf("entries %d to %d are not those that were logged: one of them was replaced together with its hashes", p.held, p.tree.Size()-1)}
}

// end looks for what the walk did not meet: a log that was longer, and entries that nobody signed.
func (p *pass) end() error {
	longest := slices.MaxFunc(p.known, func(a, b provable.Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	if longest.Size > p.result.Size {
		return p.l.cutOff(p.result.Size, longest.Size, longest.Size > p.signed && longest.Note != "")
	}
	// The last checkpoint may have made room for a newer one during the walk; its root was met all the same.
	p.result.Sealed = max(p.result.Sealed, p.signed)
	if p.result.Sealed == 0 && p.result.Size > 0 {
		return &provable.Broken{Index: 0, Reason: "no signed checkpoint covers the entries: the checkpoints were removed, or none could be signed"}
	}
	return nil
}
