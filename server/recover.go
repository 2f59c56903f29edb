package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/store"
)

// recoveryLife is how long a recovery link is good for: time to start the server and open a browser.
const recoveryLife = time.Hour

// Recovery says whose account to open again.
type Recovery struct {
	Account    string
	DropFactor bool // the second factor is lost too
}

// Recover makes a one-time sign-in link for a person who lost the password, while the server is stopped: the data folder's
// lock says so. Who may read the folder's keys could do all of it by hand; here it is done in order and recorded.
func Recover(ctx context.Context, c Config, r Recovery) (link string, expires time.Time, err error) {
	if err := ownFolder(c.Data); err != nil {
		return "", expires, err
	}
	d, err := openData(c.Data)
	if err != nil {
		return "", expires, err
	}
	defer func() { _ = d.close() }()
	if !d.format.Ready {
		return "", expires, fmt.Errorf("data folder %s: setup did not run to its end, so there is no account to recover: run thingward setup again", d.dir)
	}
	if err := d.checkEngine(c.Database); err != nil {
		return "", expires, err
	}
	secret, expires, err := recoverIn(ctx, d, c, r)
	if err != nil {
		return "", expires, err
	}
	// Browsers send what stands behind the # to no server, so it is in no log.
	return consoleBase(c) + "/sign-in/link#" + secret, expires, nil
}

func recoverIn(ctx context.Context, d *data, c Config, r Recovery) (secret string, expires time.Time, err error) {
	key, err := d.key(false)
	if err != nil {
		return "", expires, err
	}
	quiet, clk := slog.New(slog.DiscardHandler), clock.Real{}
	db, err := store.Open(ctx, store.Config{URL: databaseURL(d, c.Database)})
	if err != nil {
		return "", expires, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	log, err := openAudit(ctx, d, key, audit.Config{DB: db, Clock: clk, Log: quiet})
	if err != nil {
		return "", expires, err
	}
	accounts, err := access.New(ctx, access.Config{DB: db, Audit: log, Clock: clk, Log: quiet, Key: key})
	if err != nil {
		return "", expires, err
	}
	defer accounts.Close()
	return accounts.Recover(ctx, r.Account, recoveryLife, r.DropFactor)
}

// ownFolder refuses to work in somebody else's data folder: files made by root would keep the service from starting.
func ownFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("data folder %s belongs to user id %d: run this as that user (runuser -u thingward -- thingward recover …)", dir, st.Uid)
	}
	return nil
}

// consoleBase is the console's address as people reach it.
func consoleBase(c Config) string {
	if c.ConsoleURL != "" {
		return strings.TrimSuffix(c.ConsoleURL, "/")
	}
	host, port, err := net.SplitHostPort(c.HTTPS)
	if len(c.Hosts) > 0 {
		host = c.Hosts[0]
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	if err != nil || port == "0" || port == "443" {
		return "https://" + host
	}
	return "https://" + net.JoinHostPort(host, port)
}
