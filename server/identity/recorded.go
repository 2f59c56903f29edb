package identity

import (
	"context"
	"crypto/x509"
	"encoding/json"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// recordAuthorities records root and issuing authority when this database sees them for the first time: after setup, and
// whenever the files beside it are exchanged.
func (s *Service) recordAuthorities(ctx context.Context) error {
	for role, cert := range map[string]*x509.Certificate{rootName: s.ca.root, issuingName: s.ca.issuing} {
		print := fingerprint(cert.Raw)
		var known int
		if err := s.DB.QueryRow(ctx, "SELECT count(*) FROM identity_authority WHERE fingerprint = ?", print).Scan(&known); err != nil {
			return err
		}
		if known > 0 {
			continue
		}
		now := s.Clock.Now()
		err := s.DB.Change(ctx, func(tx *store.Tx) error {
			name := cert.Subject.CommonName
			if _, err := tx.Exec("INSERT INTO identity_authority (fingerprint, role, name, seen) VALUES (?, ?, ?, ?) ON CONFLICT (fingerprint) DO NOTHING", print, role, name, store.Time(now)); err != nil {
				return err
			}
			return s.Audit.Record(tx, fleet.NewEvent("ca.created", now, fleet.Server("identity"), fleet.Party{Kind: "authority", ID: print, Name: name},
				map[string]any{"name": name, "fingerprint": print, "role": role, "notAfter": cert.NotAfter.UTC()}))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// recordPolicy records the policy in force when it is another one than before.
func (s *Service) recordPolicy(ctx context.Context) error {
	body, err := json.Marshal(s.Policy)
	if err != nil {
		return err
	}
	var version int64
	var before string
	err = s.DB.QueryRow(ctx, "SELECT version, body FROM identity_policy ORDER BY version DESC LIMIT 1").Scan(&version, &before)
	if err != nil && !store.IsNoRows(err) {
		return err
	}
	if before == string(body) {
		return nil
	}
	now := s.Clock.Now()
	return s.DB.Change(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec("INSERT INTO identity_policy (version, body, since) VALUES (?, ?, ?)", version+1, string(body), store.Time(now)); err != nil {
			return err
		}
		return s.Audit.Record(tx, fleet.NewEvent("crypto-policy.changed", now, fleet.Server("identity"), fleet.Party{Kind: "policy", ID: "crypto-policy"},
			map[string]any{"before": json.RawMessage(orNull(before)), "after": json.RawMessage(body)}))
	})
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}
