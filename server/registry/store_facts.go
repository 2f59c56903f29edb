package registry

import (
	"context"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

func (s *Service) readFacts(ctx context.Context, where, key string, limit int) (out []storedFacts, err error) {
	rows, err := s.DB.Query(ctx, "SELECT "+deviceColumns+`, d.since, COALESCE(t.desired, ''), COALESCE(t.desired_version, 0), COALESCE(t.desired_at, 0),
		COALESCE(t.reported, ''), COALESCE(t.reported_at, 0), COALESCE(t.inventory, ''), COALESCE(t.inventory_at, 0)
		FROM registry_device d LEFT JOIN registry_twin t ON t.device = d.id WHERE `+where+" ORDER BY d.id LIMIT ?", key, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var f storedFacts
		if f.twin, err = scanTwin(withDevice{rows, &f}); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// withDevice reads the device's columns that stand before the twin's.
type withDevice struct {
	row scanner
	f   *storedFacts
}

// Scan reads both.
func (w withDevice) Scan(twin ...any) (err error) {
	w.f.device, err = scanDevice(w.row, append([]any{&w.f.since}, twin...)...)
	return err
}

func (s *Service) readState(ctx context.Context, state fleet.State, after string, limit int) (out []storedFacts, err error) {
	rows, err := s.DB.Query(ctx, "SELECT "+deviceColumns+", d.since FROM registry_device d WHERE d.state = ? AND d.name > ? ORDER BY d.name LIMIT ?", string(state), after, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var f storedFacts
		if f.device, err = scanDevice(rows, &f.since); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

func (s *Service) readByID(ctx context.Context, ids []string) (out []fleet.Device, err error) {
	marks, args := store.In(ids)
	rows, err := s.DB.Query(ctx, "SELECT "+deviceColumns+" FROM registry_device d WHERE d.id IN ("+marks+")", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		d, err := scanDevice(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}
