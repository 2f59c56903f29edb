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
		all, err := s.readKnown(ctx, after, now, page)
		if err != nil {
			return err
		}
		for _, k := range all {
			if shared[k.Certificate.KeyHash] {
				if k.SharedWith, err = s.sharers(ctx, k.Certificate); err != nil {
					return err
				}
			}
			if err := fn(k); err != nil {
				return err
			}
			after = k.Certificate.Serial
		}
		if len(all) < page {
			return nil
		}
	}
}

// readKnown reads a page of certificates, each with the time since when its key is known.
func (s *Service) readKnown(ctx context.Context, after string, now int64, page int) (out []Known, err error) {
	rows, err := s.DB.Query(ctx, "SELECT "+heldColumns+`, c.der, COALESCE(k.first_used, 0) FROM identity_certificate c LEFT JOIN identity_key k ON k.hash = c.key_hash
		WHERE c.serial > ? AND c.not_after > ? ORDER BY c.serial LIMIT ?`, after, now, page)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k Known
		var der []byte
		var first int64
		if k.Certificate, err = scanHeld(rows, &der, &first); err != nil {
			return nil, err
		}
		k.KeySince = store.FromTime(first)
		if k.URIs, err = urisOf(der); err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, rows.Err()
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

func (s *Service) known(ctx context.Context, r *record, shared bool) (k Known, err error) {
	k.Certificate = r.Certificate
	if k.URIs, err = urisOf(r.der); err != nil {
		return k, err
	}
	key, ok, err := s.readKey(ctx, r.KeyHash)
	if ok {
		k.KeySince = key.first
	}
	if err == nil && shared {
		k.SharedWith, err = s.sharers(ctx, r.Certificate)
	}
	return k, err
}

// urisOf are the URIs of a certificate's subject alternative name.
func urisOf(der []byte) (uris []string, err error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	for _, u := range cert.URIs {
		uris = append(uris, u.String())
	}
	return uris, nil
}

// sharers are the serials of other subjects' certificates for the same key.
func (s *Service) sharers(ctx context.Context, c fleet.Certificate) ([]string, error) {
	return scanStrings(s.DB.Query(ctx, "SELECT serial FROM identity_certificate WHERE key_hash = ? AND subject_id <> ? ORDER BY serial", c.KeyHash, c.SubjectID))
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
