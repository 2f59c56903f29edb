package risk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// Filter says which risks a list holds, in which order and from where.
type Filter struct {
	State    string // open, closed, all; open unless given
	Decision string // mitigate, defer, accept: that counts now; undecided
	Level    string // by name or number
	System   string // by name
	Site     string
	Owner    string // account name
	Scope    string
	Overdue  bool // a mitigation is past its due date
	Safety   bool
	Query    string
	Sort     string
	Limit    int
	After    string
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

// List lists risks.
func (s *Service) List(ctx context.Context, f Filter) (api.Page[View], error) {
	o, err := orderOf(f.Sort)
	if err != nil {
		return api.Page[View]{}, err
	}
	where, err := s.where(f)
	if err != nil {
		return api.Page[View]{}, err
	}
	total, err := s.count(ctx, where)
	if err != nil {
		return api.Page[View]{}, err
	}
	beyond, err := o.beyond(f.After)
	if err != nil {
		return api.Page[View]{}, err
	}
	text, args := whereText(append(slices.Clone(where), beyond...))
	var items []View
	err = s.each(ctx, func(r Risk) error {
		items = append(items, s.view(r))
		return nil
	}, "SELECT body FROM risk_risk"+text+" ORDER BY "+o.by()+" LIMIT ?", append(args, f.Limit+1)...)
	return api.NewList(items, f.Limit, &total, func(v View) string { return o.cursor(v.Risk) }).Body, err
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
	if err := join(stateErr, decisionErr, levelErr, scopeErr, text("q", f.Query, 200, false, false)); err != nil {
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

// order is a list's sort, taken apart: the column, and the id where that is the same.
type order struct {
	name, column string
	number, down bool
}

// sorts are the orders a list can have; true where the column is a number.
var sorts = map[string]bool{"level": true, "created": true, "changed": true, "ends": true, "due": true, "title": false, "owner": false, "system": false}

func orderOf(sort string) (order, error) {
	if sort == "" {
		sort = "-level"
	}
	name, down := strings.CutPrefix(sort, "-")
	number, ok := sorts[name]
	if !ok {
		return order{}, fleet.Invalid("sort", fmt.Sprintf("%q is no order of this list: want level, created, changed, ends, due, title, owner or system, with - before it for the other way round", clip(sort)))
	}
	return order{name: sort, column: name, number: number, down: down}, nil
}

func (o order) by() string {
	if o.down {
		return o.column + " DESC, id DESC"
	}
	return o.column + ", id"
}

// cursor holds the order and the keys of the last risk of a page.
func (o order) cursor(r Risk) string {
	ends := int64(0)
	if r.Decision != nil {
		ends = micros(r.Decision.Ends)
	}
	keys := map[string]string{
		"level": strconv.Itoa(int(r.Level)), "created": strconv.FormatInt(store.Time(r.Created), 10), "changed": strconv.FormatInt(store.Time(r.Changed), 10),
		"ends": strconv.FormatInt(ends, 10), "due": strconv.FormatInt(micros(r.due()), 10), "title": r.Title, "owner": r.Owner, "system": r.System,
	}
	return api.Cursor(o.name, keys[o.column], r.ID)
}

// beyond is the condition for what comes after a cursor; none without one.
func (o order) beyond(after string) ([]clause, error) {
	keys, ok, err := api.ParseCursor(after, 3)
	if err != nil || !ok {
		return nil, err
	}
	if keys[0] != o.name {
		return nil, fleet.Invalid("after", "is a cursor of another order: leave it out to begin at the first page")
	}
	var key any = keys[1]
	if o.number {
		if key, err = strconv.ParseInt(keys[1], 10, 64); err != nil {
			return nil, fleet.Invalid("after", "is no cursor of this list: leave it out to begin at the first page")
		}
	}
	if err := join(text("after", keys[1], 400, false, false), text("after", keys[2], 40, true, false)); err != nil {
		return nil, err
	}
	sign := ">"
	if o.down {
		sign = "<"
	}
	return []clause{{"(" + o.column + ", id) " + sign + " (?, ?)", []any{key, keys[2]}}}, nil
}
