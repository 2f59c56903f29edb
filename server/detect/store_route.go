package detect

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

// storedRoute is a route with its sealed secret.
type storedRoute struct {
	Route
	sealed []byte
}

func plain(stored []storedRoute) []Route {
	out := make([]Route, len(stored))
	for i, r := range stored {
		out[i] = r.Route
	}
	return out
}

const routeQuery = "SELECT body, secret FROM detect_route ORDER BY name"

func scanRoutes(rows *sql.Rows, err error) (all []storedRoute, _ error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var body string
		var r storedRoute
		if err := rows.Scan(&body, &r.sealed); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), &r.Route); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// replaceRoutes writes the routes anew. What still waits for a route that is gone is dropped.
func replaceRoutes(tx *store.Tx, routes []storedRoute) error {
	if _, err := tx.Exec("DELETE FROM detect_route"); err != nil {
		return err
	}
	for _, r := range routes {
		body, err := json.Marshal(r.Route) //nolint:gosec // its secret is empty here: it was sealed
		if err != nil {
			return err
		}
		if r.sealed == nil {
			r.sealed = []byte{}
		}
		if _, err := tx.Exec("INSERT INTO detect_route (name, body, secret) VALUES (?, ?, ?)", r.Name, string(body), r.sealed); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`UPDATE detect_delivery SET state = 'dropped', done = due, error = 'the route was removed'
		WHERE state = 'pending' AND route <> ? AND route NOT IN (SELECT name FROM detect_route)`, quarantineRoute)
	return err
}

const settingQuery = "SELECT id, threshold, seconds, routes FROM detect_rule"

func (s *Service) readSettings(ctx context.Context) (map[string]Setting, error) {
	return scanSettings(s.DB.Query(ctx, settingQuery))
}

func scanSettings(rows *sql.Rows, err error) (map[string]Setting, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := map[string]Setting{}
	for rows.Next() {
		var set Setting
		var routes string
		if err := rows.Scan(&set.ID, &set.Threshold, &set.Window, &routes); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(routes), &set.Routes); err != nil {
			return nil, err
		}
		all[set.ID] = set
	}
	return all, rows.Err()
}

func replaceSettings(tx *store.Tx, settings []Setting) error {
	if _, err := tx.Exec("DELETE FROM detect_rule"); err != nil {
		return err
	}
	for _, set := range settings {
		routes, err := json.Marshal(set.Routes)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO detect_rule (id, threshold, seconds, routes) VALUES (?, ?, ?, ?)", set.ID, set.Threshold, set.Window, string(routes)); err != nil {
			return err
		}
	}
	return nil
}

// delivery is an alert waiting for its route.
type delivery struct {
	id, alert, route string
	tries            int
	due              int64
}

func insertDelivery(tx *store.Tx, alert, route string, now time.Time) error {
	_, err := tx.Exec("INSERT INTO detect_delivery (id, alert, route, state, tries, due, error, created, done) VALUES (?, ?, ?, 'pending', 0, ?, '', ?, 0)",
		id.New(), alert, route, store.Time(now), store.Time(now))
	return err
}

// claim takes the next delivery of a route that is due, by moving its time past the lease: should this process end now, it
// comes again then. ok is false when nothing is due.
func claim(tx *store.Tx, route string, now time.Time, lease time.Duration) (d delivery, ok bool, err error) {
	err = tx.QueryRow("SELECT id, alert, route, tries, due FROM detect_delivery WHERE state = 'pending' AND route = ? AND due <= ? ORDER BY due, id LIMIT 1", route, store.Time(now)).
		Scan(&d.id, &d.alert, &d.route, &d.tries, &d.due)
	if store.IsNoRows(err) {
		return d, false, nil
	}
	if err != nil {
		return d, false, err
	}
	n, err := tx.Exec("UPDATE detect_delivery SET due = ?, tries = tries + 1 WHERE id = ? AND state = 'pending' AND due = ?", store.Time(now.Add(lease)), d.id, d.due)
	d.tries++
	return d, n == 1, err
}

func markDelivered(tx *store.Tx, d delivery, now time.Time) error {
	if _, err := tx.Exec("UPDATE detect_delivery SET state = 'delivered', done = ?, error = '' WHERE id = ?", store.Time(now), d.id); err != nil {
		return err
	}
	if d.route == quarantineRoute {
		return nil
	}
	_, err := tx.Exec("UPDATE detect_alert SET notified = ? WHERE id = ? AND notified = 0", store.Time(now), d.alert)
	return err
}

func markFailed(tx *store.Tx, d delivery, reason string, now time.Time) error {
	_, err := tx.Exec("UPDATE detect_delivery SET state = 'failed', done = ?, error = ? WHERE id = ?", store.Time(now), reason, d.id)
	return err
}

func markAgain(tx *store.Tx, d delivery, reason string, due time.Time) error {
	_, err := tx.Exec("UPDATE detect_delivery SET due = ?, error = ? WHERE id = ? AND state = 'pending'", store.Time(due), reason, d.id)
	return err
}

func (s *Service) deliveriesOf(ctx context.Context, alert string) (all []Delivery, err error) {
	rows, err := s.DB.Query(ctx, "SELECT route, state, tries, error, done FROM detect_delivery WHERE alert = ? ORDER BY route", alert)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var d Delivery
		var done int64
		if err := rows.Scan(&d.Route, &d.State, &d.Tries, &d.Error, &done); err != nil {
			return nil, err
		}
		d.Done = optional(done)
		all = append(all, d)
	}
	return all, rows.Err()
}
