package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// reasonMost is the longest reason in characters.
const reasonMost = 500

// reasonCodes are the reasons of RFC 5280, 5.3.1, by their name without hyphens. A free text may begin with one.
var reasonCodes = map[string]int{
	"unspecified": 0, "keycompromise": 1, "cacompromise": 2, "affiliationchanged": 3, "superseded": 4, "cessationofoperation": 5, "privilegewithdrawn": 9,
}

// reasonCode finds the standard's code in a reason such as "key-compromise: laptop stolen"; 0 (unspecified) otherwise.
func reasonCode(reason string) int {
	word, _, _ := strings.Cut(reason, ":")
	word = strings.ToLower(strings.NewReplacer("-", "", " ", "", "_", "").Replace(word))
	return reasonCodes[word]
}

func checkReason(reason string) error {
	if n := len(strings.TrimSpace(reason)); n == 0 || len(reason) > reasonMost || strings.ContainsFunc(reason, func(r rune) bool { return r < ' ' }) {
		return fleet.Invalid("reason", fmt.Sprintf("say in 1 to %d characters on one line why; it may begin with a reason of RFC 5280 (key-compromise: laptop stolen)", reasonMost))
	}
	return nil
}

// Effect is something that an operation will do or did, and when.
type Effect struct {
	At   string `json:"at"`
	Text string `json:"text"`
}

// Revoke ends a certificate for good, and with it the superseded ones of the same subject; other active ones stay. When it returns, the broker and the API refuse it, OCSP says so and a new CRL is
// published. With dryRun it only says what would happen.
func (s *Service) Revoke(ctx context.Context, serial, reason string, dryRun bool) (fleet.Certificate, []Effect, error) {
	if err := checkReason(reason); err != nil {
		return fleet.Certificate{}, nil, err
	}
	r, err := s.readRecord(ctx, cleanSerial(serial))
	if err != nil {
		return fleet.Certificate{}, nil, err
	}
	if r.State == fleet.CertificateRevoked {
		return r.Certificate, nil, fleet.Errorf(fleet.CodeConflict, "certificate %s was revoked already, at %s (%s)", r.Serial, r.Revoked.Format(time.RFC3339), r.Reason)
	}
	effects, err := s.revokeEffects(ctx, r)
	if err != nil || dryRun {
		return r.Certificate, effects, err
	}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		n, err := s.revokeOne(tx, r, reason, access.PartyOf(ctx), banKey)
		if err == nil && n == 0 {
			err = fleet.Errorf(fleet.CodeConflict, "certificate %s was revoked by someone else meanwhile", r.Serial)
		}
		if err != nil {
			return err
		}
		older, err := s.revokeOlder(tx, r, reason, access.PartyOf(ctx))
		tx.OnCommit(func() { s.cutAll(append([]*record{r}, older...), reason) })
		return err
	})
	if err != nil {
		return fleet.Certificate{}, nil, err
	}
	if r, err = s.readRecord(ctx, r.Serial); err != nil {
		return fleet.Certificate{}, nil, err
	}
	return r.Certificate, effects, nil
}

// cleanSerial takes a serial number as tools print it: capitals, colons, 0x.
func cleanSerial(serial string) string {
	return strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(strings.TrimSpace(serial), ":", "")), "0x")
}

// How a key falls with its certificate. One of a certificate that only falls with another is spared while an active
// certificate lives on with it.
const (
	banKey       = "UPDATE identity_key SET revoked = ? WHERE hash = ?"
	banUnusedKey = banKey + " AND NOT EXISTS (SELECT 1 FROM identity_certificate c WHERE c.key_hash = identity_key.hash AND c.state = 'active')"
)

// revokeOne marks a certificate and its key revoked and records it; 0 when it was revoked before.
func (s *Service) revokeOne(tx *store.Tx, r *record, reason string, by fleet.Party, ban string) (int64, error) {
	now := s.Clock.Now()
	n, err := tx.Exec("UPDATE identity_certificate SET state = 'revoked', revoked = ?, reason = ?, reason_code = ?, warn_at = 0 WHERE serial = ? AND state <> 'revoked'",
		store.Time(now), reason, reasonCode(reason), r.Serial)
	if err != nil || n == 0 {
		return n, err
	}
	if _, err := tx.Exec(ban, true, r.KeyHash); err != nil {
		return n, err
	}
	subject := Subject{Kind: protocol.SubjectKind(r.SubjectKind), ID: r.SubjectID, Name: r.SubjectName}.party("")
	return n, s.Audit.Record(tx, fleet.NewEvent("certificate.revoked", now, by, subject, map[string]any{"serial": r.Serial, "subject": r.SubjectID, "reason": reason}))
}

// afterRevoke makes a committed revocation felt: on this node before it returns, on others by announcement.
func (s *Service) afterRevoke(cut bus.Cut, serials ...string) {
	s.forget(serials...)
	s.metrics.revoked.Add(float64(len(serials)))
	if err := s.Bus.Announce(bus.TopicCut, cut); err != nil {
		s.Log.Error("cut not announced", "subject", cut.SubjectID, "error", err)
	}
	for _, serial := range serials {
		s.announceChanged(serial)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.lists.publish(ctx, s, issuingName); err != nil {
		s.Log.Error("revocation list not published, trying again", "error", err)
	}
	if err := s.renewServerIf(ctx, serials); err != nil {
		s.Log.Error("server certificate not renewed, trying again", "error", err)
	}
}

// RevokeSubject revokes every certificate that a subject still has, and closes its claims, inside the transaction that
// retires or disables it. It records one event a certificate.
func (s *Service) RevokeSubject(tx *store.Tx, kind, id, reason string, by fleet.Party) error {
	now := s.Clock.Now()
	if err := closeClaims(tx, kind, id, now); err != nil {
		return err
	}
	records, err := scanRecords(tx.Query("SELECT "+recordColumns+" FROM identity_certificate WHERE subject_kind = ? AND subject_id = ? AND state <> 'revoked' AND not_after > ?", kind, id, store.Time(now)))
	if err != nil || len(records) == 0 {
		return err
	}
	var serials []string
	for _, r := range records {
		if _, err := s.revokeOne(tx, r, reason, by, banKey); err != nil {
			return err
		}
		serials = append(serials, r.Serial)
	}
	tx.OnCommit(func() { s.afterRevoke(bus.Cut{SubjectKind: kind, SubjectID: id, Reason: reason}, serials...) })
	return nil
}
