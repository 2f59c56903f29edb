package server

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/probe"
	"github.com/thingward/thingward/server/registry"
	"github.com/thingward/thingward/server/store"
)

func (s *Server) auditTries() map[string]probe.Try {
	return map[string]probe.Try{
		"audit.tamper-located": s.onBench("a copy of the log verifies, and with one altered byte does not: the altered entry is named", s.tamperLocated),
		"audit.verified-first": s.onBench("an entry with an altered byte is not shown, and its neighbours are", s.verifiedFirst),
	}
}

// historyByID looks for the creation of the device registered first among the entries about its identifier.
func (s *Server) historyByID(ctx context.Context) (posture.ProbeResult, error) {
	d, err := s.oldest(ctx, registry.Filter{})
	if err != nil {
		return posture.ProbeResult{}, err
	}
	if d == nil {
		return posture.ProbeResult{None: true, Detail: "no device is registered yet"}, nil
	}
	if _, err := s.audit.Seal(ctx); err != nil { // what was recorded a moment ago gets its place now
		return posture.ProbeResult{}, err
	}
	entries, _, err := s.audit.List(ctx, audit.Filter{Object: d.ID, To: d.Created.Add(time.Minute), Limit: 100})
	switch {
	case err != nil:
		return posture.ProbeResult{}, err
	case slices.ContainsFunc(entries, func(e audit.Entry) bool { return e.Broken == "" && e.Event.Type == "device.created" }):
		return held("the log gives the device registered first its creation, by its identifier alone"), nil
	case s.clock.Now().Sub(d.Created) < time.Minute:
		return posture.ProbeResult{}, errors.New("the first device is so new that its entry may still wait for its place")
	default:
		return broke("the log has no creation under the identifier of device " + d.Name), nil
	}
}

// spoiled copies the newest entries into the bench's log, makes sure that they verify, and alters one byte of one of them.
func (s *Server) spoiled(ctx context.Context, b *bench) (index int64, err error) {
	entries, _, err := s.audit.List(ctx, audit.Filter{Limit: 32})
	if err != nil {
		return 0, err
	}
	err = b.db.Change(ctx, func(tx *store.Tx) error {
		var errs []error
		for _, e := range slices.Backward(entries) {
			if e.Broken == "" {
				errs = append(errs, b.audit.Record(tx, e.Event))
			}
		}
		for range 3 { // so that there are entries however young the log is
			errs = append(errs, b.audit.Record(tx, fleet.NewEvent("gate.tested", b.clock.Now(), fleet.Server("self-test"), fleet.Server("self-test"),
				map[string]any{"gate": "IMT-01/tamper-located", "result": "self-test"})))
		}
		return errors.Join(errs...)
	})
	if err != nil {
		return 0, err
	}
	cp, err := b.audit.Seal(ctx)
	if err != nil {
		return 0, err
	}
	v, err := b.audit.Verify(ctx, nil)
	if err != nil || !v.OK {
		return 0, errors.Join(err, errors.New("the copy does not verify before it is altered"))
	}
	index = cp.Size / 2
	return index, b.alter(ctx, index)
}

// alter flips one bit in the middle of an entry, behind the log's back.
func (b *bench) alter(ctx context.Context, index int64) error {
	return b.db.Keep(ctx, func(tx *store.Tx) error {
		var body []byte
		if err := tx.QueryRow("SELECT body FROM audit_entry WHERE idx = ?", index).Scan(&body); err != nil {
			return err
		}
		body = slices.Clone(body)
		body[len(body)/2] ^= 1
		n, err := tx.Exec("UPDATE audit_entry SET body = ? WHERE idx = ?", body, index)
		if err == nil && n != 1 {
			err = errors.New("nothing was altered")
		}
		return err
	})
}

func (s *Server) tamperLocated(ctx context.Context, b *bench) (bool, error) {
	index, err := s.spoiled(ctx, b)
	if err != nil {
		return false, err
	}
	v, err := b.audit.Verify(ctx, nil)
	return err == nil && !v.OK && v.Broken != nil && v.Broken.Index == index, err
}

func (s *Server) verifiedFirst(ctx context.Context, b *bench) (bool, error) {
	index, err := s.spoiled(ctx, b)
	if err != nil {
		return false, err
	}
	entries, _, err := b.audit.List(ctx, audit.Filter{Limit: 100})
	if err != nil {
		return false, err
	}
	one, err := b.audit.Entry(ctx, index)
	if err != nil {
		return false, err
	}
	for _, e := range append(entries, one) {
		if hidden := e.Broken != "" && e.Event.Type == "" && len(e.Body) == 0; hidden != (e.Index == index) {
			return false, nil
		}
	}
	return len(entries) > 2, nil
}
