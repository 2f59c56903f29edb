package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

// querier is what a transaction and the database have in common, context aside.
type querier func(query string, args ...any) *sql.Row

func (s *Service) row(ctx context.Context) querier {
	return func(query string, args ...any) *sql.Row { return s.DB.QueryRow(ctx, query, args...) }
}

type scanner interface{ Scan(dest ...any) error }

const deviceColumns = "d.id, d.name, d.type, d.site, d.system, d.state, d.reason, d.assignee, d.serial, d.labels, d.created, d.changed, d.version"

// scanDevice reads deviceColumns and then extra.
func scanDevice(row scanner, extra ...any) (d fleet.Device, err error) {
	var labels string
	var created, changed int64
	err = row.Scan(append([]any{&d.ID, &d.Name, &d.Type, &d.Site, &d.System, &d.State, &d.Reason, &d.Assignee, &d.Serial, &labels, &created, &changed, &d.Version}, extra...)...)
	if err != nil {
		return d, err
	}
	d.Created, d.Changed = store.FromTime(created), store.FromTime(changed)
	if labels != "" {
		err = json.Unmarshal([]byte(labels), &d.Labels)
	}
	return d, err
}

// findDevice reads a device by id or name.
func findDevice(q querier, ref string) (fleet.Device, error) {
	column := "d.name"
	switch {
	case id.Valid(ref):
		column = "d.id"
	case fleet.CheckName("", ref) != nil:
		return fleet.Device{}, errNoDevice(ref)
	}
	d, err := scanDevice(q("SELECT "+deviceColumns+" FROM registry_device d WHERE "+column+" = ?", ref))
	if store.IsNoRows(err) {
		return d, errNoDevice(ref)
	}
	return d, err
}

func errNoDevice(ref string) error {
	return fleet.Errorf(fleet.CodeNotFound, "there is no device %q: thingward device list shows what there is", clip(ref))
}

func findMade(tx *store.Tx, manufacturer, serial string) (d fleet.Device, found bool, err error) {
	d, err = scanDevice(tx.QueryRow("SELECT "+deviceColumns+" FROM registry_device d WHERE d.manufacturer = ? AND d.manufacturer <> '' AND d.serial = ?", manufacturer, serial))
	if store.IsNoRows(err) {
		return d, false, nil
	}
	return d, err == nil, err
}

func insertDevice(tx *store.Tx, d fleet.Device, manufacturer string) error {
	find := findText(d)
	_, err := tx.Exec(`INSERT INTO registry_device (id, name, type, site, system, state, reason, assignee, manufacturer, serial, labels, created, changed, since, version, find)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID, d.Name, d.Type, d.Site, d.System, string(d.State), d.Reason, d.Assignee, manufacturer, d.Serial, labelText(d.Labels),
		store.Time(d.Created), store.Time(d.Changed), store.Time(d.Changed), d.Version, find)
	if err != nil {
		return err
	}
	if err := indexDevice(tx, d.ID, find); err != nil {
		return err
	}
	return tally(tx, d, 1)
}

func labelText(labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	b, _ := json.Marshal(labels) // strings always marshal
	return string(b)
}

// updateDevice writes after over before, unless someone else was faster. moved restarts the time in its state.
func updateDevice(tx *store.Tx, before, after fleet.Device, moved bool) error {
	query := "UPDATE registry_device SET type = ?, site = ?, system = ?, state = ?, reason = ?, assignee = ?, labels = ?, changed = ?, version = ? WHERE id = ? AND version = ?"
	args := []any{after.Type, after.Site, after.System, string(after.State), after.Reason, after.Assignee, labelText(after.Labels), store.Time(after.Changed), after.Version, after.ID, before.Version}
	n, err := tx.Exec(query, args...)
	if err != nil {
		return err
	}
	if n != 1 {
		return fleet.Errorf(fleet.CodeConflict, "%s was changed by someone else meanwhile: read it again and repeat your change", before.Name)
	}
	if moved {
		if _, err := tx.Exec("UPDATE registry_device SET since = ? WHERE id = ?", store.Time(after.Changed), after.ID); err != nil {
			return err
		}
	}
	if before.Type == after.Type && before.Site == after.Site && before.System == after.System && before.State == after.State {
		return nil
	}
	if err := tally(tx, before, -1); err != nil {
		return err
	}
	return tally(tx, after, 1)
}

func tally(tx *store.Tx, d fleet.Device, by int) error {
	_, err := tx.Exec(`INSERT INTO registry_tally (type, site, system, state, devices) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (type, site, system, state) DO UPDATE SET devices = registry_tally.devices + excluded.devices`, d.Type, d.Site, d.System, string(d.State), by)
	return err
}

// typeTally counts the devices of each type that seen chooses, retired ones aside.
func (s *Service) typeTally(ctx context.Context, seen clause) (map[string]int, error) {
	where, args := whereText([]clause{{sql: "state <> 'retired'"}, seen})
	rows, err := s.DB.Query(ctx, "SELECT type, SUM(devices) FROM registry_tally"+where+" GROUP BY type", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string]int{}
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			return nil, err
		}
		out[name] = n
	}
	return out, rows.Err()
}

type storedType struct {
	definition fleet.DeviceType
	digest     string
}

func (s *Service) storedTypes(ctx context.Context) (out []storedType, err error) {
	rows, err := s.DB.Query(ctx, "SELECT definition, digest, changed FROM registry_type ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var definition string
		var changed int64
		var t storedType
		if err := rows.Scan(&definition, &t.digest, &changed); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(definition), &t.definition); err != nil {
			return nil, fmt.Errorf("read device type: %w", err)
		}
		t.definition.Changed = store.FromTime(changed)
		out = append(out, t)
	}
	return out, rows.Err()
}

// presentType reads version and digest of a type; found is false where there is none.
func presentType(tx *store.Tx, name string) (version, digest string, found bool, err error) {
	err = tx.QueryRow("SELECT version, digest FROM registry_type WHERE name = ?", name).Scan(&version, &digest)
	if store.IsNoRows(err) {
		return "", "", false, nil
	}
	return version, digest, err == nil, err
}

func putType(tx *store.Tx, typ fleet.DeviceType, digest string, raw []byte, by fleet.Party) error {
	definition, err := json.Marshal(typ)
	if err != nil {
		return err
	}
	at := store.Time(typ.Changed)
	if _, err := tx.Exec(`INSERT INTO registry_type (name, version, digest, definition, changed) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET version = excluded.version, digest = excluded.digest, definition = excluded.definition, changed = excluded.changed`,
		typ.Name, typ.Version, digest, string(definition), at); err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO registry_type_version (name, version, digest, manifest, applied, applied_by) VALUES (?, ?, ?, ?, ?, ?)", typ.Name, typ.Version, digest, raw, at, by.ID)
	return err
}

func (s *Service) storedManifest(ctx context.Context, name, version string) (raw []byte, err error) {
	err = s.DB.QueryRow(ctx, "SELECT manifest FROM registry_type_version WHERE name = ? AND version = ?", name, version).Scan(&raw)
	if store.IsNoRows(err) {
		return nil, fleet.Errorf(fleet.CodeNotFound, "type %s has no version %q", clip(name), clip(version))
	}
	return raw, err
}

// clip makes text from outside short and fit for a database column and a message.
func clip(s string) string {
	if len(s) > 80 {
		s = s[:80] + "…"
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
}
