package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// Lifetimes of claims, and how many a subject may have open.
const (
	ClaimLifetime = 24 * time.Hour
	claimLongest  = 30 * Day
	claimsOpen    = 16
)

// Claim lets its subject enrol once: the EST Basic user is User, the password Secret. Secret is shown once and stored
// hashed.
type Claim struct {
	ID      string
	Secret  string
	User    string
	Expires time.Time
}

var claimEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// newSecret is 256 random bits in 52 lower-case letters and digits, fit for typing and for HTTP Basic.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand aborts the program instead
	return strings.ToLower(claimEncoding.EncodeToString(b[:]))
}

// hashSecret is how a claim is stored; capitals are read as typed by hand. The secret has 256 random bits, so that a plain hash cannot be searched.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(secret)))
	return hex.EncodeToString(sum[:])
}

// NewClaim makes a claim for the device or account that ref names. lifetime 0 means ClaimLifetime. A subject that may not
// enrol is refused now instead of at the device.
func (s *Service) NewClaim(ctx context.Context, kind protocol.SubjectKind, ref string, lifetime time.Duration) (Claim, error) {
	subject, err := s.Directory.Lookup(ctx, kind, ref)
	if err != nil {
		return Claim{}, err
	}
	var c Claim
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		c, err = s.ClaimFor(tx, subject, lifetime, access.PartyOf(ctx))
		return err
	})
	return c, err
}

// ClaimFor makes a claim inside a transaction that makes or changes its subject.
func (s *Service) ClaimFor(tx *store.Tx, subject Subject, lifetime time.Duration, by fleet.Party) (Claim, error) {
	if lifetime == 0 {
		lifetime = ClaimLifetime
	}
	if lifetime < time.Minute || lifetime > claimLongest {
		return Claim{}, fleet.Invalid("hours", "a claim lives 1 minute to 720 hours")
	}
	if subject.MayEnrol != nil {
		return Claim{}, subject.MayEnrol
	}
	now := s.Clock.Now()
	var open int
	if err := tx.QueryRow("SELECT count(*) FROM identity_claim WHERE subject_kind = ? AND subject_id = ? AND used = 0 AND expires > ?", string(subject.Kind), subject.ID, store.Time(now)).Scan(&open); err != nil {
		return Claim{}, err
	}
	if open >= claimsOpen {
		return Claim{}, fleet.Errorf(fleet.CodeConflict, "%s has %d open claims already: use one of them or wait until they expire", subject.Name, open)
	}
	c := Claim{ID: id.New(), Secret: newSecret(), User: subject.ID, Expires: now.Add(lifetime)}
	_, err := tx.Exec("INSERT INTO identity_claim (id, hash, subject_kind, subject_id, created, created_by, expires, used, serial) VALUES (?, ?, ?, ?, ?, ?, ?, 0, '')",
		c.ID, hashSecret(c.Secret), string(subject.Kind), subject.ID, store.Time(now), by.Kind+":"+by.ID, store.Time(c.Expires))
	if err != nil {
		return Claim{}, err
	}
	return c, s.Audit.Record(tx, fleet.NewEvent("claim.created", now, by, subject.party(""), map[string]any{"claim": c.ID, "expires": c.Expires}))
}

// party is the subject as an event names it.
func (s Subject) party(address string) fleet.Party {
	kind := string(s.Kind)
	if s.Kind == protocol.SubjectAccount {
		kind = "service"
	}
	return fleet.Party{Kind: kind, ID: s.ID, Name: s.Name, Address: address}
}

// claimRow is a stored claim.
type claimRow struct {
	id, kind, subject, by, serial string
	created, expires, used        time.Time
}

func (s *Service) readClaim(ctx context.Context, secret string) (c claimRow, err error) {
	var created, expires, used int64
	err = s.DB.QueryRow(ctx, "SELECT id, subject_kind, subject_id, created_by, serial, created, expires, used FROM identity_claim WHERE hash = ?", hashSecret(secret)).
		Scan(&c.id, &c.kind, &c.subject, &c.by, &c.serial, &created, &expires, &used)
	c.created, c.expires, c.used = store.FromTime(created), store.FromTime(expires), store.FromTime(used)
	return c, err
}

var (
	errClaimWrong   = fleet.Errorf(fleet.CodeUnauthenticated, "the claim is not valid for this id: ask for a new one (thingward claim create DEVICE)")
	errClaimExpired = fleet.Errorf(fleet.CodeUnauthenticated, "the claim has expired: ask for a new one (thingward claim create DEVICE)")
)

func errClaimUsed(serial string) error {
	return fleet.Errorf(fleet.CodeUnauthenticated, "the claim was used before, for certificate %s: ask for a new one (thingward claim create DEVICE), and have that certificate revoked if it is not yours", serial)
}

// checkClaim finds the claim that user and secret name and refuses one that is wrong, used or expired. It decides nothing
// finally: takeClaim does, inside the transaction.
func (s *Service) checkClaim(ctx context.Context, user, secret string) (claimRow, error) {
	c, err := s.readClaim(ctx, secret)
	switch {
	case store.IsNoRows(err):
		return c, errClaimWrong
	case err != nil:
		return c, err
	case c.subject != user:
		return c, errClaimWrong
	case !c.used.IsZero():
		return c, errClaimUsed(c.serial)
	case !s.Clock.Now().Before(c.expires):
		return c, errClaimExpired
	}
	return c, nil
}

// takeClaim uses a claim up: of two transactions that try, exactly one succeeds.
func takeClaim(tx *store.Tx, c claimRow, serial string, now time.Time) error {
	n, err := tx.Exec("UPDATE identity_claim SET used = ?, serial = ? WHERE id = ? AND used = 0 AND expires > ?", store.Time(now), serial, c.id, store.Time(now))
	if err != nil || n == 1 {
		return err
	}
	var winner string
	if err := tx.QueryRow("SELECT serial FROM identity_claim WHERE id = ?", c.id).Scan(&winner); err != nil {
		return fmt.Errorf("claim %s: %w", c.id, err)
	}
	if winner == "" {
		return errClaimExpired
	}
	return errClaimUsed(winner)
}

// closeClaims ends the open claims of a subject that lost its right to enrol.
func closeClaims(tx *store.Tx, kind, subject string, now time.Time) error {
	_, err := tx.Exec("UPDATE identity_claim SET expires = ? WHERE subject_kind = ? AND subject_id = ? AND used = 0 AND expires > ?", store.Time(now), kind, subject, store.Time(now))
	return err
}
