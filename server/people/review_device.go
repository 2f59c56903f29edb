package people

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// deviceKind is the kind of a device's line.
const deviceKind = "device"

// sweepOverlap is how far back a look at changed devices reaches behind the last one: further than a transaction takes and
// than the clocks of two nodes are apart.
const sweepOverlap = 5 * time.Minute

// Devices is what reviews need of package registry.
type Devices interface {
	// EveryDevice hands over in batches every device that changed at since or later, retired ones too; all for a zero since.
	EveryDevice(tx *store.Tx, since time.Time, fn func([]fleet.Device) error) error
	Reject(ctx context.Context, tx *store.Tx, deviceID, reason string) error
}

// sweep brings the devices' lines of an open review up to date: one for each device that is not retired, and those that were
// retired undecided need nobody any more. Unless whole, it looks only at what changed since the last time.
func (s *Reviews) sweep(tx *store.Tx, r Review, whole bool) error {
	if r.Closed != nil {
		return nil
	}
	now := s.Clock.Now()
	var since time.Time
	if !whole && !r.swept.IsZero() {
		since = r.swept.Add(-sweepOverlap)
	}
	var live, gone []fleet.Device
	err := s.Devices.EveryDevice(tx, since, func(batch []fleet.Device) (err error) {
		for _, d := range batch {
			if d.State == fleet.Retired {
				gone = append(gone, d)
			} else {
				live = append(live, d)
			}
		}
		if live, err = inChunks(live, false, func(c []fleet.Device) error { return listDevices(tx, r.ID, c, now) }); err != nil {
			return err
		}
		gone, err = inChunks(gone, false, func(c []fleet.Device) error { return releaseDevices(tx, r.ID, c) })
		return err
	})
	if err != nil {
		return err
	}
	if _, err := inChunks(live, true, func(c []fleet.Device) error { return listDevices(tx, r.ID, c, now) }); err != nil {
		return err
	}
	if _, err := inChunks(gone, true, func(c []fleet.Device) error { return releaseDevices(tx, r.ID, c) }); err != nil {
		return err
	}
	return sweptReview(tx, r.ID, now)
}

// inChunks hands over devices in chunks of few sizes, so that the statements for them are few too, and returns what is left
// for a fuller chunk; with all nothing is.
func inChunks(devices []fleet.Device, all bool, fn func([]fleet.Device) error) ([]fleet.Device, error) {
	sizes := []int{500, 50, 1}
	if !all {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		for len(devices) >= size {
			if err := fn(devices[:size]); err != nil {
				return nil, err
			}
			devices = devices[size:]
		}
	}
	return slices.Clip(devices), nil
}

// decideDevice keeps or rejects one device.
func (s *Reviews) decideDevice(ctx context.Context, tx *store.Tx, r Review, l Line, d Decision, reason string) (Line, error) {
	switch {
	case l.Decision == Nothing || l.State == string(fleet.Retired):
		return Line{}, fleet.Errorf(fleet.CodeConflict, "%s is retired, so there is nothing to decide", l.Name)
	case d == Keep && l.Decision == Rejects && l.State == string(fleet.Suspended):
		return Line{}, fleet.Errorf(fleet.CodeConflict, "%s is suspended because this review rejected it: resume it first if it is needed (thingward device resume %s)", l.Name, l.Name)
	}
	by, now := access.PartyOf(ctx), s.Clock.Now()
	l.Decision, l.Reason, l.By, l.At = d, reason, by.Name, &now
	if d == Rejects {
		if err := s.Devices.Reject(ctx, tx, l.Account, "rejected by an access review: "+clip(reason)); err != nil {
			return Line{}, err
		}
		l.State = string(fleet.Suspended)
	}
	if err := decideLine(tx, r.ID, l, by.ID); err != nil {
		return Line{}, err
	}
	return l, s.record(ctx, tx, "review.decided", r, decisionOf(r, l))
}

// DeviceFilter chooses devices by what they are and where. Empty: all.
type DeviceFilter struct{ Type, Site string }

// KeepDevices keeps every undecided device on the list that the filter chooses, and tells how many: a person can finish a review of a
// fleet, kind by kind and place by place. Rejecting stays one by one. Errors: CodeInvalid, CodeNotFound, CodeConflict for a
// closed review and where nothing is left to keep.
func (s *Reviews) KeepDevices(ctx context.Context, ref string, f DeviceFilter, reason string) (n int, err error) {
	if err := checkDecision(Keep, reason); err != nil {
		return 0, err
	}
	if err := plain("filter", f.Type, f.Site); err != nil {
		return 0, err
	}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		r, err := openReview(tx, ref)
		if err != nil {
			return err
		}
		by, now := access.PartyOf(ctx), s.Clock.Now()
		if n, err = keepLines(tx, r.ID, f, Line{Reason: reason, By: by.Name, At: &now}, by.ID); err != nil {
			return err
		}
		if n == 0 {
			return fleet.Errorf(fleet.CodeConflict, "no undecided device of this review matches: thingward review lines %s --kind device --decided none shows what is left", r.ID)
		}
		data := map[string]any{"review": r.ID, "subjectKind": deviceKind, "devices": n, "decision": Keep, "reason": reason}
		for name, value := range map[string]string{"type": f.Type, "site": f.Site} {
			if value != "" {
				data[name] = value
			}
		}
		return s.record(ctx, tx, "review.decided", r, data)
	})
	return n, err
}

// openReview finds a review that may still be decided on.
func openReview(tx *store.Tx, ref string) (Review, error) {
	r, err := findReview(tx, ref)
	if err == nil && r.Closed != nil {
		err = fleet.Errorf(fleet.CodeConflict, "the review %s is closed: open another one", r.Title)
	}
	return r, err
}

// plain refuses what no name holds and not every database takes.
func plain(field string, texts ...string) error {
	for _, s := range texts {
		if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd }) {
			return fleet.Invalid(field, "holds characters that cannot be shown")
		}
	}
	return nil
}

func checkDecision(d Decision, reason string) error {
	switch {
	case d != Keep && d != Rejects:
		return fleet.Invalid("decision", "want keep or reject")
	case strings.TrimSpace(reason) == "":
		return fleet.Invalid("reason", "is required: whoever audits the review wants to know why")
	case len(reason) > reviewReason:
		return fleet.Invalid("reason", fmt.Sprintf("is longer than %d characters", reviewReason))
	case strings.ContainsRune(reason, 0):
		return fleet.Invalid("reason", "holds characters that cannot be shown")
	}
	return nil
}
