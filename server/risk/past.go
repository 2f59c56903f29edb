package risk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// AsOf says which past moment an answer shows. It is made from the versions that were kept of each risk.
type AsOf struct {
	At time.Time `json:"at"`
}

// asOfTime is nil for the present.
func asOfTime(at time.Time) *AsOf {
	if at.IsZero() {
		return nil
	}
	return &AsOf{at.UTC()}
}

// pastErr refuses a time that is still to come.
func (s *Service) pastErr(at time.Time) error {
	if at.After(s.Clock.Now()) {
		return fleet.Invalid("at", "is still to come: leave it out for now")
	}
	return nil
}

// inCell reports whether the filter asks for a row, a column or a cell of the matrix.
func (f *Filter) inCell() bool { return f.Likelihood != 0 || f.Impact != 0 }

func (f *Filter) cellErr() error {
	switch {
	case f.Likelihood < 0 || f.Likelihood > 5:
		return fleet.Invalid("likelihood", "want 1 to 5")
	case f.Impact < 0 || f.Impact > 5:
		return fleet.Invalid("impact", "want 1 to 5")
	case f.Residual && !f.inCell():
		return fleet.Invalid("residual", "chooses by what remains: give likelihood, impact or both with it")
	}
	return nil
}

// cell reports whether a risk is in the cell, row or column asked for.
func (f *Filter) cell(v *View) bool {
	l, i := v.Likelihood, v.Impact
	if f.Residual {
		l, i = v.Remaining.Likelihood, v.Remaining.Impact
	}
	return (f.Likelihood == 0 || int(l) == f.Likelihood) && (f.Impact == 0 || int(i) == f.Impact)
}

// matches says of a risk as it was what where says of the present register.
func (f *Filter) matches(v *View, at time.Time) bool {
	level, _ := parseLevel(f.Level)
	return f.cell(v) && f.state(v) && f.decision(v, at) && (f.Level == "" || v.Level == level) && (f.Scope == "" || slices.Contains(v.Scopes, f.Scope)) &&
		(f.System == "" || v.System == f.System) && (f.Site == "" || v.Site == f.Site) && (f.Owner == "" || v.Owner == f.Owner) &&
		(!f.Overdue || v.Overdue) && (!f.Safety || v.Safety) && strings.Contains(v.find(), strings.ToLower(strings.TrimSpace(f.Query)))
}

func (f *Filter) state(v *View) bool {
	return f.State == "all" || v.State == f.State || (f.State == "" && v.State == Open)
}

func (f *Filter) decision(v *View, at time.Time) bool {
	switch f.Decision {
	case "":
		return true
	case "undecided":
		return !v.decided(at)
	}
	return v.decided(at) && v.Decision.Decision == f.Decision
}

// sift reads a page where the database cannot choose: of a past time, for which only whole versions are kept, and of a cell
// of the matrix. However many risks there are, it holds no more of them than the page has.
func (s *Service) sift(ctx context.Context, f Filter, where []clause, o order, after *place) (items []View, total int, err error) {
	at, keep := f.At, f.matches
	query, args := asOf, []any{store.Time(f.At)}
	if f.At.IsZero() {
		at, keep = s.Clock.Now(), func(v *View, _ time.Time) bool { return f.cell(v) }
		text, values := whereText(where)
		query, args = "SELECT body FROM risk_risk"+text, values
	}
	err = s.each(ctx, func(r Risk) error {
		v := viewAt(r, at)
		if !keep(&v, at) {
			return nil
		}
		total++
		p := o.place(r)
		if after != nil && o.compare(p, *after) <= 0 {
			return nil
		}
		i, _ := slices.BinarySearchFunc(items, p, func(v View, p place) int { return o.compare(o.place(v.Risk), p) })
		if items = slices.Insert(items, i, v); len(items) > f.Limit+1 {
			items = items[:f.Limit+1]
		}
		return nil
	}, query, args...)
	return items, total, err
}

// OneAt is a risk as it was at a past time; the zero time is now. CodeNotFound when there is none, or was none yet.
func (s *Service) OneAt(ctx context.Context, ref string, at time.Time) (Risk, error) {
	now, err := s.One(ctx, ref)
	if err != nil || at.IsZero() {
		return now.Risk, err
	}
	if err := s.pastErr(at); err != nil {
		return Risk{}, err
	}
	var body string
	err = s.DB.QueryRow(ctx, "SELECT body FROM risk_history WHERE risk = ? AND at <= ? ORDER BY version DESC LIMIT 1", now.ID, store.Time(at)).Scan(&body)
	if store.IsNoRows(err) {
		return Risk{}, fleet.Errorf(fleet.CodeNotFound, "this risk was entered at %s: ask for a time after that", now.Created.UTC().Format(time.RFC3339))
	}
	if err != nil {
		return Risk{}, fmt.Errorf("read a risk as it was: %w", err)
	}
	return decode(body)
}
