package identity

import (
	"context"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// Held lists the certificates of many subjects by their ids, each subject's newest first and no more than most: what
// Certificates says of one of them, in one query for all.
func (s *Service) Held(ctx context.Context, subjects []string, most int) (map[string][]fleet.Certificate, error) {
	marks, args := store.In(subjects)
	rows, err := s.DB.Query(ctx, "SELECT "+heldColumns+`
		FROM (SELECT c.*, row_number() OVER (PARTITION BY subject_id ORDER BY issued DESC, serial DESC) AS place FROM identity_certificate c WHERE subject_id IN (`+marks+`)) AS c
		WHERE place <= ? ORDER BY subject_id, place`, append(args, most)...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := make(map[string][]fleet.Certificate, len(subjects))
	for rows.Next() {
		c, err := scanHeld(rows)
		if err != nil {
			return nil, err
		}
		out[c.SubjectID] = append(out[c.SubjectID], c)
	}
	return out, rows.Err()
}

const heldColumns = "c.serial, c.subject_kind, c.subject_id, c.subject_name, c.issuer, c.key_hash, c.algorithm, c.not_before, c.not_after, c.state, c.enrolled_by, c.revoked, c.reason"

// scanHeld reads heldColumns and then extra.
func scanHeld(row scanner, extra ...any) (c fleet.Certificate, err error) {
	var notBefore, notAfter, revoked int64
	err = row.Scan(append([]any{&c.Serial, &c.SubjectKind, &c.SubjectID, &c.SubjectName, &c.Issuer, &c.KeyHash, &c.Algorithm, &notBefore, &notAfter, &c.State, &c.EnrolledBy, &revoked, &c.Reason}, extra...)...)
	c.NotBefore, c.NotAfter = store.FromTime(notBefore), store.FromTime(notAfter)
	if revoked != 0 {
		at := store.FromTime(revoked)
		c.Revoked = &at
	}
	return c, err
}
