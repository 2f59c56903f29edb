package posture

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// Owners tells who may own a finding.
type Owners interface {
	// Active reports whether an account of that name is there and active.
	Active(ctx context.Context, name string) (bool, error)
}

// Assignment gives findings an owner, another due date, or both. A nil field stays as it is.
type Assignment struct {
	Owner *string
	Due   *time.Time
}

const (
	noteMost   = 10_000  // characters of a note
	notesMost  = 1000    // of one finding
	assignMost = 1000    // findings that one transaction assigns
	assignAll  = 100_000 // findings that one call assigns
	dueMost    = 2 * 365 * 24 * time.Hour
)

// checkAssignment refuses what no finding can be given.
func (s *Service) checkAssignment(ctx context.Context, a *Assignment) error {
	var faults []fleet.FieldError
	if a.Owner != nil {
		if *a.Owner = strings.TrimSpace(*a.Owner); *a.Owner != "" && s.Owners != nil {
			active, err := s.Owners.Active(ctx, *a.Owner)
			if err != nil {
				return err
			}
			if !active {
				faults = append(faults, fleet.FieldError{Path: "owner", Message: fmt.Sprintf("there is no active account %q: thingward account list shows them", *a.Owner)})
			}
		}
	}
	if a.Due != nil {
		now := s.Clock.Now()
		if due := a.Due.UTC(); !due.After(now) || due.After(now.Add(dueMost)) {
			faults = append(faults, fleet.FieldError{Path: "due", Message: "want a time to come, within two years"})
		}
	}
	if a.Owner == nil && a.Due == nil {
		faults = append(faults, fleet.FieldError{Path: "owner", Message: "give an owner, a due date or both"})
	}
	if len(faults) > 0 {
		return &fleet.Error{Code: fleet.CodeInvalid, Message: "the findings cannot be assigned like this", Fields: faults}
	}
	return nil
}

