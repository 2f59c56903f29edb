package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/probe"
	"github.com/thingward/thingward/server/records"
	"github.com/thingward/thingward/server/records/kinds"
)

// governTries try what people decide: exceptions, policy, access reviews, and what policy does without them.
func (s *Server) governTries() map[string]probe.Try {
	return map[string]probe.Try{
		"posture.own-exception": s.ownException,
		"policy.clauses": func(ctx context.Context) (posture.ProbeResult, error) {
			return clausesMeasured(ctx, s.records, s.posture, s.clock.Now())
		},
		"config.fips":              s.fipsRequired,
		"broker.no-take-over-loop": probe.Shown("of two places that come by turns with one identity, the second is never let in and the first always comes back", s.noTakeOverLoop),
		"rule.quarantines":         s.onBench("where policy quarantines for a duplicate identity, its device is out without a person", s.quarantines),
		"review.every-account":     s.onBench("a review lists every account and device, those made meanwhile too, and does not close before each is decided", s.reviewsEveryAccount),
		"review.rejected-disabled": s.onBench("an account that a review rejects is disabled at once and its session is dead, and a rejected device is suspended", s.rejectedDisabled),
	}
}

func (s *Server) ownException(ctx context.Context) (posture.ProbeResult, error) {
	held, detail, err := s.posture.TrySelfApproval(ctx)
	return posture.ProbeResult{Attempted: err == nil, Held: held, Detail: detail}, err
}

const turnsTried = 20

func (s *Server) noTakeOverLoop(context.Context) (bool, error) {
	intruded, shutOut := s.broker.Turns(turnsTried)
	return intruded == 0 && shutOut == 0, nil
}

// dutyReader and controlReader are what clausesMeasured needs of records and posture.
type dutyReader interface {
	Duty(ctx context.Context, kind, object string) (*records.Duty, bool, error)
}

type controlReader interface {
	ControlNow(id string) (posture.ControlView, error)
}

// clausesMeasured reads the clauses of the security policy in force and asks how the controls stand that each names. It holds
// when something measures every one and nothing misses it; what an exception covers is not missed.
func clausesMeasured(ctx context.Context, duties dutyReader, controls controlReader, now time.Time) (posture.ProbeResult, error) {
	d, ok, err := duties.Duty(ctx, "security-policy", "organisation")
	if err != nil {
		return posture.ProbeResult{}, err
	}
	if !ok {
		return broke("nobody keeps a security policy here"), nil
	}
	if v := kinds.Current(d, now); v.Status != fleet.Pass {
		return broke("no security policy is in force: " + v.Reason), nil
	}
	var missed, unclear []string
	clauses := kinds.Clauses(d.InForce.Body)
	for clause, ids := range clauses {
		for _, id := range ids {
			c, err := controls.ControlNow(id)
			if err != nil {
				return posture.ProbeResult{}, fmt.Errorf("clause %q: %w", clause, err)
			}
			switch says := fmt.Sprintf("%s (%s)", clause, id); {
			case c.Status == fleet.Fail:
				missed = append(missed, says)
			case c.Status == fleet.Unknown, c.Status == fleet.Stale, c.Assessed == 0:
				unclear = append(unclear, says)
			}
		}
	}
	slices.Sort(missed)
	slices.Sort(unclear)
	switch {
	case len(missed) > 0:
		return broke("missed, see the findings of: " + strings.Join(missed, "; ")), nil
	case len(unclear) > 0:
		return posture.ProbeResult{Detail: "not measured: " + strings.Join(unclear, "; ")}, nil
	default:
		return held(fmt.Sprintf("each of %d clauses is measured, and nothing misses one without an exception", len(clauses))), nil
	}
}

const respondPatience = 5 * time.Second

// quarantines raises the alert on a bench whose policy quarantines for it.
func (s *Server) quarantines(ctx context.Context, b *bench) (bool, error) {
	devices, on, d, err := benchRegistry(ctx, b)
	if err != nil {
		return false, err
	}
	shelf, err := s.rulesInForce(ctx)
	if err != nil {
		return false, err
	}
	engine, err := detect.New(ctx, detect.Config{
		DB: b.db, Bus: on, Audit: b.audit, Clock: b.clock, Log: b.log, Key: sealed.NewKey(), Rules: shelf, Responder: responder{devices}, Quarantine: map[string]bool{"TSP-03/duplicate-identity": true},
	})
	if err != nil {
		return false, err
	}
	defer engine.Close()
	running, stop := context.WithCancel(ctx) //nolint:gosec // called by the deferred function below
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(running) }()
	defer func() { stop(); <-ended }()
	err = on.Publish(fleet.NewEvent("identity.duplicate", b.clock.Now(), fleet.Party{Kind: "device", ID: d.ID, Name: d.Name, Address: "127.84.0.2"}, fleet.Server("broker"), map[string]any{
		"client": "self-test", "device": d.ID, "first": map[string]any{"address": "127.84.0.1"}, "second": map[string]any{"address": "127.84.0.2"},
	}))
	if err != nil {
		return false, err
	}
	for until := time.Now().Add(respondPatience); time.Now().Before(until); { // the event goes through the real message store, so the wait is real too
		if now, err := devices.Device(ctx, d.ID); err != nil || now.State == fleet.Quarantined {
			return err == nil, err
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	return false, nil
}
