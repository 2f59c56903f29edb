package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/examples"
	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
)

// crowd is a large organisation as it lies in the database: devices of the five example types with twins, heartbeats and real
// certificates, most of them as they should be and some not, as in the demo, and the people around them. Devices, certificates
// and accounts are written as rows; nothing but the path there differs from what the services would have written, and the index
// for searching devices by text, which no check reads, is left empty.
type crowd struct {
	devices, people int
	now             time.Time
	authority       *ecdsa.PrivateKey
	issuer          *x509.Certificate
	members         []fleet.Device
	persons         []string // names of their accounts
}

var crowdTypes = []struct{ name, firmware, old, storage string }{
	{"thermostat", "3.4.0", "3.0.9", "sealed-file"}, {"door-lock", "2.4.1", "2.3.8", "secure-element"}, {"camera", "5.1.2", "4.9.0", "tpm"}, {"air-quality", "1.8.3", "1.6.0", "sealed-file"}, {"gateway", "6.1.0", "5.8.1", "tpm"},
}

const (
	crowdSystem = "building-services"
	crowdSites  = 40
)

// crowdServer opens a server on an empty database and a folder of its own. url is empty for SQLite.
func crowdConfig(tb testing.TB, url string) Config {
	tb.Helper()
	c := Default()
	c.Data, c.Database = filepath.Join(tb.TempDir(), "data"), url
	c.HTTPS, c.MQTTS, c.OCSP, c.OPS, c.AllowRoot = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", true
	if err := Setup(context.Background(), SetupOptions{Data: c.Data, Admin: "ada-admin", Password: "nine-wet-otters-42-climb", Organisation: "Test", Database: url}); err != nil {
		tb.Fatal(err)
	}
	return c
}

