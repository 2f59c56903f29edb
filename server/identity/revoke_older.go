package identity

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// olderQuery finds the superseded certificates that fall with another one of their subject: whoever may hold the newest
// key may hold those before it too, and within the overlap they would still open a session. All that have not expired are
// meant, because a longer overlap in the policy would make an old one usable again.
const olderQuery = "SELECT " + recordColumns + " FROM identity_certificate WHERE subject_kind = ? AND subject_id = ? AND state = 'superseded' AND not_after > ? AND serial <> ?"

func (s *Service) older(r *record, rows func(string, ...any) (*sql.Rows, error)) ([]*record, error) {
	return scanRecords(rows(olderQuery, r.SubjectKind, r.SubjectID, store.Time(s.Clock.Now()), r.Serial))
}

// revokeOlder revokes the superseded certificates of r's subject and gives them back.
func (s *Service) revokeOlder(tx *store.Tx, r *record, reason string, by fleet.Party) ([]*record, error) {
	older, err := s.older(r, tx.Query)
	if err != nil {
		return nil, err
	}
	for _, o := range older {
		if _, err := s.revokeOne(tx, o, reason, by, banUnusedKey); err != nil {
			return nil, err
		}
	}
	return older, nil
}

// cutAll makes a committed revocation felt: each certificate's own sessions end, no others of its subject.
func (s *Service) cutAll(records []*record, reason string) {
	for _, r := range records[1:] {
		s.forget(r.Serial)
		if err := s.Bus.Announce(bus.TopicCut, cutOf(r, reason)); err != nil {
			s.Log.Error("cut not announced", "subject", r.SubjectID, "error", err)
		}
	}
	serials := make([]string, len(records))
	for i, r := range records {
		serials[i] = r.Serial
	}
	s.afterRevoke(cutOf(records[0], reason), serials...)
}

func cutOf(r *record, reason string) bus.Cut {
	return bus.Cut{SubjectKind: r.SubjectKind, SubjectID: r.SubjectID, Certificate: r.Serial, Reason: "certificate revoked: " + reason}
}

// revokeEffects says what the revocation of r does, in the order in which it is felt.
func (s *Service) revokeEffects(ctx context.Context, r *record) ([]Effect, error) {
	older, err := s.older(r, func(q string, args ...any) (*sql.Rows, error) { return s.DB.Query(ctx, q, args...) })
	if err != nil {
		return nil, err
	}
	effects := []Effect{
		{"at once", "its live sessions end on every protocol and node"},
		{"at once", "broker, API and renewal refuse certificate " + r.Serial},
		{"at once", fmt.Sprintf("OCSP answers revoked, and revocation list %d is published with it", s.lists.number(issuingName)+1)},
	}
	for _, o := range older {
		effects = append(effects, Effect{"at once", "superseded certificate " + o.Serial + " of the same subject is revoked with it and its sessions end"})
	}
	effects = append(effects, Effect{"for good", "its key stays refused for any new certificate"})
	last, err := s.afterwards(ctx, r)
	return append(effects, last), err
}

// afterwards says with what the subject can still connect.
func (s *Service) afterwards(ctx context.Context, r *record) (Effect, error) {
	if r.SubjectKind == string(protocol.SubjectServer) {
		return Effect{"at once", "the server makes itself a new certificate if this is the one it uses"}, nil
	}
	var others int
	err := s.DB.QueryRow(ctx, "SELECT count(*) FROM identity_certificate WHERE subject_kind = ? AND subject_id = ? AND state = 'active' AND not_after > ? AND serial <> ?",
		r.SubjectKind, r.SubjectID, store.Time(s.Clock.Now()), r.Serial).Scan(&others)
	who := r.SubjectKind + " " + r.SubjectName
	switch others {
	case 0:
		return Effect{"until it enrols anew", who + " has no other valid certificate and cannot connect"}, err
	case 1:
		return Effect{"from now on", who + " can still connect with 1 other active certificate: revoke that one too if it is not to"}, err
	}
	return Effect{"from now on", fmt.Sprintf("%s can still connect with %d other active certificates: revoke those too if it is not to", who, others)}, err
}
