package risk

import (
	"context"
	"slices"
	"time"

	"github.com/thingward/thingward/server/store"
)

// Cell is one place of the matrix.
type Cell struct {
	Likelihood Level  `json:"likelihood"`
	Impact     Level  `json:"impact"`
	Level      Level  `json:"level"`
	LevelName  string `json:"levelName"`
	Count      int    `json:"count"`    // open risks as they were rated
	Residual   int    `json:"residual"` // open risks as they are now: lower only where all that was decided is done
}

// Matrix is the open risks at a time.
type Matrix struct {
	At        time.Time `json:"at"`
	Cells     []Cell    `json:"cells"` // 25, from very low likelihood and impact up, impact running faster
	Open      int       `json:"open"`
	Undecided int       `json:"undecided"` // no decision, or one that has ended
	Lapsed    int       `json:"lapsed"`    // of those: the decision has ended
	Overdue   int       `json:"overdue"`   // with a mitigation past its due date
	Safety    int       `json:"safety"`
}

// Matrix counts the open risks of a system (of all when empty) at a time; the zero time is now.
func (s *Service) Matrix(ctx context.Context, system string, at time.Time) (Matrix, error) {
	now := s.Clock.Now()
	if err := s.pastErr(at); err != nil {
		return Matrix{}, err
	}
	past := !at.IsZero()
	if !past {
		at = now
	}
	m := Matrix{At: at.UTC()}
	for l := VeryLow; l <= VeryHigh; l++ {
		for i := VeryLow; i <= VeryHigh; i++ {
			m.Cells = append(m.Cells, Cell{Likelihood: l, Impact: i, Level: Combine(l, i), LevelName: Combine(l, i).String()})
		}
	}
	count := func(r Risk) error {
		if r.State == Open && (system == "" || r.System == system) {
			m.add(r, at)
		}
		return nil
	}
	if past {
		return m, s.each(ctx, count, asOf, store.Time(at))
	}
	return m, s.each(ctx, count, "SELECT body FROM risk_risk WHERE state = 'open'")
}

func (m *Matrix) add(r Risk, at time.Time) {
	v := viewAt(r, at)
	m.cell(r.Likelihood, r.Impact).Count++
	m.cell(v.Remaining.Likelihood, v.Remaining.Impact).Residual++
	m.Open++
	for _, c := range []struct {
		n   *int
		yes bool
	}{{&m.Undecided, v.Undecided}, {&m.Lapsed, v.Lapsed}, {&m.Overdue, v.Overdue}, {&m.Safety, r.Safety}} {
		if c.yes {
			*c.n++
		}
	}
}

func (m *Matrix) cell(likelihood, impact Level) *Cell {
	return &m.Cells[int(likelihood-1)*5+int(impact-1)]
}

// Point is the register at one time.
type Point struct {
	At        time.Time `json:"at"`
	Open      int       `json:"open"`
	Undecided int       `json:"undecided"`
	Overdue   int       `json:"overdue"`
	Levels    [5]int    `json:"levels"`    // open risks by level as rated, from very low
	Remaining [5]int    `json:"remaining"` // by level as it was at that time
}

// Trend is the register once a day over the last days, and now.
func (s *Service) Trend(ctx context.Context, days int) ([]Point, error) {
	now := s.Clock.Now()
	points := make([]Point, days+1)
	for i := range points {
		points[i].At = now.AddDate(0, 0, i-days)
	}
	var before Risk
	var from time.Time
	err := s.eachVersion(ctx, func(r Risk, at time.Time) {
		if before.ID == r.ID {
			mark(points, before, from, at)
		} else if before.ID != "" {
			mark(points, before, from, time.Time{})
		}
		before, from = r, at
	})
	if before.ID != "" {
		mark(points, before, from, time.Time{})
	}
	return points, err
}

// eachVersion hands over every version of every risk in order.
func (s *Service) eachVersion(ctx context.Context, fn func(Risk, time.Time)) error {
	return s.each(ctx, func(r Risk) error {
		fn(r, r.Changed)
		return nil
	}, "SELECT body FROM risk_history ORDER BY risk, version")
}

// mark counts a version at the points from when it was made until the next one; a zero until is for good.
func mark(points []Point, r Risk, from, until time.Time) {
	if r.State != Open {
		return
	}
	first, _ := slices.BinarySearchFunc(points, from, func(p Point, t time.Time) int { return p.At.Compare(t) })
	for i := first; i < len(points) && (until.IsZero() || points[i].At.Before(until)); i++ {
		v, p := viewAt(r, points[i].At), &points[i]
		p.Open++
		p.Levels[r.Level-1]++
		p.Remaining[v.Remaining.Level-1]++
		if v.Undecided {
			p.Undecided++
		}
		if v.Overdue {
			p.Overdue++
		}
	}
}

// Covered is a required scope and what the register holds for it.
type Covered struct {
	Scope
	Open      int   `json:"open"`
	Closed    int   `json:"closed"`
	Undecided int   `json:"undecided"`
	Worst     Level `json:"worst"` // highest level of an open risk; 0: none
}

// Coverage is the register by required scope. A scope without any entry, open or closed, was not looked at, or nothing was
// found and nobody wrote it down: the assessment must say which.
type Coverage struct {
	Scopes  []Covered `json:"scopes"`
	Missing []string  `json:"missing"`
}

// Coverage counts the risks of a system (of all when empty) by scope. Risks of the whole organisation count for every system.
func (s *Service) Coverage(ctx context.Context, system string) (Coverage, error) {
	now := s.Clock.Now()
	c := Coverage{Missing: []string{}}
	for _, scope := range Scopes {
		c.Scopes = append(c.Scopes, Covered{Scope: scope})
	}
	err := s.each(ctx, func(r Risk) error {
		if system == "" || r.System == "" || r.System == system {
			for i := range c.Scopes {
				if slices.Contains(r.Scopes, c.Scopes[i].Name) {
					c.Scopes[i].add(r, now)
				}
			}
		}
		return nil
	}, "SELECT body FROM risk_risk")
	for _, scope := range c.Scopes {
		if scope.Open+scope.Closed == 0 {
			c.Missing = append(c.Missing, scope.Name)
		}
	}
	return c, err
}

func (c *Covered) add(r Risk, now time.Time) {
	if r.State != Open {
		c.Closed++
		return
	}
	c.Open++
	c.Worst = max(c.Worst, r.Level)
	if !r.decided(now) {
		c.Undecided++
	}
}
