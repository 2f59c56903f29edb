package people

import (
	"context"
	"slices"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// LineFilter says which lines of a review a list holds.
type LineFilter struct {
	Kind    string // person, service or device
	Decided string // none, keep, reject or disabled
	Type    string // of devices
	Site    string // of devices
	Query   string // a part of the name
}

// Lines lists one page of a review's lines of every kind, by name; total counts them all on the first page. What came since the last look
// is on the list of an open review.
func (s *Reviews) Lines(ctx context.Context, ref string, f LineFilter, after string, limit int) (lines []Line, total *int, err error) {
	if err := plain("filter", f.Kind, f.Decided, f.Type, f.Site, f.Query); err != nil {
		return nil, nil, err
	}
	keys, more, err := api.ParseCursor(after, 2)
	if err != nil {
		return nil, nil, err
	}
	if err := plain("after", keys...); err != nil {
		return nil, nil, err
	}
	err = s.DB.Keep(ctx, func(tx *store.Tx) error {
		r, err := findReview(tx, ref)
		if err != nil {
			return err
		}
		accounts, err := s.refresh(tx, r)
		if err != nil {
			return err
		}
		where := linesOf(r.ID, f)
		if !more {
			if err := s.sweep(tx, r, false); err != nil {
				return err
			}
			if total, err = countLines(tx, where); err != nil {
				return err
			}
		}
		lines, err = readLines(tx, where.after(keys), limit)
		for i, l := range lines {
			if at := slices.IndexFunc(accounts, func(a Line) bool { return a.Account == l.Account }); l.Kind != deviceKind && at >= 0 {
				lines[i] = accounts[at]
			}
		}
		return err
	})
	return lines, total, err
}

// Decide keeps or rejects one account or device, given by id or name. A decision may be changed while the review is open; a rejected
// account stays disabled until an administrator enables it, a rejected device suspended until somebody resumes it. Errors: CodeInvalid,
// CodeNotFound, CodeConflict for one's own account, for the last administrator, for a name that an account and a device share, for a
// device that never enrolled (it can be retired), and for a closed review.
func (s *Reviews) Decide(ctx context.Context, ref, account string, d Decision, reason string) (line Line, err error) {
	if err := checkDecision(d, reason); err != nil {
		return Line{}, err
	}
	if err := plain("account", account); err != nil {
		return Line{}, err
	}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		line, err = s.decide(ctx, tx, ref, account, d, reason)
		return err
	})
	return line, err
}

func (s *Reviews) decide(ctx context.Context, tx *store.Tx, ref, account string, d Decision, reason string) (Line, error) {
	r, err := openReview(tx, ref)
	if err != nil {
		return Line{}, err
	}
	lines, err := s.refresh(tx, r)
	if err != nil {
		return Line{}, err
	}
	if err := s.sweep(tx, r, false); err != nil {
		return Line{}, err
	}
	device, found, err := findDeviceLine(tx, r.ID, account)
	if err != nil {
		return Line{}, err
	}
	i := slices.IndexFunc(lines, func(l Line) bool { return l.Account == account || l.Name == account })
	switch {
	case found && i >= 0:
		return Line{}, fleet.Errorf(fleet.CodeConflict, "%s is the name of an account (%s) and of a device (%s): give the id of the one you mean", clip(account), lines[i].Account, device.Account)
	case found:
		return s.decideDevice(ctx, tx, r, device, d, reason)
	case i < 0:
		return Line{}, fleet.Errorf(fleet.CodeNotFound, "there is no account and no device %q in this review: thingward review lines %s shows them all", clip(account), r.ID)
	}
	return s.decideAccount(ctx, tx, r, lines[i], d, reason)
}

func (s *Reviews) decideAccount(ctx context.Context, tx *store.Tx, r Review, l Line, d Decision, reason string) (Line, error) {
	by, now := access.PartyOf(ctx), s.Clock.Now()
	if by.ID == l.Account {
		return Line{}, fleet.Errorf(fleet.CodeConflict, "this is your own account: nobody reviews their own, so ask another reviewer")
	}
	if d == Keep && l.State == string(access.Disabled) {
		return Line{}, fleet.Errorf(fleet.CodeConflict, "%s is disabled, so there is nothing to keep: enable it first if it is needed", l.Name)
	}
	l.Decision, l.Reason, l.By, l.At = d, reason, by.Name, &now
	if err := decideLine(tx, r.ID, l, by.ID); err != nil {
		return Line{}, err
	}
	var err error
	if d == Keep {
		l.Reviewed = &now
		err = s.Accounts.Reviewed(tx, l.Account, now)
	} else {
		l.State = string(access.Disabled)
		err = s.Accounts.Reject(ctx, tx, l.Account, "rejected by an access review: "+clip(reason))
	}
	if err != nil {
		return Line{}, err
	}
	return l, s.record(ctx, tx, "review.decided", r, decisionOf(r, l))
}

// decisionOf is what the log says about the decision on a line: what kind of subject it is about and which. The user that a
// decision on an account concerns has a name of its own in exports of events, a device has not.
func decisionOf(r Review, l Line) map[string]any {
	data := map[string]any{"review": r.ID, "subjectKind": l.Kind, "subject": l.Name, "subjectId": l.Account, "decision": l.Decision, "reason": l.Reason}
	if l.Kind != deviceKind {
		data["account"] = l.Name
	}
	return data
}
