package identity_test

import (
	"context"
	"crypto/x509"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// BenchmarkEnrol issues certificates end to end: HTTPS with keep-alive, claim, request with proof of possession, one
// audited transaction on SQLite (fsynced), PKCS #7 back. Claims and requests are made before, as the devices would.
func BenchmarkEnrol(b *testing.B) {
	w := newWorld(b, storetest.Open(b))
	users, secrets, bodies := w.waiting(b, b.N)
	c := w.client()
	var next atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := next.Add(1) - 1
			if a := w.post(c, "simpleenroll", users[i], secrets[i], bodies[i]); a.status != http.StatusOK {
				b.Errorf("%d %s", a.status, a.text)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "certs/s")
}

// waiting makes n devices with their claims and certificate requests.
func (w *world) waiting(b *testing.B, n int) (users, secrets []string, bodies [][]byte) {
	b.Helper()
	for range n {
		s := identity.Subject{Kind: protocol.SubjectDevice}
		s.ID, s.Name = newDevice()
		bodies = append(bodies, csr(b, newKey(b), x509.CertificateRequest{}))
		err := w.db.Change(context.Background(), func(tx *store.Tx) error {
			if _, err := tx.Exec("INSERT INTO subject (id, kind, name, state, type) VALUES (?, 'device', ?, 'registered', '')", s.ID, s.Name); err != nil {
				return err
			}
			claim, err := w.ClaimFor(tx, s, 0, anyone)
			users, secrets = append(users, claim.User), append(secrets, claim.Secret)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return users, secrets, bodies
}
