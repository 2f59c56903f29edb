package people

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

const (
	reviewReason = 500 // characters
	reviewTitle  = 200
	reviewAhead  = 366 * 24 * time.Hour // a review that may take longer than a year reviews nothing
)

// Accounts is what reviews need of package access.
type Accounts interface {
	EveryAccount(tx *store.Tx) ([]access.Account, error)
	Reviewed(tx *store.Tx, accountID string, at time.Time) error
	Reject(ctx context.Context, tx *store.Tx, accountID, reason string) error
}

// ReviewConfig is what Reviews need.
type ReviewConfig struct {
	DB       *store.DB
	Audit    *audit.Log
	Accounts Accounts
	Clock    clock.Clock
}

// Reviews are the campaigns in which somebody decides on every account (GVN-04). The platform makes the list; a reviewer
// keeps or rejects each account and never their own; a rejected account is dead in the transaction of the decision.
type Reviews struct{ ReviewConfig }

// NewReviews brings the tables up to date.
func NewReviews(ctx context.Context, c ReviewConfig) (*Reviews, error) {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	return &Reviews{c}, c.DB.Migrate(ctx, "people", migrations)
}

// Decision is what a reviewer decided about an account.
type Decision string

// The decisions. Nothing is the platform's: the account was disabled and could not sign in anyway.
const (
	Keep    Decision = "keep"
	Rejects Decision = "reject"
	Nothing Decision = "disabled"
)

// Review is an access review.
type Review struct {
	ID       string     `json:"id"`
	Title    string     `json:"title"`
	State    string     `json:"state" enum:"open,closed"`
	Due      time.Time  `json:"due"`
	Overdue  bool       `json:"overdue"`
	Opened   time.Time  `json:"opened"`
	OpenedBy string     `json:"openedBy"`
	Closed   *time.Time `json:"closed,omitempty"`
	ClosedBy string     `json:"closedBy,omitempty"`
	Counts   LineCounts `json:"counts"`
	Lines    []Line     `json:"lines,omitempty" doc:"Every account; not in lists of reviews."`
}

// LineCounts is how far a review is.
type LineCounts struct {
	Accounts  int `json:"accounts"`
	Undecided int `json:"undecided"`
	Kept      int `json:"kept"`
	Rejected  int `json:"rejected"`
	Disabled  int `json:"disabled" doc:"Disabled before anybody decided."`
}

// Line is one account under review.
type Line struct {
	Account   string        `json:"account" doc:"Its id."`
	Name      string        `json:"name"`
	Kind      string        `json:"kind" enum:"person,service"`
	Roles     []access.Role `json:"roles"`
	State     string        `json:"state" doc:"Of the account now."`
	Created   time.Time     `json:"created"`
	LastLogin *time.Time    `json:"lastLogin,omitempty"`
	Expires   *time.Time    `json:"expires,omitempty"`
	Reviewed  *time.Time    `json:"reviewed,omitempty" doc:"When a review last kept it."`
	Added     time.Time     `json:"added" doc:"When it came onto the list: later than the review's opening for accounts made meanwhile."`
	Decision  Decision      `json:"decision,omitempty" enum:"keep,reject,disabled"`
	Reason    string        `json:"reason,omitempty"`
	By        string        `json:"by,omitempty"`
	At        *time.Time    `json:"at,omitempty"`
}

// Open begins a review over every account there is.
func (s *Reviews) Open(ctx context.Context, title string, due time.Time) (Review, error) {
	now := s.Clock.Now()
	switch {
	case strings.TrimSpace(title) == "" || len(title) > reviewTitle:
		return Review{}, fleet.Invalid("title", fmt.Sprintf("want 1 to %d characters", reviewTitle))
	case !due.After(now):
		return Review{}, fleet.Invalid("due", "lies in the past: give the day by which every account must be decided")
	case due.Sub(now) > reviewAhead:
		return Review{}, fleet.Invalid("due", "is more than a year away, and accounts must be reviewed within a year")
	}
	r := Review{ID: id.New(), Title: title, Due: due.UTC(), Opened: now, OpenedBy: access.PartyOf(ctx).Name}
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		if err := insertReview(tx, r); err != nil {
			return err
		}
		lines, err := s.refresh(tx, r.ID)
		if err != nil {
			return err
		}
		return s.record(ctx, tx, "review.opened", r, map[string]any{"review": r.ID, "title": title, "due": due, "accounts": len(lines)})
	})
	if err != nil {
		return Review{}, err
	}
	return s.Review(ctx, r.ID)
}

// Review shows a review with its lines. Accounts made since the last look come onto the list of an open one.
func (s *Reviews) Review(ctx context.Context, ref string) (r Review, err error) {
	err = s.DB.Keep(ctx, func(tx *store.Tx) error {
		if r, err = findReview(tx, ref); err != nil {
			return err
		}
		if r.Lines, err = s.refresh(tx, r.ID); err != nil {
			return err
		}
		r.count(s.Clock.Now())
		return nil
	})
	return r, err
}

