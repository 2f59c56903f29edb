package registry

import (
	"context"
	"fmt"
	"slices"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// Move is a step in a device's life that someone asks for.
type Move string

// The moves.
const (
	Quarantine Move = "quarantine"
	Release    Move = "release"
	Suspend    Move = "suspend"
	Resume     Move = "resume"
	Retire     Move = "retire"
)

var moves = map[Move]struct {
	to     fleet.State
	event  string
	from   []fleet.State // empty: wherever the life cycle allows it
	reason bool          // must be given
}{
	Quarantine: {fleet.Quarantined, "device.quarantined", nil, true},
	Release:    {fleet.Active, "device.released", []fleet.State{fleet.Quarantined}, false},
	Suspend:    {fleet.Suspended, "device.suspended", nil, true},
	Resume:     {fleet.Active, "device.resumed", []fleet.State{fleet.Suspended}, false},
	Retire:     {fleet.Retired, "device.retired", nil, true},
}

// Effect is one thing that a move brings about. At says when, in words, counted from the move.
type Effect struct {
	At   string `json:"at"`
	Text string `json:"text"`
}

// Moved is a device after a move, or as it would be after it.
type Moved struct {
	Device  fleet.Device `json:"device"`
	Effects []Effect     `json:"effects"`
	DryRun  bool         `json:"dryRun"`
}

// Asked is what a caller says about a move.
type Asked struct {
	Reason  string
	DryRun  bool
	IfMatch string
}

// Move takes a device to another state: one transaction with its audit entry, after which the device's live sessions end
// on every node, so that none outlives the rights it was opened with. With DryRun it only says what would happen.
func (s *Service) Move(ctx context.Context, ref string, m Move, a Asked) (Moved, error) {
	if err := checkReason(m, a.Reason); err != nil {
		return Moved{}, err
	}
	if a.DryRun {
		before, err := s.Device(ctx, ref)
		if err != nil {
			return Moved{}, err
		}
		after, err := s.next(before, m, a)
		return Moved{Device: after, Effects: s.effects(before, m), DryRun: true}, err
	}
	var out Moved
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		before, err := findDevice(tx.QueryRow, ref)
		if err != nil {
			return err
		}
		after, err := s.next(before, m, a)
		if err != nil {
			return err
		}
		out = Moved{Device: after, Effects: s.effects(before, m)}
		return s.commitMove(tx, before, after, m, access.PartyOf(ctx))
	})
	return out, err
}

func checkReason(m Move, reason string) error {
	if moves[m].reason && reason == "" {
		return fleet.Invalid("reason", "is missing: say why, it stays in the audit log")
	}
	return plain("reason", reason, 500)
}

// next is the device after the move, or why the move is not allowed.
func (s *Service) next(d fleet.Device, m Move, a Asked) (fleet.Device, error) {
	step := moves[m]
	if err := api.CheckMatch(a.IfMatch, d.Version); err != nil {
		return d, err
	}
	switch {
	case d.State == step.to:
		return d, fleet.Errorf(fleet.CodeConflict, "%s is %s already", d.Name, d.State)
	case !d.State.CanMove(step.to), len(step.from) > 0 && !slices.Contains(step.from, d.State):
		return d, fleet.Errorf(fleet.CodeConflict, "%s is %s: it cannot be %s from there", d.Name, d.State, step.event[len("device."):])
	case step.to == fleet.Active && s.known(d.Type) == nil:
		return d, fleet.Errorf(fleet.CodeConflict, "%s has no device type: give it one first (PUT /api/v1/devices/%s with type)", d.Name, d.ID)
	case m == Retire && s.readers.Certificates == nil:
		return d, fleet.Errorf(fleet.CodeUnavailable, "the certificate authority cannot be reached, and a device is not retired without its certificates: try again")
	}
	d.State, d.Reason, d.Changed, d.Version = step.to, a.Reason, s.Clock.Now(), d.Version+1
	return d, nil
}

func (s *Service) commitMove(tx *store.Tx, before, after fleet.Device, m Move, by fleet.Party) error {
	if err := updateDevice(tx, before, after, true); err != nil {
		return err
	}
	if m == Retire {
		if err := s.readers.Certificates.RevokeSubject(tx, "device", after.ID, after.Reason, by); err != nil {
			return fmt.Errorf("revoke the certificates of %s: %w", after.Name, err)
		}
		if err := dropOutbox(tx, after.ID); err != nil {
			return err
		}
	}
	s.announceMove(tx, after)
	return s.Audit.Record(tx, fleet.NewEvent(moves[m].event, after.Changed, by, party(after),
		map[string]any{"device": after.ID, "before": string(before.State), "after": string(after.State), "reason": after.Reason}))
}

func (s *Service) announceMove(tx *store.Tx, d fleet.Device) {
	tx.OnCommit(func() {
		cut := bus.Cut{SubjectKind: "device", SubjectID: d.ID, Reason: string(d.State)}
		if d.Reason != "" {
			cut.Reason += ": " + d.Reason
		}
		if err := s.Bus.Announce(bus.TopicCut, cut); err != nil {
			s.Log.Error("cut not announced", "device", d.ID, "error", err)
		}
		s.announce(d)
	})
}

// effects says what a move brings about for this device now.
func (s *Service) effects(d fleet.Device, m Move) []Effect {
	var out []Effect
	add := func(at, text string, args ...any) { out = append(out, Effect{at, fmt.Sprintf(text, args...)}) }
	if s.readers.Connections != nil {
		if _, address, ok := s.readers.Connections.Connected("device", d.ID); ok {
			add("at once", "its live session from %s ends, on every protocol", address)
		} else {
			add("at once", "nothing is cut: it has no live session")
		}
	}
	switch m {
	case Quarantine:
		add("at once", "it may connect again, to report and read its twin and nothing else")
		add("until released", "commands to it are refused")
	case Release:
		add("at once", "it connects again with all rights of its type")
	case Suspend:
		add("at once", "it cannot connect until it is resumed")
	case Resume:
		add("at once", "it may connect again with all rights of its type")
	case Retire:
		add("at once", "it can never connect or enrol again")
		add("within 1 s", "its certificates are revoked, and OCSP and the revocation list say so")
		add("for good", "its id and name stay taken and its history is kept")
	}
	add("at once", "the move and its reason are in the audit log")
	return out
}
