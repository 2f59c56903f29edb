package export

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// dir is where a job's files are.
func (s *Service) dir(job string) string { return filepath.Join(s.Dir, job) }

func (s *Service) remove(job string) error { return os.RemoveAll(s.dir(job)) }

// next makes the pack that waits longest; worked is false when none waits.
func (s *Service) next(ctx context.Context) (worked bool, err error) {
	j, ok, err := s.oldest(ctx)
	if err != nil || !ok {
		return false, err
	}
	mine, err := s.claim(ctx, &j)
	if err != nil || !mine {
		return mine, err
	}
	j.node = s.node
	s.step(j.ID, Progress{Total: 1, Step: "begin"})
	defer s.step("", Progress{})
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go s.beating(work, j.ID, func() { stop(errTaken) })
	made, err := s.make(work, j)
	if err == nil {
		err = s.share(work, made)
	}
	if err == nil {
		err = s.setDone(work, made)
	}
	last := context.WithoutCancel(ctx)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, errTaken) || errors.Is(context.Cause(work), errTaken):
		return true, s.remove(j.ID) // another node makes it now
	case ctx.Err() != nil: // a pack that a stop interrupts is made after the next start
		return true, errors.Join(err, s.putBack(last, j))
	}
	return true, errors.Join(err, s.remove(j.ID), s.fail(last, j, s.why(err)))
}

// why is what a person may read about a failure; the log has the rest.
func (s *Service) why(err error) string {
	var told *fleet.Error
	switch {
	case errors.As(err, &told):
		return told.Error()
	case errors.Is(err, syscall.ENOSPC):
		return "the server's disk is full: free space in its data folder, then ask again"
	default:
		return "the server failed while the pack was made: its log says why"
	}
}

// step notes how far the job in work is.
func (s *Service) step(job string, p Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running, s.at = job, p
}

// advance counts work done in a step.
func (s *Service) advance(step string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at.Step = step
	s.at.Done = min(s.at.Done+n, s.at.Total)
}

// expect adds to the work that is to be done.
func (s *Service) expect(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at.Total += n
}

// make makes a pack in its folder.
func (s *Service) make(ctx context.Context, j Job) (Job, error) {
	if err := errors.Join(s.remove(j.ID), os.MkdirAll(s.dir(j.ID), 0o700)); err != nil { // an attempt that was killed left its half
		return j, err
	}
	spool := filepath.Join(s.dir(j.ID), "spool")
	if err := os.Mkdir(spool, 0o700); err != nil {
		return j, err
	}
	p := &pack{Service: s, job: j, dir: s.dir(j.ID), spoolDir: spool}
	if err := p.read(ctx); err != nil {
		return j, err
	}
	if err := p.write(ctx); err != nil {
		return j, err
	}
	if err := os.RemoveAll(spool); err != nil {
		return j, err
	}
	j.Files, j.Checkpoint, j.Figures = p.files, p.checkpoint, &p.figures
	return j, nil
}

// Open opens a file of a pack and writes into the log that it was fetched.
func (s *Service) Open(ctx context.Context, ref, name string) (File, *os.File, error) {
	j, err := s.readJob(ctx, ref)
	if err != nil {
		return File{}, nil, err
	}
	i := slices.IndexFunc(j.Files, func(f File) bool { return f.Name == name })
	switch {
	case j.State == gone:
		return File{}, nil, fleet.Errorf(fleet.CodeNotFound, "the export's files were removed after its time: ask for a new one")
	case j.State != done:
		return File{}, nil, fleet.Errorf(fleet.CodeConflict, "the export is %s: its files are there when it is done", j.State)
	case i < 0:
		return File{}, nil, fleet.Errorf(fleet.CodeNotFound, "the export has no such file: look at its list")
	}
	f, err := s.open(ctx, j, j.Files[i])
	if errors.Is(err, os.ErrNotExist) {
		return File{}, nil, fleet.Errorf(fleet.CodeNotFound, "the file is not on this server's disk any more: ask for a new export")
	}
	if err != nil {
		return File{}, nil, err
	}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		return s.Audit.Record(tx, fleet.NewEvent("export.downloaded", s.Clock.Now(), access.PartyOf(ctx), fleet.Party{Kind: "export", ID: j.ID}, map[string]any{"export": j.ID, "file": j.Files[i].Name, "sha256": j.Files[i].SHA256}))
	})
	if err != nil {
		return File{}, nil, errors.Join(err, f.Close())
	}
	return j.Files[i], f, nil
}

// sweep removes the files of packs whose time is over, of the oldest where there are too many, and of what no job knows.
func (s *Service) sweep(ctx context.Context) error {
	rows, err := s.DB.Query(ctx, "SELECT "+jobColumns+" WHERE state = ? ORDER BY id DESC", done)
	if err != nil {
		return err
	}
	jobs, err := collect(rows)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for i, j := range jobs {
		if i < keptMost && (j.Expires == nil || s.Clock.Now().Before(*j.Expires)) {
			keep[j.ID] = true
			continue
		}
		err = errors.Join(err, s.setGone(ctx, j.ID))
	}
	entries, rerr := os.ReadDir(s.Dir)
	err = errors.Join(err, rerr)
	for _, e := range entries {
		if id.Valid(e.Name()) && !keep[e.Name()] {
			err = errors.Join(err, s.remove(e.Name()))
		}
	}
	if err != nil {
		return fmt.Errorf("remove old exports: %w", err)
	}
	return nil
}

// setGone notes that a pack's files are removed; when it was made stays.
func (s *Service) setGone(ctx context.Context, ref string) error {
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec("UPDATE export_job SET state = ? WHERE id = ?", gone, ref); err != nil {
			return err
		}
		return dropChunks(tx, ref)
	})
}
