package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store"
)

// ErrSetUp means that setup has nothing to do.
var ErrSetUp = errors.New("the data folder is set up already")

// SetupOptions says what to set up.
type SetupOptions struct {
	Data         string
	Admin        string
	Password     string
	Organisation string
	Hosts        []string
	Database     string // as Config.Database
}

// Setup makes a data folder: keys, certificate authority, audit log and first administrator. Killed half-way, it is run
// again and goes on where it stopped; a folder that is ready is refused.
func Setup(ctx context.Context, o SetupOptions) error {
	if err := fleet.CheckName("admin", o.Admin); err != nil {
		return err
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	d, err := openData(o.Data)
	if err != nil {
		return err
	}
	defer func() { _ = d.close() }()
	if d.format.Ready {
		return fmt.Errorf("%w: run thingward serve --data %s", ErrSetUp, o.Data)
	}
	clk := clock.Real{}
	if err := d.begin(clk.Now()); err != nil {
		return err
	}
	if err := errors.Join(d.checkEngine(o.Database), d.writeFormat()); err != nil {
		return err
	}
	key, err := d.key(true)
	if err != nil {
		return err
	}
	if err := identity.Setup(ctx, d.dir, key, identity.SetupOptions{Organisation: o.Organisation, Hosts: o.Hosts, Clock: clk}); err != nil {
		return err
	}
	if err := firstEntries(ctx, d, key, o, clk); err != nil {
		return err
	}
	d.format.Ready = true
	return d.writeFormat()
}

// firstEntries opens database and audit log, writes the log's first entry and makes the first administrator.
func firstEntries(ctx context.Context, d *data, key sealed.Key, o SetupOptions, clk clock.Clock) error {
	db, err := store.Open(ctx, store.Config{URL: databaseURL(d, o.Database)})
	if err != nil {
		return err
	}
	log, err := openAudit(ctx, d, key, audit.Config{DB: db, Clock: clk, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return errors.Join(err, db.Close())
	}
	err = firstAdministrator(ctx, db, log, key, o, clk)
	if err == nil {
		_, err = log.Seal(ctx) // so that a log without any checkpoint is never innocent
	}
	return errors.Join(err, db.Close())
}

func firstAdministrator(ctx context.Context, db *store.DB, log *audit.Log, key sealed.Key, o SetupOptions, clk clock.Clock) error {
	accounts, err := access.New(ctx, access.Config{DB: db, Audit: log, Clock: clk, Log: slog.New(slog.DiscardHandler), Key: key})
	if err != nil {
		return err
	}
	defer accounts.Close()
	if _, err := accounts.Account(ctx, o.Admin); err == nil {
		return nil // made before setup was killed
	}
	if _, err := accounts.CreateFirstAdministrator(ctx, o.Admin, o.Password); err != nil {
		return err
	}
	ev := fleet.NewEvent("server.setup", clk.Now(), fleet.Server("setup"), fleet.Server("core"), map[string]any{"version": Version})
	return db.Change(ctx, func(tx *store.Tx) error { return log.Record(tx, ev) })
}

func databaseURL(d *data, url string) string {
	if url != "" {
		return url
	}
	return "sqlite:" + d.path("thingward.db")
}

func openAudit(ctx context.Context, d *data, key sealed.Key, c audit.Config) (*audit.Log, error) {
	signer, verifier, err := audit.LoadOrCreateSigner(d.dir, key, "thingward/"+d.format.Deployment)
	if err != nil {
		return nil, err
	}
	c.Signer, c.Key = signer, verifier
	if c.DB.Dialect() == store.Postgres {
		// Whoever rules the other machine's database must not be able to cut the log back while the server is down. SQLite
		// lies in the same folder, where an anchor would only make a copied folder look cut off.
		c.Anchor = d.path("audit", "anchor")
	}
	return audit.Open(ctx, c)
}