// Assign gives findings, by id, an owner or another due date, each with its entry in the log. One that is not there, or is closed,
// refuses them all.
func (s *Service) Assign(ctx context.Context, ids []string, a Assignment) error {
	if err := s.checkAssignment(ctx, &a); err != nil {
		return err
	}
	for part := range slices.Chunk(ids, assignMost) {
		err := s.book(ctx, s.DB.Change, func(tx *store.Tx, d *moves) error {
			for _, ref := range part {
				if err := s.assign(ctx, tx, ref, a, d); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) assign(ctx context.Context, tx *store.Tx, ref string, a Assignment, d *moves) error {
	var num uint64
	var state int
	var overdue bool
	g := giving{at: store.Time(s.Clock.Now())}
	err := tx.QueryRow("SELECT seq, num, state, owner, due, overdue FROM posture_finding WHERE id = ?", ref).Scan(&g.seq, &num, &state, &g.was, &g.wasDue, &overdue)
	switch {
	case store.IsNoRows(err):
		return errNoFinding(ref)
	case err != nil:
		return err
	case state == findingClosed:
		return fleet.Errorf(fleet.CodeConflict, "finding %s is closed: a failure that comes back opens a new one", ref)
	}
	g.owner, g.due = g.was, g.wasDue
	d.sums[entry{num, g.owner, what(state, overdue)}]--
	if a.Owner != nil {
		g.owner = *a.Owner
	}
	if a.Due != nil && store.Time(*a.Due) != g.due {
		g.due, overdue = store.Time(*a.Due), false
	}
	d.sums[entry{num, g.owner, what(state, overdue)}]++
	d.given = append(d.given, g)
	if _, err := tx.Exec("UPDATE posture_finding SET owner = ?, due = ?, overdue = ? WHERE id = ?", g.owner, g.due, overdue, ref); err != nil {
		return err
	}
	if err := storeGiving(tx, g); err != nil {
		return err
	}
	return s.Audit.Record(tx, fleet.NewEvent("finding.assigned", store.FromTime(g.at), access.PartyOf(ctx), fleet.Party{Kind: "finding", ID: ref, Name: s.names[num]},
		map[string]any{"finding": ref, "owner": g.owner, "due": store.FromTime(g.due)}))
}

func errNoFinding(ref string) error {
	return fleet.Errorf(fleet.CodeNotFound, "there is no finding %q: thingward finding list shows them", ref)
}

// AssignWhere assigns every open or excepted finding that a filter finds and says how many.
func (s *Service) AssignWhere(ctx context.Context, f FindingFilter, a Assignment) (int, error) {
	f.At, f.Sort, f.After, f.Limit = time.Time{}, "", "", 1000
	if f.State == "all" || f.State == string(FindingClosed) {
		return 0, fleet.Invalid("filter.state", "closed findings have no owner any more: want open or excepted")
	}
	var ids []string
	for {
		list, next, _, err := s.Findings(ctx, f)
		if err != nil {
			return 0, err
		}
		for _, one := range list {
			ids = append(ids, one.ID)
		}
		if len(ids) > assignAll {
			return 0, fleet.Invalid("filter", fmt.Sprintf("finds more than %d findings: narrow it", assignAll))
		}
		if f.After = next; next == "" {
			break
		}
	}
	if len(ids) == 0 {
		return 0, fleet.Errorf(fleet.CodeNotFound, "the filter finds no open finding")
	}
	return len(ids), s.Assign(ctx, ids, a)
}

// Note adds a note to a finding, open or closed.
func (s *Service) Note(ctx context.Context, ref, text string) (Note, error) {
	text = strings.TrimSpace(text)
	if n := len([]rune(text)); n == 0 || n > noteMost {
		return Note{}, fleet.Invalid("text", fmt.Sprintf("want 1 to %d characters", noteMost))
	}
	by := access.PartyOf(ctx)
	note := Note{s.Clock.Now(), by.Name, text}
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec("UPDATE posture_finding SET notes = notes + 1 WHERE id = ? AND notes < ?", ref, notesMost)
		if err != nil {
			return err
		}
		if n == 0 {
			return s.unnotable(tx, ref)
		}
		if _, err := tx.Exec("INSERT INTO posture_note (id, finding, at, author, body) VALUES (?, ?, ?, ?, ?)", id.New(), ref, store.Time(note.At), note.By, note.Text); err != nil {
			return err
		}
		return s.Audit.Record(tx, fleet.NewEvent("finding.noted", note.At, by, fleet.Party{Kind: "finding", ID: ref}, map[string]any{"finding": ref, "text": text}))
	})
	return note, err
}

func (s *Service) unnotable(tx *store.Tx, ref string) error {
	var n int
	if err := tx.QueryRow("SELECT COUNT(*) FROM posture_finding WHERE id = ?", ref).Scan(&n); err != nil {
		return err
	}
	if n == 0 {
		return errNoFinding(ref)
	}
	return fleet.Errorf(fleet.CodeConflict, "the finding has %d notes, the most there can be", notesMost)
}

// Finding reads one finding with its notes.
func (s *Service) Finding(ctx context.Context, ref string) (FindingDetail, error) {
	rows, err := s.DB.Query(ctx, "SELECT "+findingColumns+" FROM posture_finding WHERE id = ?", ref)
	if err != nil {
		return FindingDetail{}, err
	}
	list, err := s.scanFindings(rows, s.Clock.Now())
	if err != nil {
		return FindingDetail{}, err
	}
	if len(list) == 0 {
		return FindingDetail{}, errNoFinding(ref)
	}
	d := FindingDetail{Finding: list[0], Log: []Note{}}
	if c := s.byID[d.Control]; c != nil {
		d.Remedy = c.def.ClearsWhen
	}
	rows, err = s.DB.Query(ctx, "SELECT at, author, body FROM posture_note WHERE finding = ? ORDER BY at, id", ref)
	if err != nil {
		return d, err
	}
	return d, eachRow(rows, func(scan func(...any) error) error {
		var n Note
		var at int64
		err := scan(&at, &n.By, &n.Text)
		n.At = store.FromTime(at)
		d.Log = append(d.Log, n)
		return err
	})
}
