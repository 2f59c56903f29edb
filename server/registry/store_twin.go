package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
)

// storedTwin is a row of registry_twin, its JSON read.
type storedTwin struct {
	desired        map[string]any
	desiredVersion int64
	desiredAt      time.Time
	reported       map[string]any
	reportedAt     time.Time
	inventory      *protocol.Inventory
	inventoryAt    time.Time
}

const twinColumns = "desired, desired_version, desired_at, reported, reported_at, inventory, inventory_at"

// readTwin reads a device's twin; a device without one has an empty twin.
func readTwin(q querier, device string) (storedTwin, error) {
	t, err := scanTwin(q("SELECT "+twinColumns+" FROM registry_twin WHERE device = ?", device))
	if store.IsNoRows(err) {
		return storedTwin{}, nil
	}
	return t, err
}

func scanTwin(row scanner, extra ...any) (t storedTwin, err error) {
	var desired, reported, inventory string
	var desiredAt, reportedAt, inventoryAt int64
	if err := row.Scan(append([]any{&desired, &t.desiredVersion, &desiredAt, &reported, &reportedAt, &inventory, &inventoryAt}, extra...)...); err != nil {
		return t, err
	}
	t.desiredAt, t.reportedAt, t.inventoryAt = store.FromTime(desiredAt), store.FromTime(reportedAt), store.FromTime(inventoryAt)
	for text, to := range map[*string]any{&desired: &t.desired, &reported: &t.reported, &inventory: &t.inventory} {
		if *text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(*text), to); err != nil {
			return t, fmt.Errorf("read twin: %w", err)
		}
	}
	return t, nil
}

const insertTwin = `INSERT INTO registry_twin (device, desired, desired_version, desired_at, reported, reported_at, inventory, inventory_at, firmware) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (device) DO UPDATE SET `

// writeDesired writes the desired half of a twin, unless someone else changed it meanwhile. The other half is left alone: a
// report may come in at the same time.
func writeDesired(tx *store.Tx, d fleet.Device, t storedTwin, before int64) error {
	desired, err := jsonText(t.desired)
	if err != nil {
		return err
	}
	n, err := tx.Exec(insertTwin+"desired = excluded.desired, desired_version = excluded.desired_version, desired_at = excluded.desired_at WHERE registry_twin.desired_version = ?",
		d.ID, desired, t.desiredVersion, store.Time(t.desiredAt), "", 0, "", 0, "", before)
	if err == nil && n != 1 {
		err = fleet.Errorf(fleet.CodeConflict, "the desired state of %s was changed by someone else meanwhile: read it again and repeat your change", d.Name)
	}
	return err
}

// writeReported writes the reported half of a twin.
func writeReported(tx *store.Tx, device string, t storedTwin) error {
	reported, err := jsonText(t.reported)
	if err != nil {
		return err
	}
	inventory, firmware := "", ""
	if t.inventory != nil {
		firmware = clip(t.inventory.Firmware)
		if inventory, err = jsonText(t.inventory); err != nil {
			return err
		}
	}
	_, err = tx.Exec(insertTwin+"reported = excluded.reported, reported_at = excluded.reported_at, inventory = excluded.inventory, inventory_at = excluded.inventory_at, firmware = excluded.firmware",
		device, "", 0, 0, reported, store.Time(t.reportedAt), inventory, store.Time(t.inventoryAt), firmware)
	return err
}

func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("write twin: %w", err)
	}
	return string(b), nil
}

// letter is a message to a device that waits for the broker. A letter with the key of an older one replaces it.
type letter struct {
	key, device, topic string
	payload            []byte
	retain             bool
	made               time.Time
	expires            time.Time // zero: never
}

func post(tx *store.Tx, l letter) error {
	_, err := tx.Exec(`INSERT INTO registry_outbox (key, device, topic, payload, retain, made, expires) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET payload = excluded.payload, made = excluded.made, expires = excluded.expires`,
		l.key, l.device, l.topic, l.payload, l.retain, store.Time(l.made), store.Time(l.expires))
	return err
}

func (s *Service) waitingLetters(ctx context.Context, most int) (out []letter, err error) {
	rows, err := s.DB.Query(ctx, "SELECT key, device, topic, payload, retain, made, expires FROM registry_outbox ORDER BY made, key LIMIT ?", most)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var l letter
		var made, expires int64
		if err := rows.Scan(&l.key, &l.device, &l.topic, &l.payload, &l.retain, &made, &expires); err != nil {
			return nil, err
		}
		l.made, l.expires = store.FromTime(made), store.FromTime(expires)
		out = append(out, l)
	}
	return out, rows.Err()
}

// sent takes letters out of the outbox, but not one that was replaced meanwhile.
func (s *Service) sent(ctx context.Context, letters []letter) error {
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		for _, l := range letters {
			if _, err := tx.Exec("DELETE FROM registry_outbox WHERE key = ? AND made = ?", l.key, store.Time(l.made)); err != nil {
				return err
			}
		}
		return nil
	})
}

func dropOutbox(tx *store.Tx, device string) error {
	_, err := tx.Exec("DELETE FROM registry_outbox WHERE device = ?", device)
	return err
}
