package identity

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
)

// Filter narrows a list of certificates. The zero value is all of them.
type Filter struct {
	Subject string // id or name
	State   string // active, superseded, revoked, or expired (any state whose time is over)
	Within  int    // days: active ones that end within
	Query   string // part of serial number, subject id or name
	Before  time.Time
	Serial  string // with Before: continue after this certificate
	Limit   int
}

func (f Filter) where(now time.Time) (*where, error) {
	w := &where{}
	if f.Subject != "" {
		w.and("subject_id = ?", f.Subject)
	}
	switch f.State {
	case "":
	case string(fleet.CertificateActive), string(fleet.CertificateSuperseded):
		w.and("state = ? AND not_after > ?", f.State, store.Time(now))
	case string(fleet.CertificateRevoked):
		w.and("state = 'revoked'")
	case "expired":
		w.and("not_after <= ?", store.Time(now))
	default:
		return nil, fleet.Invalid("state", "want active, superseded, revoked or expired")
	}
	if f.Within > 0 {
		w.and("state = 'active' AND not_after > ? AND not_after <= ?", store.Time(now), store.Time(now.Add(time.Duration(f.Within)*Day)))
	}
	if f.Query != "" {
		like := "%" + store.Like(strings.ToLower(f.Query)) + "%"
		w.and(`(serial LIKE ? ESCAPE '\' OR subject_id LIKE ? ESCAPE '\' OR lower(subject_name) LIKE ? ESCAPE '\')`, "%"+store.Like(cleanSerial(f.Query))+"%", like, like)
	}
	if f.Serial != "" {
		w.and("(issued < ? OR (issued = ? AND serial < ?))", store.Time(f.Before), store.Time(f.Before), f.Serial)
	}
	return w, nil
}

// list reads certificates, newest first.
func (s *Service) list(ctx context.Context, f Filter) ([]*record, error) {
	var err error
	if f.Subject, err = s.subjectID(ctx, f.Subject); err != nil {
		return nil, err
	}
	w, err := f.where(s.Clock.Now())
	if err != nil {
		return nil, err
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	return scanRecords(s.DB.Query(ctx, "SELECT "+recordColumns+" FROM identity_certificate"+w.sql()+" ORDER BY issued DESC, serial DESC LIMIT ?", append(w.args, f.Limit)...))
}

// subjectID turns the name of a device or account into its id; anything else is taken as an id.
func (s *Service) subjectID(ctx context.Context, ref string) (string, error) {
	if ref == "" || id.Valid(ref) {
		return ref, nil
	}
	for _, kind := range []protocol.SubjectKind{protocol.SubjectDevice, protocol.SubjectAccount} {
		subject, err := s.Directory.Lookup(ctx, kind, ref)
		if err == nil {
			return subject.ID, nil
		}
		if fleet.CodeOf(err) != fleet.CodeNotFound {
			return "", err
		}
	}
	return ref, nil
}

// Certificates lists certificates, newest first.
func (s *Service) Certificates(ctx context.Context, f Filter) ([]fleet.Certificate, error) {
	records, err := s.list(ctx, f)
	var all []fleet.Certificate
	for _, r := range records {
		all = append(all, r.Certificate)
	}
	return all, err
}

// Each hands every certificate to fn that has not ended yet, in order of serial number, without holding them all.
func (s *Service) Each(ctx context.Context, fn func(fleet.Certificate) error) error {
	const page = 500
	now := store.Time(s.Clock.Now())
	for after := ""; ; {
		records, err := scanRecords(s.DB.Query(ctx, "SELECT "+recordColumns+" FROM identity_certificate WHERE serial > ? AND not_after > ? ORDER BY serial LIMIT ?", after, now, page))
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := fn(r.Certificate); err != nil {
				return err
			}
			after = r.Serial
		}
		if len(records) < page {
			return nil
		}
	}
}

// Certificate finds one certificate by its serial number.
func (s *Service) Certificate(ctx context.Context, serial string) (fleet.Certificate, error) {
	r, err := s.readRecord(ctx, cleanSerial(serial))
	if err != nil {
		return fleet.Certificate{}, err
	}
	return r.Certificate, nil
}

// Expires tells when the active certificate of each subject of a kind (device, account) ends, the earliest where it has
// several; a subject without one is not in the answer.
func (s *Service) Expires(ctx context.Context, kind string, ids []string) (map[string]time.Time, error) {
	ends := map[string]time.Time{}
	for len(ids) > 0 {
		part := ids[:min(len(ids), 500)]
		ids = ids[len(part):]
		args := []any{kind}
		for _, id := range part {
			args = append(args, id)
		}
		if err := s.readEnds(ctx, ends, strings.Repeat(", ?", len(part))[2:], args); err != nil {
			return nil, err
		}
	}
	return ends, nil
}

func (s *Service) readEnds(ctx context.Context, ends map[string]time.Time, marks string, args []any) error {
	rows, err := s.DB.Query(ctx, "SELECT subject_id, min(not_after) FROM identity_certificate WHERE subject_kind = ? AND state = 'active' AND subject_id IN ("+marks+") GROUP BY subject_id", args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		var end int64
		if err := rows.Scan(&id, &end); err != nil {
			return err
		}
		ends[id] = store.FromTime(end)
	}
	return rows.Err()
}

// Counts says how many certificates stand how.
type Counts struct {
	Active     int `json:"active"`
	Superseded int `json:"superseded"`
	Revoked    int `json:"revoked"`
	Expired    int `json:"expired" doc:"Not revoked, and past their end."`
	Expiring30 int `json:"expiring30" doc:"Active ones that end within 30 days."`
}

// Counts counts certificates from an index alone.
func (s *Service) Counts(ctx context.Context) (c Counts, err error) {
	now := store.Time(s.Clock.Now())
	soon := store.Time(s.Clock.Now().Add(30 * Day))
	for _, part := range []struct {
		into  *int
		where string
		args  []any
	}{
		{&c.Active, "state = 'active' AND not_after > ?", []any{now}},
		{&c.Superseded, "state = 'superseded' AND not_after > ?", []any{now}},
		{&c.Revoked, "state = 'revoked'", nil},
		{&c.Expired, "state IN ('active', 'superseded') AND not_after <= ?", []any{now}},
		{&c.Expiring30, "state = 'active' AND not_after > ? AND not_after <= ?", []any{now, soon}},
	} {
		if err := s.DB.QueryRow(ctx, "SELECT count(*) FROM identity_certificate WHERE "+part.where, part.args...).Scan(part.into); err != nil {
			return c, err
		}
	}
	return c, nil
}

// cursorOf is where a list goes on after r.
func cursorOf(r *record) []string {
	return []string{strconv.FormatInt(store.Time(r.issued), 10), r.Serial}
}
