package server

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/probe"
	"github.com/thingward/thingward/server/store"
)

// bench is a database, a log and a message store that nobody else uses, with a clock of their own. Self-tests run the
// product's own code on it where trying on the real fleet would raise real alerts or leave traces.
type bench struct {
	clock *clock.Fake
	log   *slog.Logger
	db    *store.DB
	audit *audit.Log
	dir   string
	stop  []func() error // run last first
}

// benchPrefix begins the name of a bench's folder in the data folder.
const benchPrefix = "self-test-"

// onBench makes a Try that runs on a bench of its own and says whether what was to be seen was.
func (s *Server) onBench(what string, see func(ctx context.Context, b *bench) (bool, error)) probe.Try {
	return probe.Shown(what, func(ctx context.Context) (ok bool, err error) {
		b, err := s.openBench(ctx)
		if err != nil {
			return false, err
		}
		defer func() { err = errors.Join(err, b.close()) }()
		return see(ctx, b)
	})
}

func (s *Server) openBench(ctx context.Context) (*bench, error) {
	dir, err := os.MkdirTemp(s.data.dir, benchPrefix)
	if err != nil {
		return nil, err
	}
	b := &bench{clock: clock.NewFake(s.clock.Now()), log: slog.New(slog.DiscardHandler), dir: dir}
	b.later(func() error { return os.RemoveAll(dir) })
	if b.db, err = store.Open(ctx, store.Config{URL: "sqlite:" + filepath.Join(dir, "bench.db"), Log: b.log}); err != nil {
		return nil, errors.Join(err, b.close())
	}
	b.later(b.db.Close)
	if b.audit, err = b.openAudit(ctx); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *bench) openAudit(ctx context.Context) (*audit.Log, error) {
	private, public, err := note.GenerateKey(rand.Reader, "thingward-self-test")
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, err
	}
	return audit.Open(ctx, audit.Config{DB: b.db, Signer: signer, Key: public, Clock: b.clock, Log: b.log})
}

// bus opens the bench's message store, which only some tries need.
func (b *bench) bus(ctx context.Context) (*bus.Bus, error) {
	made, err := bus.Open(ctx, bus.Config{Dir: filepath.Join(b.dir, "jetstream"), Key: sealed.NewKey(), Log: b.log})
	if err == nil {
		b.later(made.Close)
	}
	return made, err
}

func (b *bench) later(fn func() error) { b.stop = append(b.stop, fn) }

func (b *bench) close() error {
	var errs []error
	for i := len(b.stop) - 1; i >= 0; i-- {
		errs = append(errs, b.stop[i]())
	}
	return errors.Join(errs...)
}

// clearBenches removes what a killed process left behind.
func (s *Server) clearBenches() error {
	left, err := filepath.Glob(s.data.path(benchPrefix + "*"))
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

// held and broke are results with words of their own.
func held(what string) posture.ProbeResult {
	return posture.ProbeResult{Attempted: true, Held: true, Detail: what}
}

func broke(what string) posture.ProbeResult {
	return posture.ProbeResult{Attempted: true, Detail: what}
}
