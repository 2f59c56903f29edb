package people

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// condition is a WHERE text with its arguments.
type condition struct {
	text string
	args []any
}

func (c condition) and(text string, args ...any) condition {
	return condition{c.text + " AND " + text, append(slices.Clip(c.args), args...)}
}

// after goes on behind the last line of a page.
func (c condition) after(keys []string) condition {
	if len(keys) == 0 {
		return c
	}
	return c.and("(name, account) > (?, ?)", keys[0], keys[1])
}

// linesOf is the condition for a review's lines that a filter chooses.
func linesOf(review string, f LineFilter) condition {
	c := condition{"review = ?", []any{review}}
	decided := f.Decided
	if decided == "none" {
		c, decided = c.and("decision = ''"), ""
	}
	for _, eq := range [...][2]string{{"kind", f.Kind}, {"decision", decided}, {"type", f.Type}, {"site", f.Site}} {
		if eq[1] != "" {
			c = c.and(eq[0]+" = ?", eq[1])
		}
	}
	if q := strings.TrimSpace(f.Query); q != "" {
		c = c.and(`LOWER(name) LIKE ? ESCAPE '\'`, "%"+store.Like(strings.ToLower(q))+"%")
	}
	return c
}

func countLines(tx *store.Tx, c condition) (*int, error) {
	var n int
	err := tx.QueryRow("SELECT count(*) FROM people_review_line WHERE "+c.text, c.args...).Scan(&n)
	return &n, err
}

const lineColumns = "account, name, kind, roles, created, login, added, decision, reason, by_name, at, type, site, state FROM people_review_line"

// readLines reads at most limit lines by name.
func readLines(tx *store.Tx, c condition, limit int) (out []Line, err error) {
	rows, err := tx.Query("SELECT "+lineColumns+" WHERE "+c.text+" ORDER BY name, account LIMIT ?", append(slices.Clip(c.args), limit)...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		l, err := scanLine(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

func scanLine(row interface{ Scan(...any) error }) (l Line, err error) {
	var roles string
	var created, login, added, at int64
	if err := row.Scan(&l.Account, &l.Name, &l.Kind, &roles, &created, &login, &added, &l.Decision, &l.Reason, &l.By, &at, &l.Type, &l.Site, &l.State); err != nil {
		return l, err
	}
	l.Roles = []access.Role{}
	for r := range strings.FieldsFuncSeq(roles, func(r rune) bool { return r == ',' }) {
		l.Roles = append(l.Roles, access.Role(r))
	}
	l.Created, l.LastLogin, l.Added, l.At = store.FromTime(created), moment(login), store.FromTime(added), moment(at)
	return l, nil
}

// readAccountLines reads the lines of people and services; an installation has few.
func readAccountLines(tx *store.Tx, review string) (out []Line, err error) {
	const most = 1_000_000
	return readLines(tx, condition{"review = ? AND kind <> '" + deviceKind + "'", []any{review}}, most)
}

// findDeviceLine finds a device's line by id or name.
func findDeviceLine(tx *store.Tx, review, ref string) (l Line, found bool, err error) {
	l, err = scanLine(tx.QueryRow("SELECT "+lineColumns+" WHERE review = ? AND kind = '"+deviceKind+"' AND (account = ? OR name = ?) LIMIT 1", review, ref, ref))
	if store.IsNoRows(err) {
		return Line{}, false, nil
	}
	return l, err == nil, err
}

// countDevices adds the devices' lines to a review's counts.
func countDevices(tx *store.Tx, r *Review) (err error) {
	rows, err := tx.Query("SELECT decision, count(*) FROM people_review_line WHERE review = ? AND kind = '"+deviceKind+"' GROUP BY decision", r.ID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var d Decision
		var n int
		if err := rows.Scan(&d, &n); err != nil {
			return err
		}
		r.Counts.Accounts, r.Counts.Devices = r.Counts.Accounts+n, r.Counts.Devices+n
		switch d {
		case Keep:
			r.Counts.Kept += n
		case Rejects:
			r.Counts.Rejected += n
		case Nothing:
			r.Counts.Disabled += n
		default:
			r.Counts.Undecided += n
		}
	}
	return rows.Err()
}

// listDevices gives each device a line, or brings the one it has up to date, in one statement.
func listDevices(tx *store.Tx, review string, devices []fleet.Device, now time.Time) error {
	const row = "(?, ?, ?, '" + deviceKind + "', '', ?, 0, ?, '', '', '', '', 0, ?, ?, ?)"
	args := make([]any, 0, 8*len(devices))
	for _, d := range devices {
		args = append(args, review, d.ID, d.Name, store.Time(d.Created), store.Time(now), d.Type, d.Site, string(d.State))
	}
	_, err := tx.Exec(`INSERT INTO people_review_line (review, account, name, kind, roles, created, login, added, decision, reason, by_id, by_name, at, type, site, state)
  VALUES `+strings.Repeat(row+", ", len(devices)-1)+row+` ON CONFLICT (review, account) DO UPDATE SET type = excluded.type, site = excluded.site, state = excluded.state
  WHERE people_review_line.type <> excluded.type OR people_review_line.site <> excluded.site OR people_review_line.state <> excluded.state`, args...)
	return err
}

// releaseDevices notes that devices are retired: those that nobody decided on need no decision.
func releaseDevices(tx *store.Tx, review string, devices []fleet.Device) error {
	args := []any{string(fleet.Retired), string(Nothing), review}
	for _, d := range devices {
		args = append(args, d.ID)
	}
	_, err := tx.Exec("UPDATE people_review_line SET state = ?, decision = CASE WHEN decision = '' THEN ? ELSE decision END WHERE review = ? AND account IN ("+
		strings.Repeat("?, ", len(devices)-1)+"?) AND state <> '"+string(fleet.Retired)+"'", args...)
	return err
}

func sweptReview(tx *store.Tx, review string, at time.Time) error {
	_, err := tx.Exec("UPDATE people_review SET swept = ? WHERE id = ?", store.Time(at), review)
	return err
}

// keepLines keeps every undecided device that the filter chooses.
func keepLines(tx *store.Tx, review string, f DeviceFilter, l Line, by string) (int, error) {
	c := linesOf(review, LineFilter{Kind: deviceKind, Decided: "none", Type: f.Type, Site: f.Site})
	n, err := tx.Exec("UPDATE people_review_line SET decision = ?, reason = ?, by_id = ?, by_name = ?, at = ? WHERE "+c.text,
		append([]any{string(Keep), l.Reason, by, l.By, micros(l.At)}, c.args...)...)
	return int(n), err
}
