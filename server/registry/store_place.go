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
func findPlace(q querier, table, ref string) (name string, err error) {
	column := "name"
	if id.Valid(ref) {
		column = "id"
	}
	err = sql.ErrNoRows
	if column == "id" || fleet.CheckName("", ref) == nil {
		err = q("SELECT name FROM "+table+" WHERE "+column+" = ?", ref).Scan(&name)
	}
	if store.IsNoRows(err) {
		what := map[string]string{"registry_site": "site", "registry_system": "system"}[table]
		return "", fleet.Invalid(what, "there is no "+what+" "+clip(ref)+": add it first (thingward "+what+" create --name NAME)")
	}
	return name, err
}

func siteSystem(tx *store.Tx, site string) (system string, err error) {
	err = tx.QueryRow("SELECT system FROM registry_site WHERE name = ?", site).Scan(&system)
	return system, err
}

// systemsOfSite chooses the systems that a site and its devices belong to; it takes the site twice.
const systemsOfSite = "name IN (SELECT system FROM registry_site WHERE name = ? UNION SELECT system FROM registry_tally WHERE site = ? AND devices > 0)"

// devicesOfSite chooses the devices of a site; of none where there is no site.
const devicesOfSite = "site = ? AND site <> ''"

// systems reads those that seen chooses by name, from the one after the given name.
func (s *Service) systems(ctx context.Context, seen clause, after string, limit int) (out []fleet.System, err error) {
	rows, err := s.places(ctx, "SELECT id, name, owner FROM registry_system", seen, after, limit)
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

// sites reads those that seen chooses by name, from the one after the given name.
func (s *Service) sites(ctx context.Context, seen clause, after string, limit int) (out []fleet.Site, err error) {
	rows, err := s.places(ctx, "SELECT id, name, system, latitude, longitude FROM registry_site", seen, after, limit)
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

func (s *Service) places(ctx context.Context, query string, seen clause, after string, limit int) (*sql.Rows, error) {
	where, args := whereText([]clause{seen, {"name > ?", []any{after}}})
	return s.DB.Query(ctx, query+where+" ORDER BY name LIMIT ?", append(args, limit)...)
}

func (s *Service) countSites(ctx context.Context, seen clause) (int, error) {
	return s.countPlaces(ctx, "registry_site", seen)
}

func (s *Service) countSystems(ctx context.Context, seen clause) (int, error) {
	return s.countPlaces(ctx, "registry_system", seen)
}

func (s *Service) countPlaces(ctx context.Context, table string, seen clause) (n int, err error) {
	where, args := whereText([]clause{seen})
	err = s.DB.QueryRow(ctx, "SELECT count(*) FROM "+table+where, args...).Scan(&n)
	return n, err
}
