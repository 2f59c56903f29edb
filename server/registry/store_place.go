package registry

import (
	"context"
	"database/sql"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

func insertSystem(tx *store.Tx, sys fleet.System) error {
	_, err := tx.Exec("INSERT INTO registry_system (id, name, owner) VALUES (?, ?, ?)", sys.ID, sys.Name, sys.Owner)
	return err
}

func insertSite(tx *store.Tx, site fleet.Site) error {
	_, err := tx.Exec("INSERT INTO registry_site (id, name, system, latitude, longitude) VALUES (?, ?, ?, ?, ?)", site.ID, site.Name, site.System, site.Latitude, site.Longitude)
	return err
}

// findPlace turns an id or name of a site or system into its name, by which devices refer to it.
func findPlace(tx *store.Tx, table, ref string) (name string, err error) {
	column := "name"
	if id.Valid(ref) {
		column = "id"
	}
	err = sql.ErrNoRows
	if column == "id" || fleet.CheckName("", ref) == nil {
		err = tx.QueryRow("SELECT name FROM "+table+" WHERE "+column+" = ?", ref).Scan(&name)
	}
	if store.IsNoRows(err) {
		what := map[string]string{"registry_site": "site", "registry_system": "system"}[table]
		return "", fleet.Invalid(what, "there is no "+what+" "+clip(ref)+": add it first (POST /api/v1/"+what+"s)")
	}
	return name, err
}

func siteSystem(tx *store.Tx, site string) (system string, err error) {
	err = tx.QueryRow("SELECT system FROM registry_site WHERE name = ?", site).Scan(&system)
	return system, err
}

// Systems lists systems by name, from the one after the given name.
func (s *Service) Systems(ctx context.Context, after string, limit int) (out []fleet.System, err error) {
	rows, err := s.DB.Query(ctx, "SELECT id, name, owner FROM registry_system WHERE name > ? ORDER BY name LIMIT ?", after, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var v fleet.System
		if err := rows.Scan(&v.ID, &v.Name, &v.Owner); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Sites lists sites by name, from the one after the given name.
func (s *Service) Sites(ctx context.Context, after string, limit int) (out []fleet.Site, err error) {
	rows, err := s.DB.Query(ctx, "SELECT id, name, system, latitude, longitude FROM registry_site WHERE name > ? ORDER BY name LIMIT ?", after, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var v fleet.Site
		if err := rows.Scan(&v.ID, &v.Name, &v.System, &v.Latitude, &v.Longitude); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func (s *Service) countPlaces(ctx context.Context, table string) (n int, err error) {
	err = s.DB.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n)
	return n, err
}
