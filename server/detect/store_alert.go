package detect

import (
	"context"
	"encoding/json"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

const alertColumns = `id, rule, control, title, severity, text, state, subject_kind, subject_id, subject_name, subject_address, count, first, last, raised,
	notified, owner, acknowledged, closed, closed_by, cleared, cause, remedy, events, crossed`

type scanner interface{ Scan(...any) error }

func scanAlert(row scanner) (*Alert, error) {
	var al Alert
	var severity, state, events string
	var first, last, raised, notified, acknowledged, closed, cleared, crossed int64
	err := row.Scan(&al.ID, &al.Rule, &al.Control, &al.Title, &severity, &al.Text, &state, &al.Subject.Kind, &al.Subject.ID, &al.Subject.Name, &al.Subject.Address,
		&al.Count, &first, &last, &raised, &notified, &al.Owner, &acknowledged, &closed, &al.ClosedBy, &cleared, &al.Cause, &al.Remedy, &events, &crossed)
	if store.IsNoRows(err) {
		return nil, errNoAlert
	}
	if err != nil {
		return nil, err
	}
	al.Severity, al.State = fleet.Severity(severity), AlertState(state)
	al.First, al.Last, al.Raised, al.Crossed = store.FromTime(first), store.FromTime(last), store.FromTime(raised), store.FromTime(crossed)
	al.Notified, al.Acknowledged, al.Closed, al.Cleared = optional(notified), optional(acknowledged), optional(closed), optional(cleared)
	return &al, json.Unmarshal([]byte(events), &al.Events)
}

func optional(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := store.FromTime(us)
	return &t
}

func stored(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return store.Time(*t)
}

func readAlert(tx *store.Tx, ref string) (*Alert, error) {
	if !id.Valid(ref) {
		return nil, errNoAlert
	}
	return scanAlert(tx.QueryRow("SELECT "+alertColumns+" FROM detect_alert WHERE id = ?", ref))
}

// readOpenAlert finds the alert of a rule and subject that is not closed; nil when there is none.
func readOpenAlert(tx *store.Tx, rule string, subject fleet.Party) (*Alert, error) {
	al, err := scanAlert(tx.QueryRow("SELECT "+alertColumns+" FROM detect_alert WHERE rule = ? AND subject_kind = ? AND subject_id = ? AND state <> 'closed'", rule, subject.Kind, subject.ID))
	if fleet.CodeOf(err) == fleet.CodeNotFound {
		return nil, nil //nolint:nilnil // no alert is a normal answer
	}
	return al, err
}

func countOpen(tx *store.Tx, rule string) (n int, err error) {
	err = tx.QueryRow("SELECT COUNT(*) FROM detect_alert WHERE rule = ? AND state <> 'closed'", rule).Scan(&n)
	return n, err
}

func insertAlert(tx *store.Tx, al *Alert) error {
	events, err := json.Marshal(al.Events)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO detect_alert ("+alertColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		al.ID, al.Rule, al.Control, al.Title, string(al.Severity), al.Text, string(al.State), al.Subject.Kind, al.Subject.ID, al.Subject.Name, al.Subject.Address,
		al.Count, store.Time(al.First), store.Time(al.Last), store.Time(al.Raised), stored(al.Notified), al.Owner, stored(al.Acknowledged), stored(al.Closed), al.ClosedBy,
		stored(al.Cleared), al.Cause, al.Remedy, string(events), store.Time(al.Crossed))
	return err
}

// updateAlert writes what can change, but not when it was delivered, which has its own writer.
func updateAlert(tx *store.Tx, al *Alert) error {
	events, err := json.Marshal(al.Events)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE detect_alert SET state = ?, count = ?, first = ?, last = ?, owner = ?, acknowledged = ?, closed = ?, closed_by = ?, cleared = ?, cause = ?, remedy = ?, events = ?
		WHERE id = ?`, string(al.State), al.Count, store.Time(al.First), store.Time(al.Last), al.Owner, stored(al.Acknowledged), stored(al.Closed), al.ClosedBy,
		stored(al.Cleared), al.Cause, al.Remedy, string(events), al.ID)
	return err
}

// AlertFilter says which alerts a list holds. Empty fields do not restrict it.
type AlertFilter struct {
	States     []string
	Severities []string
	Rule       string
	Subject    string // id or name
	Text       string // part of title, rule, subject
	Limit      int
	Before     time.Time // with BeforeID: after which alert the page begins
	BeforeID   string
}

func (f AlertFilter) conditions() (c conditions) {
	c.oneOf("state", f.States)
	c.oneOf("severity", f.Severities)
	if f.Rule != "" {
		c.and("(rule = ? OR control = ?)", f.Rule, f.Rule)
	}
	if f.Subject != "" {
		c.and("(subject_id = ? OR subject_name = ?)", f.Subject, f.Subject)
	}
	c.like(f.Text, "title", "rule", "subject_name", "subject_id", "subject_address")
	return c
}

// Alerts lists alerts, newest first, up to Limit, and how many there are.
func (s *Service) Alerts(ctx context.Context, f AlertFilter) (all []*Alert, total int, err error) {
	c := f.conditions()
	if err := s.DB.QueryRow(ctx, "SELECT COUNT(*) FROM detect_alert"+c.where(), c.args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	if f.BeforeID != "" {
		c.and("(raised < ? OR (raised = ? AND id < ?))", store.Time(f.Before), store.Time(f.Before), f.BeforeID)
	}
	rows, err := s.DB.Query(ctx, "SELECT "+alertColumns+" FROM detect_alert"+c.where()+" ORDER BY raised DESC, id DESC LIMIT ?", append(c.args, f.Limit)...)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		al, err := scanAlert(rows)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, al)
	}
	return all, total, rows.Err()
}

// Alert reads one alert with its deliveries.
func (s *Service) Alert(ctx context.Context, ref string) (*Alert, error) {
	if !id.Valid(ref) {
		return nil, errNoAlert
	}
	al, err := scanAlert(s.DB.QueryRow(ctx, "SELECT "+alertColumns+" FROM detect_alert WHERE id = ?", ref))
	if err != nil {
		return nil, err
	}
	al.Deliveries, err = s.deliveriesOf(ctx, ref)
	return al, err
}

// OpenAlerts counts the alerts that are not closed, by severity.
func (s *Service) OpenAlerts(ctx context.Context) (map[string]int, error) {
	return s.tally(ctx, "SELECT severity, COUNT(*) FROM detect_alert WHERE state <> 'closed' GROUP BY severity")
}
