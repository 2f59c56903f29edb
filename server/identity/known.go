package identity

import (
	"context"
	"crypto/x509"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// Known is a certificate with what checks ask of it beyond its own fields.
type Known struct {
	Certificate fleet.Certificate
	URIs        []string  // of the subject alternative name
	KeySince    time.Time // when the first certificate for its key was issued
	SharedWith  []string  // serials of certificates for the same key that another subject holds
}

// EachKnown hands every certificate that has not ended yet to fn, in order of serial number.
func (s *Service) EachKnown(ctx context.Context, fn func(Known) error) error {
	const page = 500
	shared, err := s.sharedKeys(ctx)
	if err != nil {
		return err
	}
	now := store.Time(s.Clock.Now())
	for after := ""; ; {
		records, err := scanRecords(s.DB.Query(ctx, "SELECT "+recordColumns+" FROM identity_certificate WHERE serial > ? AND not_after > ? ORDER BY serial LIMIT ?", after, now, page))
		if err != nil {
			return err
		}
		for _, r := range records {
			k, err := s.known(ctx, r, shared[r.KeyHash])
			if err == nil {
				err = fn(k)
			}
			if err != nil {
				return err
			}
			after = r.Serial
		}
		if len(records) < page {
			return nil
		}
	}
}

// OneKnown is EachKnown for one serial number; ok is false when there is no such certificate.
func (s *Service) OneKnown(ctx context.Context, serial string) (k Known, ok bool, err error) {
	r, err := s.readRecord(ctx, cleanSerial(serial))
	if fleet.CodeOf(err) == fleet.CodeNotFound {
		return k, false, nil
	}
	if err != nil {
		return k, false, err
	}
	var n int
	err = s.DB.QueryRow(ctx, "SELECT count(DISTINCT subject_id) FROM identity_certificate WHERE key_hash = ?", r.KeyHash).Scan(&n)
	if err == nil {
		k, err = s.known(ctx, r, n > 1)
	}
	return k, err == nil, err
}

func (s *Service) known(ctx context.Context, r *record, shared bool) (Known, error) {
	k := Known{Certificate: r.Certificate}
	cert, err := x509.ParseCertificate(r.der)
	if err != nil {
		return k, err
	}
	for _, u := range cert.URIs {
		k.URIs = append(k.URIs, u.String())
	}
	key, ok, err := s.readKey(ctx, r.KeyHash)
	if ok {
		k.KeySince = key.first
	}
	if err != nil || !shared {
		return k, err
	}
	k.SharedWith, err = scanStrings(s.DB.Query(ctx, "SELECT serial FROM identity_certificate WHERE key_hash = ? AND subject_id <> ? ORDER BY serial", r.KeyHash, r.SubjectID))
	return k, err
}

// sharedKeys finds keys that certificates of several subjects are for. Issuing refuses them; this looks all the same.
func (s *Service) sharedKeys(ctx context.Context) (map[string]bool, error) {
	hashes, err := scanStrings(s.DB.Query(ctx, "SELECT key_hash FROM identity_certificate GROUP BY key_hash HAVING count(DISTINCT subject_id) > 1"))
	out := map[string]bool{}
	for _, h := range hashes {
		out[h] = true
	}
	return out, err
}
