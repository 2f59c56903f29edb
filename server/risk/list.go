package risk

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// Filter says which risks a list holds, in which order and from where.
type Filter struct {
	State      string // open, closed, all; open unless given
	Decision   string // mitigate, defer, accept: that counts at the time; undecided
	Level      string // by name or number
	Likelihood int    // 1 to 5: only of this row of the matrix
	Impact     int    // 1 to 5: only of this column of the matrix
	Residual   bool   // row and column are those of what remains of a risk
	System     string // by name
	Site       string
	Owner      string // account name
	Scope      string
	Overdue    bool // a mitigation is past its due date
	Safety     bool
	Query      string
	At         time.Time // as the register was then; zero: now
	Sort       string
	Limit      int
	After      string
}

// clause is a condition and its arguments.
type clause struct {
	sql  string
	args []any
}

func whereText(clauses []clause) (text string, args []any) {
	var parts []string
	for _, c := range clauses {
		parts = append(parts, c.sql)
		args = append(args, c.args...)
	}
	if len(parts) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(parts, " AND "), args
}

// List lists risks, as they are or, with a time, as they were.
func (s *Service) List(ctx context.Context, f Filter) (api.Page[View], error) {
	o, err := orderOf(f.Sort)
	if err != nil {
		return api.Page[View]{}, err
	}
	where, err := s.where(f)
	if err != nil {
		return api.Page[View]{}, err
	}
	after, err := o.parse(f.After)
	if err != nil {
		return api.Page[View]{}, err
	}
	read := s.page
	if !f.At.IsZero() || f.inCell() {
		read = s.sift
	}
	items, total, err := read(ctx, f, where, o, after)
	return api.NewList(items, f.Limit, &total, func(v View) string { return o.cursor(v.Risk) }).Body, err
}

// page reads a page of the present register, one risk more than the limit where there are more.
func (s *Service) page(ctx context.Context, f Filter, where []clause, o order, after *place) (items []View, total int, err error) {
	if total, err = s.count(ctx, where); err != nil {
		return nil, 0, err
	}
	text, args := whereText(append(slices.Clone(where), o.beyond(after)...))
	err = s.each(ctx, func(r Risk) error {
		items = append(items, s.view(r))
		return nil
	}, "SELECT body FROM risk_risk"+text+" ORDER BY "+o.by()+" LIMIT ?", append(args, f.Limit+1)...)
	return items, total, err
}

func (s *Service) count(ctx context.Context, where []clause) (n int, err error) {
	text, args := whereText(where)
	err = s.DB.QueryRow(ctx, "SELECT count(*) FROM risk_risk"+text, args...).Scan(&n)
	return n, err
}

// where turns a filter into conditions.
func (s *Service) where(f Filter) (out []clause, err error) {
	for _, eq := range []struct{ column, value string }{{"system", f.System}, {"site", f.Site}, {"owner", f.Owner}} {
		if err := text(eq.column, eq.value, mostName, false, false); err != nil {
			return nil, err
		}
		if eq.value != "" {
			out = append(out, clause{eq.column + " = ?", []any{eq.value}})
		}
	}
	now := store.Time(s.Clock.Now())
	if f.Overdue {
		out = append(out, clause{"state = 'open' AND due > 0 AND due <= ?", []any{now}})
	}
	if f.Safety {
		out = append(out, clause{"safety = ?", []any{true}})
	}
	state, stateErr := stateClause(f.State)
	decision, decisionErr := decisionClause(f.Decision, now)
	level, levelErr := levelClause(f.Level)
	scope, scopeErr := scopeClause(f.Scope)
	if err := join(stateErr, decisionErr, levelErr, scopeErr, f.cellErr(), s.pastErr(f.At), text("q", f.Query, 200, false, false)); err != nil {
		return nil, err
	}
	out = slices.Concat(out, state, decision, level, scope)
	if q := strings.ToLower(strings.TrimSpace(f.Query)); q != "" {
		out = append(out, clause{`find LIKE ? ESCAPE '\'`, []any{"%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(q) + "%"}})
	}
	return out, nil
}

func stateClause(state string) ([]clause, error) {
	switch state {
	case "", Open:
		return []clause{{"state = 'open'", nil}}, nil
	case Closed:
		return []clause{{"state = 'closed'", nil}}, nil
	case "all":
		return nil, nil
	}
	return nil, fleet.Invalid("state", "want open, closed or all")
}

func decisionClause(decision string, now int64) ([]clause, error) {
	switch decision {
	case "":
		return nil, nil
	case "undecided":
		return []clause{{"(decision = '' OR (ends > 0 AND ends <= ?))", []any{now}}}, nil
	case Mitigate, Defer, Accept:
		return []clause{{"decision = ? AND (ends = 0 OR ends > ?)", []any{decision, now}}}, nil
	}
	return nil, fleet.Invalid("decision", "want mitigate, defer, accept or undecided")
}

func levelClause(name string) ([]clause, error) {
	if name == "" {
		return nil, nil
	}
	l, ok := parseLevel(name)
	if !ok {
		return nil, fleet.Invalid("level", "want "+strings.Join(levelNames[1:], ", ")+" or a number from 1 to 5")
	}
	return []clause{{"level = ?", []any{int(l)}}}, nil
}

func scopeClause(name string) ([]clause, error) {
	if name == "" {
		return nil, nil
	}
	if !knownScope(name) {
		return nil, fleet.Invalid("scope", "want "+strings.Join(scopeNames(), ", "))
	}
	return []clause{{"id IN (SELECT risk FROM risk_scope WHERE scope = ?)", []any{name}}}, nil
}
