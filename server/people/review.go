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
	"github.com/thingward/thingward/server/bus"
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
	Devices  Devices
	Clock    clock.Clock
	Bus      *bus.Bus // nil: nothing is announced
}

// Reviews are the campaigns in which somebody decides on every account of people, services and devices (GVN-04). The
// platform makes the list; a reviewer keeps or rejects each line and never their own; what is rejected is dead in the transaction
// of the decision.
type Reviews struct {
	ReviewConfig
	live func(kind string, need access.Permission, value any)
}

// NewReviews brings the tables up to date.
func NewReviews(ctx context.Context, c ReviewConfig) (*Reviews, error) {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	return &Reviews{c, func(string, access.Permission, any) {}}, c.DB.Migrate(ctx, "people", migrations)
}

// Decision is what a reviewer decided about a line.
type Decision string

// The decisions. Nothing is the platform's: the account was disabled, or the device retired, and could not sign in anyway.
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
	Lines    []Line     `json:"lines,omitempty" doc:"Every person and service account; not in lists of reviews. Devices are in /reviews/{id}/lines, with these."`
	swept    time.Time
}

// LineCounts is how far a review is.
type LineCounts struct {
	Accounts  int `json:"accounts" doc:"Every line: people, services and devices."`
	Devices   int `json:"devices" doc:"How many of the lines are devices."`
	Undecided int `json:"undecided"`
	Kept      int `json:"kept"`
	Rejected  int `json:"rejected"`
	Disabled  int `json:"disabled" doc:"Disabled, or retired, before anybody decided."`
}

// Line is one account or device under review.
type Line struct {
	Account   string        `json:"account" doc:"Its id."`
	Name      string        `json:"name"`
	Kind      string        `json:"kind" enum:"person,service,device"`
	Type      string        `json:"type,omitempty" doc:"Of a device."`
	Site      string        `json:"site,omitempty" doc:"Of a device."`
	Roles     []access.Role `json:"roles" doc:"Of an account."`
	State     string        `json:"state" doc:"Of the account now; of a device now, and in a closed review at its close."`
	Created   time.Time     `json:"created"`
	LastLogin *time.Time    `json:"lastLogin,omitempty"`
	Expires   *time.Time    `json:"expires,omitempty"`
	Reviewed  *time.Time    `json:"reviewed,omitempty" doc:"When a review last kept it."`
	Added     time.Time     `json:"added" doc:"When it came onto the list: later than the review's opening for what was made meanwhile."`
	Decision  Decision      `json:"decision,omitempty" enum:"keep,reject,disabled"`
	Reason    string        `json:"reason,omitempty"`
	By        string        `json:"by,omitempty"`
	At        *time.Time    `json:"at,omitempty"`
}

// Open begins a review over every account and device there is.
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
		if err := s.fill(tx, &r, true); err != nil {
			return err
		}
		return s.record(ctx, tx, "review.opened", r, map[string]any{"review": r.ID, "title": title, "due": due, "accounts": r.Counts.Accounts - r.Counts.Devices, "devices": r.Counts.Devices})
	})
	if err != nil {
		return Review{}, err
	}
	return s.Review(ctx, r.ID)
}

// Review shows a review with the lines of its accounts. What was made since the last look comes onto the list of an open one.
func (s *Reviews) Review(ctx context.Context, ref string) (r Review, err error) {
	err = s.DB.Keep(ctx, func(tx *store.Tx) error {
		if r, err = findReview(tx, ref); err != nil {
			return err
		}
		return s.fill(tx, &r, false)
	})
	return r, err
}

// fill brings a review's lines up to date, reads those of accounts and counts them all. whole looks at every device again.
func (s *Reviews) fill(tx *store.Tx, r *Review, whole bool) (err error) {
	if r.Lines, err = s.refresh(tx, *r); err != nil {
		return err
	}
	if err := s.sweep(tx, *r, whole); err != nil {
		return err
	}
	r.count(s.Clock.Now())
	return countDevices(tx, r)
}

// refresh gives an open review a line for every account that has none, and reads those of accounts.
func (s *Reviews) refresh(tx *store.Tx, r Review) ([]Line, error) {
	lines, err := readAccountLines(tx, r.ID)
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
			if err := insertLine(tx, r.ID, l); err != nil {
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

// Close ends a review. It is refused (CodeConflict) while an account that can sign in or a device that is not retired is
// undecided; the first are named.
func (s *Reviews) Close(ctx context.Context, ref string) (Review, error) {
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		r, err := findReview(tx, ref)
		if err != nil {
			return err
		}
		if r.Closed != nil {
			return fleet.Errorf(fleet.CodeConflict, "the review %s is closed already", r.Title)
		}
		if err := s.fill(tx, &r, true); err != nil {
			return err
		}
		if err := undecided(tx, r); err != nil {
			return err
		}
		if err := closeReview(tx, r.ID, s.Clock.Now(), access.PartyOf(ctx).Name); err != nil {
			return err
		}
		return s.record(ctx, tx, "review.closed", r, map[string]any{"review": r.ID, "kept": r.Counts.Kept, "devices": r.Counts.Devices, "rejected": r.Counts.Rejected, "disabled": r.Counts.Disabled})
	})
	if err != nil {
		return Review{}, err
	}
	return s.Review(ctx, ref)
}

// undecided names the first accounts and devices that somebody must still decide on.
func undecided(tx *store.Tx, r Review) error {
	const shown = 10
	if r.Counts.Undecided == 0 {
		return nil
	}
	e := fleet.Errorf(fleet.CodeConflict, "%d accounts are undecided, devices included: keep or reject each of them first", r.Counts.Undecided)
	for _, l := range r.Lines {
		if l.owed() && len(e.Fields) < shown {
			e.Fields = append(e.Fields, fleet.FieldError{Path: "account " + l.Name, Message: "is undecided"})
		}
	}
	devices, err := readLines(tx, linesOf(r.ID, LineFilter{Kind: deviceKind, Decided: "none"}), shown-len(e.Fields))
	if err != nil {
		return err
	}
	for _, l := range devices {
		e.Fields = append(e.Fields, fleet.FieldError{Path: "device " + l.Name, Message: "is undecided"})
	}
	return e
}

// record writes what happened to a review into the log, and tells every node and every console that shows it.
func (s *Reviews) record(ctx context.Context, tx *store.Tx, typ string, r Review, data map[string]any) error {
	tx.OnCommit(func() { s.announce(r.ID) })
	return s.Audit.Record(tx, fleet.NewEvent(typ, s.Clock.Now(), access.PartyOf(ctx), fleet.Party{Kind: "review", ID: r.ID, Name: r.Title}, data))
}

// Changed says which review changed, to consoles that show it.
type Changed struct {
	ID string `json:"id"`
}

func (s *Reviews) announce(review string) {
	if s.Bus != nil {
		_ = s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: "review", ID: review}) // it is news for those who listen; the log has it
	}
	s.live("review", access.AccountRead, Changed{review})
}

func clip(s string) string {
	const most = 200
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
