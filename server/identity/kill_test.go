package identity_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store"
)

const (
	victimEnv   = "THINGWARD_TEST_VICTIM"
	victimCount = 300
)

// victim is a server in a process of its own, which the test kills.
type victim struct {
	URL    string
	Claims []identity.Claim
}

func openAt(dir string, c clock.Clock) (*identity.Service, *store.DB, error) {
	ctx := context.Background()
	key, err := sealed.LoadKey(filepath.Join(dir, "key"))
	if err != nil {
		return nil, nil, err
	}
	db, err := store.Open(ctx, store.Config{URL: "sqlite:" + filepath.Join(dir, "db")})
	if err != nil {
		return nil, nil, err
	}
	b, err := bus.Open(ctx, bus.Config{Dir: filepath.Join(dir, "bus"), Key: key})
	if err != nil {
		return nil, nil, err
	}
	if err := db.Migrate(ctx, "subject", directoryTables); err != nil {
		return nil, nil, err
	}
	log := audittest.Open(&testing.T{}, db, b, c)
	s, err := identity.New(ctx, identity.Config{Dir: dir, Key: key, DB: db, Bus: b, Audit: log, Clock: c, Log: slog.New(slog.DiscardHandler), Directory: &directory{db: db, log: log}})
	return s, db, err
}

// TestVictim is the killed process; without its variable it has nothing to do, and TestKilled tests it.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victimEnv)
	if dir == "" {
		return
	}
	s, db, err := openAt(dir, clock.Real{})
	if err != nil {
		t.Fatal(err)
	}
	v := victim{}
	for range victimCount {
		subject := identity.Subject{Kind: protocol.SubjectDevice}
		subject.ID, subject.Name = newDevice()
		err := db.Change(context.Background(), func(tx *store.Tx) error {
			if _, err := tx.Exec("INSERT INTO subject (id, kind, name, state, type) VALUES (?, 'device', ?, 'registered', '')", subject.ID, subject.Name); err != nil {
				return err
			}
			c, err := s.ClaimFor(tx, subject, 0, anyone)
			v.Claims = append(v.Claims, c)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v.URL = "https://" + l.Addr().String()
	if err := json.NewEncoder(os.Stdout).Encode(v); err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: s.ESTHandler(), TLSConfig: s.HTTPSConfig()}
	t.Fatal(srv.ServeTLS(l, "", ""))
}

func startVictim(t *testing.T, dir string) (*exec.Cmd, victim) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), os.Args[0], "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), victimEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var v victim
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &v) != nil {
		_ = cmd.Process.Kill()
		t.Fatalf("the other process did not start: %s", lines.Text())
	}
	return cmd, v
}

// TestKilledWhileEnrolling kills the server (kill -9) in the midst of enrolments: every certificate that a device got must
// be on record with its audit entry, and a claim is used up only together with a certificate.
func TestKilledWhileEnrolling(t *testing.T) {
	dir := t.TempDir()
	key := sealed.NewKey()
	if err := key.Save(filepath.Join(dir, "key")); err != nil {
		t.Fatal(err)
	}
	if err := identity.Setup(context.Background(), dir, key, setupOptions(clock.Real{})); err != nil {
		t.Fatal(err)
	}
	cmd, v := startVictim(t, dir)
	roots := x509.NewCertPool()
	roots.AddCert(parse(t, filepath.Join(dir, "ca", "root.pem")))
	got := enrolUntilKilled(t, cmd, v, roots)
	_ = cmd.Wait()

	s, db, err := openAt(dir, clock.Real{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	recorded := map[string]bool{}
	for _, ev := range audittest.Recorded(t, db) {
		if ev.Type == "certificate.issued" {
			recorded[ev.Data["serial"].(string)] = true
		}
	}
	for _, c := range got {
		if err := s.Usable(context.Background(), c); err != nil || !recorded[identity.SerialOf(c)] {
			t.Errorf("%s: %v, audit entry: %v", identity.SerialOf(c), err, recorded[identity.SerialOf(c)])
		}
	}
	var odd int
	err = db.QueryRow(context.Background(), "SELECT count(*) FROM identity_claim WHERE used > 0 AND serial NOT IN (SELECT serial FROM identity_certificate)").Scan(&odd)
	if err != nil || odd != 0 {
		t.Errorf("%d claims were used up without a certificate, %v", odd, err)
	}
}

// enrolUntilKilled enrols with many clients and kills the server when it has answered a third of them.
func enrolUntilKilled(t *testing.T, cmd *exec.Cmd, v victim, roots *x509.CertPool) (got []*x509.Certificate) {
	t.Helper()
	w := &world{t: t, https: v.URL}
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, MaxIdleConnsPerHost: 16}, Timeout: 30 * time.Second}
	defer c.CloseIdleConnections()
	var mu sync.Mutex
	var wg sync.WaitGroup
	todo := make(chan identity.Claim, len(v.Claims))
	for _, claim := range v.Claims {
		todo <- claim
	}
	close(todo)
	for range 16 {
		wg.Go(func() {
			for claim := range todo {
				a, err := w.try(c, claim.User, claim.Secret, csr(t, newKey(t), x509.CertificateRequest{}))
				if err != nil {
					return // killed
				}
				mu.Lock()
				if got = append(got, a.cert); len(got) == victimCount/3 {
					_ = cmd.Process.Kill()
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(got) < victimCount/3 || len(got) == victimCount {
		t.Fatalf("%d of %d enrolled before the kill", len(got), victimCount)
	}
	return got
}