// refresh gives an open review a line for every account that has none, and reads them all.
func (s *Reviews) refresh(tx *store.Tx, review string) ([]Line, error) {
	r, err := findReview(tx, review)
	if err != nil {
		return nil, err
	}
	lines, err := readLines(tx, review)
	if err != nil {
		return nil, err
	}
	accounts, err := s.Accounts.EveryAccount(tx)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, l := range lines {
		at[l.Account] = i
	}
	for _, a := range accounts {
		i, listed := at[a.ID]
		if !listed && r.Closed == nil {
			l := lineOf(a, s.Clock.Now())
			if err := insertLine(tx, review, l); err != nil {
				return nil, err
			}
			i, lines = len(lines), append(lines, l)
			listed = true
		}
		if listed {
			lines[i].State, lines[i].Expires, lines[i].Reviewed = string(a.State), a.Expires, a.Reviewed
		}
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return strings.Compare(a.Name, b.Name) })
	return lines, nil
}

func lineOf(a access.Account, now time.Time) Line {
	return Line{Account: a.ID, Name: a.Name, Kind: string(a.Kind), Roles: a.Roles, State: string(a.State), Created: a.Created, LastLogin: a.LastLogin, Added: now}
}

// owed tells whether somebody must still decide on the account.
func (l Line) owed() bool { return l.Decision == "" && l.State != string(access.Disabled) }

func (r *Review) count(now time.Time) {
	r.State = "open"
	if r.Closed != nil {
		r.State = "closed"
	}
	r.Overdue = r.Closed == nil && now.After(r.Due)
	r.Counts = LineCounts{Accounts: len(r.Lines)}
	for _, l := range r.Lines {
		switch {
		case l.owed() && r.Closed == nil:
			r.Counts.Undecided++
		case l.Decision == Keep:
			r.Counts.Kept++
		case l.Decision == Rejects:
			r.Counts.Rejected++
		default:
			r.Counts.Disabled++
		}
	}
}

// Decide keeps or rejects one account, given by id or name. A decision may be changed while the review is open; a rejected
// account stays disabled until an administrator enables it. Errors: CodeInvalid, CodeNotFound, CodeConflict for one's own
// account, for the last administrator and for a closed review.
func (s *Reviews) Decide(ctx context.Context, ref, account string, d Decision, reason string) (line Line, err error) {
	switch {
	case d != Keep && d != Rejects:
		return Line{}, fleet.Invalid("decision", "want keep or reject")
	case strings.TrimSpace(reason) == "":
		return Line{}, fleet.Invalid("reason", "is required: whoever audits the review wants to know why")
	case len(reason) > reviewReason:
		return Line{}, fleet.Invalid("reason", fmt.Sprintf("is longer than %d characters", reviewReason))
	}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		line, err = s.decide(ctx, tx, ref, account, d, reason)
		return err
	})
	return line, err
}

func (s *Reviews) decide(ctx context.Context, tx *store.Tx, ref, account string, d Decision, reason string) (Line, error) {
	r, err := findReview(tx, ref)
	if err != nil {
		return Line{}, err
	}
	if r.Closed != nil {
		return Line{}, fleet.Errorf(fleet.CodeConflict, "the review %s is closed: open another one", r.Title)
	}
	lines, err := s.refresh(tx, r.ID)
	if err != nil {
		return Line{}, err
	}
	i := slices.IndexFunc(lines, func(l Line) bool { return l.Account == account || l.Name == account })
	if i < 0 {
		return Line{}, fleet.Errorf(fleet.CodeNotFound, "there is no account %q in this review: thingward review get %s shows them all", clip(account), r.ID)
	}
	l, by, now := lines[i], access.PartyOf(ctx), s.Clock.Now()
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
	return l, s.record(ctx, tx, "review.decided", r, map[string]any{"review": r.ID, "account": l.Name, "accountId": l.Account, "decision": d, "reason": reason})
}

// Close ends a review. It is refused (CodeConflict) while an account that can sign in is undecided; those are named.
func (s *Reviews) Close(ctx context.Context, ref string) (Review, error) {
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		r, err := findReview(tx, ref)
		if err != nil {
			return err
		}
		if r.Closed != nil {
			return fleet.Errorf(fleet.CodeConflict, "the review %s is closed already", r.Title)
		}
		if r.Lines, err = s.refresh(tx, r.ID); err != nil {
			return err
		}
		if err := undecided(r.Lines); err != nil {
			return err
		}
		r.count(s.Clock.Now())
		if err := closeReview(tx, r.ID, s.Clock.Now(), access.PartyOf(ctx).Name); err != nil {
			return err
		}
		return s.record(ctx, tx, "review.closed", r, map[string]any{"review": r.ID, "kept": r.Counts.Kept, "rejected": r.Counts.Rejected, "disabled": r.Counts.Disabled})
	})
	if err != nil {
		return Review{}, err
	}
	return s.Review(ctx, ref)
}

// undecided names the first accounts that somebody must still decide on.
func undecided(lines []Line) error {
	const shown = 10
	var names []string
	for _, l := range lines {
		if l.owed() {
			names = append(names, l.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	e := fleet.Errorf(fleet.CodeConflict, "%d accounts are undecided: keep or reject each of them first", len(names))
	for _, n := range names[:min(len(names), shown)] {
		e.Fields = append(e.Fields, fleet.FieldError{Path: "account " + n, Message: "is undecided"})
	}
	return e
}

func (s *Reviews) record(ctx context.Context, tx *store.Tx, typ string, r Review, data map[string]any) error {
	return s.Audit.Record(tx, fleet.NewEvent(typ, s.Clock.Now(), access.PartyOf(ctx), fleet.Party{Kind: "review", ID: r.ID, Name: r.Title}, data))
}

func clip(s string) string {
	const most = 200
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
