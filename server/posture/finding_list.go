package posture

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// FindingFilter says which findings to list; empty fields do not narrow.
type FindingFilter struct {
	State    string // open, excepted, closed or all; empty: open
	Control  string
	Domain   string
	Check    string
	Owner    string // an account's name, or Unowned
	Severity fleet.Severity
	Overdue  bool
	Subject  string    // id or name
	Query    string    // part of a subject's or a check's name
	At       time.Time // as they stood then; zero: now
	Sort     string    // -opened (the default), due or control
	Total    bool      // of a past moment: count them too
	After    string    // cursor
	Limit    int
}

// Unowned is the owner of findings that nobody has.
const Unowned = "-"

// search is a filter worked out.
type search struct {
	states   []int
	checks   []uint64 // in order of their names; nil: any
	owner    *string
	overdue  bool
	subjects []string // only these; nil: any
	text     string   // lower case
	exact    string   // the text as it was given
	said     []uint64 // checks that the text names
	named    []string // subjects that the text names, where they are few
	dense    bool     // the text names many: walk until enough match
	sort     string
	keys     []int64 // of the cursor
	now      int64
	limit    int
}

// Findings lists findings, with the cursor of the next page and their number where that is known without counting.
func (s *Service) Findings(ctx context.Context, f FindingFilter) (list []Finding, next string, total *int, err error) {
	q, err := s.plan(f)
	if err != nil {
		return nil, "", nil, err
	}
	all := s.ledger.copy()
	if !f.At.IsZero() {
		n := 0
		if list, n, err = s.findingsAt(ctx, q, f.At, f.Total); f.Total {
			total = &n
		}
	} else {
		total = q.total(all)
		list, err = s.walk(ctx, q, all)
	}
	if err == nil && len(list) > q.limit {
		list = list[:q.limit]
		next = q.cursor(list[q.limit-1])
	}
	return list, next, total, err
}

func (s *Service) plan(f FindingFilter) (*search, error) {
	q := &search{sort: cmp.Or(f.Sort, "-opened"), overdue: f.Overdue, now: store.Time(s.Clock.Now()), limit: cmp.Or(f.Limit, 100)}
	switch f.State {
	case "", string(FindingOpen):
		q.states = []int{findingOpen}
	case "all":
		q.states = []int{findingOpen, findingExcepted, findingClosed}
	default:
		q.states = []int{max(0, slices.Index(findingStates, FindingState(f.State)))}
	}
	if f.Overdue {
		q.states = []int{findingOpen}
	}
	if f.Control+f.Domain+f.Check+string(f.Severity) != "" || q.sort == "control" {
		q.checks = s.checksWhere(f)
	}
	if f.Owner != "" {
		owner := strings.TrimPrefix(f.Owner, Unowned)
		q.owner = &owner
	}
	if f.Subject != "" {
		q.subjects = s.subjectsNamed(f.Subject)
	}
	s.planText(q, f.Query, f.At.IsZero())
	return q, q.parse(f.After)
}

// checksWhere lists the numbers of checks that a filter means, those that are no more among them.
func (s *Service) checksWhere(f FindingFilter) []uint64 {
	out := []uint64{}
	for num, id := range s.names {
		control, _, _ := strings.Cut(id, "/")
		domain, _, _ := strings.Cut(control, "-")
		severity := fleet.Medium
		if i, ok := s.byNum[num]; ok {
			severity = s.severity(i)
		}
		if (f.Control == "" || strings.EqualFold(control, f.Control)) && (f.Domain == "" || strings.EqualFold(domain, f.Domain)) &&
			(f.Check == "" || id == f.Check) && (f.Severity == "" || severity == f.Severity) {
			out = append(out, num)
		}
	}
	slices.SortFunc(out, func(a, b uint64) int { return cmp.Compare(s.names[a], s.names[b]) })
	return out
}

// subjectsNamed lists the ids of subjects with that id or name.
func (s *Service) subjectsNamed(ref string) []string {
	out := []string{ref}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range s.state.populations {
		if p.subjects[ref] != nil {
			continue
		}
		for _, sub := range p.subjects {
			if sub.Name == ref {
				out = append(out, sub.ID)
			}
		}
	}
	return out
}

// textFew is how many subjects may match a text for the search to start from them; where more do, a walk in the list's order soon
// finds enough.
const textFew = 200

// planText works out which checks and subjects a text names: any part of the names of checks and of subjects that are there, and the
// id of those that are gone. Of a past moment the names are those that the findings were opened with.
func (s *Service) planText(q *search, text string, present bool) {
	q.exact = strings.TrimSpace(text)
	q.text = strings.ToLower(q.exact)
	if q.text == "" {
		return
	}
	for i := range s.Checks {
		if c := &s.Checks[i]; strings.Contains(strings.ToLower(c.ID+" "+c.Title), q.text) {
			q.said = append(q.said, s.nums[i])
		}
	}
	if !present {
		return
	}
	s.mu.RLock()
	for _, p := range s.state.populations {
		for _, sub := range p.subjects {
			if len(q.named) <= textFew && (strings.Contains(strings.ToLower(sub.Name), q.text) || sub.ID == q.text) {
				q.named = append(q.named, sub.ID)
			}
		}
	}
	s.mu.RUnlock()
	q.named = append(q.named, strings.TrimSpace(text)) // the id of one that is gone
	slices.Sort(q.named)
	q.named = slices.Compact(q.named)
	q.dense = len(q.named) > textFew || q.subjects != nil
}

// parse takes the cursor apart.
func (q *search) parse(cursor string) error {
	keys, ok, err := api.ParseCursor(cursor, map[string]int{"-opened": 1, "due": 2, "control": 2}[q.sort])
	if err != nil || !ok {
		return err
	}
	for _, k := range keys {
		n, err := strconv.ParseInt(k, 10, 64)
		if err != nil {
			return fleet.Invalid("after", "is no cursor of this list: leave it out to begin at the first page")
		}
		q.keys = append(q.keys, n)
	}
	return nil
}

// cursor is the place of a finding in the list.
func (q *search) cursor(f Finding) string {
	seq := strconv.FormatInt(f.seq, 10)
	switch q.sort {
	case "due":
		return api.Cursor(strconv.FormatInt(store.Time(f.Due), 10), seq)
	case "control":
		return api.Cursor(strconv.FormatUint(f.num, 10), seq)
	default:
		return api.Cursor(seq)
	}
}

// number counts what the ledger says about a check, or all of them, in a state.
func (q *search) number(all sums, num *uint64, state int) (n int) {
	for e, count := range all {
		if num != nil && e.num != *num || q.owner != nil && e.owner != *q.owner || q.checks != nil && num == nil && !slices.Contains(q.checks, e.num) {
			continue
		}
		switch {
		case e.what == state && !q.overdue, e.what == entryOverdue && state == findingOpen:
			n += count
		}
	}
	return n
}

// total is how many findings the search finds, nil where only counting them would tell.
func (q *search) total(all sums) *int {
	if q.subjects != nil || q.text != "" {
		return nil
	}
	n := 0
	for _, state := range q.states {
		n += q.number(all, nil, state)
	}
	return &n
}