// opened opens the server without running it.
func opened(tb testing.TB, c Config) *Server {
	tb.Helper()
	s, err := Open(context.Background(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// seed writes the crowd.
func (c *crowd) seed(tb testing.TB, s *Server) {
	tb.Helper()
	ctx := context.Background()
	c.now = s.clock.Now().UTC().Truncate(time.Microsecond)
	var err error
	if c.authority, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		tb.Fatal(err)
	}
	c.issuer = &x509.Certificate{Subject: pkix.Name{CommonName: "Issuing"}, SerialNumber: big.NewInt(1)}
	if _, err := s.registry.CreateSystem(ctx, fleet.System{Name: crowdSystem, Owner: "ada-admin"}); err != nil {
		tb.Fatal(err)
	}
	for i := range crowdSites {
		if _, err := s.registry.CreateSite(ctx, fleet.Site{Name: fmt.Sprintf("site-%02d", i), System: crowdSystem}); err != nil {
			tb.Fatal(err)
		}
	}
	for _, t := range crowdTypes {
		manifest, err := examples.Types.ReadFile("types/" + t.name + ".yaml")
		if err != nil {
			tb.Fatal(err)
		}
		// The fleet sends nothing while the test runs: a day until it counts as silent.
		if _, err := s.registry.Apply(ctx, slowHeart(manifest), false); err != nil {
			tb.Fatal(err)
		}
	}
	c.seedPeople(tb, s.db)
	c.seedDevices(tb, s.db)
}

func slowHeart(manifest []byte) []byte {
	lines := strings.Split(string(manifest), "\n")
	for i, l := range lines {
		if strings.HasPrefix(strings.TrimSpace(l), "heartbeat:") {
			lines[i] = "  heartbeat: 24h"
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

func (c *crowd) ago(d time.Duration) int64 { return store.Time(c.now.Add(-d)) }

func (c *crowd) seedPeople(tb testing.TB, db *store.DB) {
	tb.Helper()
	accounts := bulk{tb: tb, db: db, into: "access_account (id, name, name_key, kind, roles, site, disabled, reason, created, changed, last_login, password, password_changed, must_change, expires, reviewed)"}
	tokens := bulk{tb: tb, db: db, into: "access_session (id, hash, account, kind, name, method, mfa, created, seen, expires, idle, address, ended, reason)"}
	factors := bulk{tb: tb, db: db, into: "access_factor (account, secret, confirmed, used)"}
	roles := []string{"system-operator", "risk-manager", "auditor", "system-operator"}
	for i := range c.people {
		account, name := id.New(), fmt.Sprintf("person-%03d", i)
		kind, role, password := "person", roles[i%len(roles)], "$argon2id$"
		if i%10 == 9 {
			name, kind, role, password = fmt.Sprintf("service-%03d", i), "service", "application", ""
			for n := range 1 + i%3 {
				tokens.add(id.New(), id.New(), account, "token", fmt.Sprint("token-", n), "token", false, c.ago(24*time.Hour), 0, store.Time(c.now.AddDate(0, 0, 20+n)), 0, "", 0, "")
			}
		} else {
			c.persons = append(c.persons, name)
		}
		if i%20 != 3 {
			factors.add(account, []byte("sealed"), c.ago(24*time.Hour), 0)
		}
		changed := 0
		if password != "" {
			changed = 1
		}
		accounts.add(account, name, id.New(), kind, `["`+role+`"]`, "", i%25 == 7, "", c.ago(200*24*time.Hour), c.ago(48*time.Hour), c.ago(time.Duration(1+i%70)*24*time.Hour), password, int64(changed)*c.ago(30*24*time.Hour), false, 0, c.ago(time.Duration(i%400)*24*time.Hour))
		if i%10 == 9 {
			c.certificates(tb, db, i, "account", account, name)
		}
	}
	accounts.end()
	tokens.end()
	factors.end()
}

func (c *crowd) seedDevices(tb testing.TB, db *store.DB) {
	tb.Helper()
	devices := bulk{tb: tb, db: db, into: "registry_device (id, name, type, site, system, state, reason, assignee, manufacturer, serial, labels, created, changed, since, version, find)"}
	twins := bulk{tb: tb, db: db, into: "registry_twin (device, desired, desired_version, desired_at, reported, reported_at, inventory, inventory_at, firmware)"}
	lives := bulk{tb: tb, db: db, into: "telemetry_seen (device, seen, silent, silent_since, health)"}
	lines := bulk{tb: tb, db: db, into: "people_review_line (review, account, name, kind, roles, created, login, added, decision, reason, by_id, by_name, at, type, site, state)"}
	certs, keys := certificateRows(tb, db), keyRows(tb, db)
	reviews := bulk{tb: tb, db: db, into: "people_review (id, title, due, opened, opened_by, closed, closed_by)"}
	for n := range 2 {
		reviews.add(fmt.Sprint("review-", n), fmt.Sprint("Access review ", n), c.ago(0), c.ago(time.Duration(300-200*n)*24*time.Hour), "ada-admin", c.ago(time.Duration(290-200*n)*24*time.Hour), "ada-admin")
	}
	reviews.end()
	tally := map[[3]string]int{}
	for i := range c.devices {
		d := c.device(i)
		c.members = append(c.members, d)
		tally[[3]string{d.Type, d.Site, string(d.State)}]++
		devices.add(d.ID, d.Name, d.Type, d.Site, d.System, string(d.State), d.Reason, d.Assignee, "", d.Serial, "", store.Time(d.Created), store.Time(d.Changed), store.Time(d.Changed), 3, strings.ToLower(d.Name+" "+d.Serial))
		if i%50 == 49 {
			continue // registered and never seen
		}
		inventory, err := json.Marshal(crowdInventory(i))
		if err != nil {
			tb.Fatal(err)
		}
		reported := `{"interval":60,"brightness":70,"location":"` + d.Site + `"}`
		twins.add(d.ID, `{"interval":60}`, 2, c.ago(24*time.Hour), reported, c.ago(time.Duration(i%40)*time.Minute), string(inventory), c.ago(time.Duration(i%300)*time.Minute), crowdInventory(i).Firmware)
		health, err := json.Marshal(protocol.Health{Time: c.now.Add(-time.Duration(i%60) * time.Second), Uptime: float64(i % 100_000), CPU: new(11.5), Memory: new(41.25), Disk: new(31.0), Battery: new(float64(40 + i%60)), Signal: new(-61.5)})
		if err != nil {
			tb.Fatal(err)
		}
		lives.add(d.ID, c.ago(time.Duration(i%60)*time.Second), i%97 == 5, map[bool]int64{true: c.ago(time.Minute)}[i%97 == 5], string(health))
		for n := range 2 {
			if (i+n)%40 == 11 && n == 1 {
				continue // the last review did not keep it
			}
			lines.add(fmt.Sprint("review-", n), d.ID, d.Name, "device", "", store.Time(d.Created), 0, c.ago(300*24*time.Hour), "keep", "", "ada", "ada-admin", c.ago(time.Duration(295-200*n)*24*time.Hour), d.Type, d.Site, string(d.State))
		}
		c.certified(tb, &certs, &keys, i, "device", d.ID, d.Name)
	}
	tallies := bulk{tb: tb, db: db, into: "registry_tally (type, site, system, state, devices)"}
	for k, n := range tally {
		tallies.add(k[0], k[1], crowdSystem, k[2], n)
	}
	for _, b := range []*bulk{&devices, &twins, &lives, &lines, &certs, &keys, &tallies} {
		b.end()
	}
}

func (c *crowd) device(i int) fleet.Device {
	t := crowdTypes[i%len(crowdTypes)]
	d := fleet.Device{
		ID: id.New(), Name: fmt.Sprintf("%s-%06d", t.name, i), Type: t.name, Site: fmt.Sprintf("site-%02d", i/len(crowdTypes)%crowdSites), System: crowdSystem, State: fleet.Active,
		Assignee: "person-000", Serial: fmt.Sprintf("SIM-%06d", i), Created: c.now.Add(-400 * 24 * time.Hour), Changed: c.now.Add(-time.Duration(i%5000) * time.Minute),
	}
	switch {
	case i%50 == 49:
		d.State = fleet.Registered
	case i%50 == 21:
		d.State, d.Reason = fleet.Retired, "replaced"
	case i%100 == 33:
		d.State, d.Reason = fleet.Quarantined, "looked odd"
	}
	return d
}

// crowdInventory is what device i reports; a few are behind or badly set, as in the demo.
func crowdInventory(i int) protocol.Inventory {
	t := crowdTypes[i%len(crowdTypes)]
	inv := protocol.Inventory{
		Firmware: t.firmware, OS: "Simulated Linux 6.1", Kernel: "6.1.0", Agent: "crowd", Hardware: "Simulated " + t.name, KeyStorage: t.storage, KeySeal: "hardware", RootServices: []string{}, OpenPorts: []protocol.Port{},
		Software:   []protocol.Software{{Name: "openssl", Version: "3.0.15"}, {Name: "busybox", Version: "1.36.1"}, {Name: "mqtt-client", Version: fmt.Sprint("5.2.", i%3)}},
		Interfaces: []protocol.Interface{{Name: "wlan0", Kind: "wifi", Encrypted: new(true)}}, SecureBoot: new(true), FIPS: new(true),
	}
	if t.name == "door-lock" {
		inv.Radio = &protocol.RadioReport{BLEPairing: "numeric-comparison"}
	}
	switch i / 5 % 20 {
	case 3:
		inv.Firmware = t.old
	case 7:
		inv.RootServices, inv.OpenPorts = []string{"telnetd"}, []protocol.Port{{Proto: "tcp", Address: "0.0.0.0", Port: 23, Process: "telnetd"}}
	case 11:
		inv.Interfaces[0].Encrypted = nil
	}
	return inv
}

func certificateRows(tb testing.TB, db *store.DB) bulk {
	return bulk{tb: tb, db: db, into: `identity_certificate (serial, subject_kind, subject_id, subject_name, issuer, key_hash, algorithm, not_before, not_after, issued, state,
		enrolled_by, evidence, der, superseded, revoked, reason, reason_code, warn_at)`}
}

func keyRows(tb testing.TB, db *store.DB) bulk {
	return bulk{tb: tb, db: db, into: "identity_key (hash, subject_kind, subject_id, first_used, revoked)"}
}

func (c *crowd) certificates(tb testing.TB, db *store.DB, i int, kind, subject, name string) {
	tb.Helper()
	certs, keys := certificateRows(tb, db), keyRows(tb, db)
	c.certified(tb, &certs, &keys, i, kind, subject, name)
	certs.end()
	keys.end()
}

// certified issues a subject's certificates: one in use, and for some an older or a revoked one.
func (c *crowd) certified(tb testing.TB, certs, keys *bulk, i int, kind, subject, name string) {
	tb.Helper()
	states := []fleet.CertificateState{fleet.CertificateActive}
	switch i % 20 {
	case 6:
		states = append(states, fleet.CertificateSuperseded)
	case 13:
		states = append(states, fleet.CertificateRevoked, fleet.CertificateSuperseded)
	}
	for n, state := range states {
		issued := c.now.Add(-time.Duration(10+i%60+100*n) * 24 * time.Hour)
		from, to := issued.Add(-time.Minute), issued.Add(200*24*time.Hour)
		der, hash, serial := c.issue(tb, kind, subject, from, to)
		if i%1000 == 500 && n == 0 {
			hash = "shared-by-two-" + fmt.Sprint(i/2000) // a cloned key
		}
		revoked, reason := int64(0), ""
		if state == fleet.CertificateRevoked {
			revoked, reason = c.ago(48*time.Hour), "keyCompromise"
		}
		superseded := int64(0)
		if state == fleet.CertificateSuperseded {
			superseded = c.ago(240 * time.Hour)
		}
		certs.add(serial, kind, subject, name, "Issuing", hash, "P-256", store.Time(from), store.Time(to), store.Time(issued), string(state), "claim", `{"claim":"one-time"}`, der, superseded, revoked, reason, 0, 0)
		if i%1000 != 500 || n != 0 {
			keys.add(hash, kind, subject, store.Time(issued), revoked != 0)
		}
	}
}

func (c *crowd) issue(tb testing.TB, kind, subject string, from, to time.Time) (der []byte, hash, serial string) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	number := make([]byte, 16)
	_, _ = rand.Read(number)
	uri, err := url.Parse(protocol.IdentityURI(protocol.SubjectKind(kind), subject))
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(number), Subject: pkix.Name{CommonName: subject}, NotBefore: from, NotAfter: to, URIs: []*url.URL{uri},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, OCSPServer: []string{"http://localhost:8080/ocsp"}, CRLDistributionPoints: []string{"http://localhost:8080/issuing.crl"},
	}
	if der, err = x509.CreateCertificate(rand.Reader, template, c.issuer, &key.PublicKey, c.authority); err != nil {
		tb.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		tb.Fatal(err)
	}
	sum := sha256.Sum256(spki)
	return der, hex.EncodeToString(sum[:]), hex.EncodeToString(number)
}

// bulk writes rows in statements of many.
type bulk struct {
	tb   testing.TB
	db   *store.DB
	into string
	args []any
	rows int
}

const bulkRows = 200

func (b *bulk) add(values ...any) {
	b.tb.Helper()
	b.args = append(b.args, values...)
	if b.rows++; b.rows == bulkRows {
		b.end()
	}
}

func (b *bulk) end() {
	b.tb.Helper()
	if b.rows == 0 {
		return
	}
	row := "(" + strings.Repeat("?, ", len(b.args)/b.rows-1) + "?)"
	err := b.db.Keep(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO "+b.into+" VALUES "+strings.Repeat(row+", ", b.rows-1)+row, b.args...)
		return err
	})
	if err != nil {
		b.tb.Fatalf("%s: %v", b.into, err)
	}
	b.args, b.rows = nil, 0
}
