package registry

import (
	"context"
	"errors"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

func whereText(clauses []clause) (text string, args []any) {
	var parts []string
	for _, c := range clauses {
		if c.sql != "" {
			parts = append(parts, c.sql)
			args = append(args, c.args...)
		}
	}
	if len(parts) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(parts, " AND "), args
}

// readDevices reads one page of devices with their firmware. The page is found first, by id alone: an index that covers
// filter and order answers that without reading the devices it skips.
func (s *Service) readDevices(ctx context.Context, clauses []clause, o order, limit int) ([]Listed, error) {
	where, args := whereText(clauses)
	query := "SELECT " + deviceColumns + ", COALESCE(t.firmware, '') FROM (SELECT d.id AS id FROM registry_device d" + where + " ORDER BY " + o.by() + " LIMIT ?) AS p " +
		"JOIN registry_device d ON d.id = p.id LEFT JOIN registry_twin t ON t.device = d.id ORDER BY " + o.by()
	rows, err := s.DB.Query(ctx, query, append(args, limit)...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Listed
	for rows.Next() {
		var l Listed
		if l.Device, err = scanDevice(rows, &l.Firmware); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// walkDevices reads the next devices in the order of their last change.
func walkDevices(tx *store.Tx, changed int64, after string) (out []fleet.Device, err error) {
	rows, err := tx.Query("SELECT "+deviceColumns+" FROM registry_device d WHERE (d.changed, d.id) > (?, ?) ORDER BY d.changed, d.id LIMIT ?", changed, after, walkBatch)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		d, err := scanDevice(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// total counts the whole list where that is cheap: from the tally, or from few matches.
func (s *Service) total(ctx context.Context, f Filter, clauses []clause, few bool) (*int, error) {
	var n int
	if f.Query != "" {
		if !few {
			return nil, nil //nolint:nilnil // nil is a total that is not known
		}
		where, args := whereText(clauses)
		err := s.DB.QueryRow(ctx, "SELECT count(*) FROM registry_device d"+where, args...).Scan(&n)
		return &n, err
	}
	where, args := whereText(clauses)
	err := s.DB.QueryRow(ctx, "SELECT COALESCE(SUM(d.devices), 0) FROM registry_tally d"+where, args...).Scan(&n)
	return &n, err
}

func (s *Service) firmware(ctx context.Context, device string) (v string, err error) {
	err = s.DB.QueryRow(ctx, "SELECT firmware FROM registry_twin WHERE device = ?", device).Scan(&v)
	if store.IsNoRows(err) {
		return "", nil
	}
	return v, err
}
