// Package audittest gives tests of other packages a real audit log.
package audittest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// Open gives a log on db with a fresh signing key. b may be nil where the test publishes no events.
func Open(t testing.TB, db *store.DB, b *bus.Bus, c clock.Clock) *audit.Log {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "test-log")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	l, err := audit.Open(context.Background(), audit.Config{DB: db, Bus: b, Signer: signer, Key: vkey, Clock: c, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Recorded lists the entries that were recorded and not yet sequenced, oldest first.
func Recorded(t testing.TB, db *store.DB) (evs []fleet.Event) {
	t.Helper()
	rows, err := db.Query(context.Background(), "SELECT body FROM audit_pending ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var body []byte
		var ev fleet.Event
		if err := rows.Scan(&body); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(body, &ev); err != nil {
			t.Fatal(err)
		}
		evs = append(evs, ev)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return evs
}
