package registry

import (
	"context"
	"strings"

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
