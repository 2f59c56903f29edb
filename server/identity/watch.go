package identity

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
)

const (
	reconcileEvery = 5 * time.Second
	upkeepEvery    = time.Minute
	warningsMost   = 500
	claimsKept     = 30 * Day // after their end
)

// Run does what goes on by itself until ctx ends: it renews the server certificate and the revocation lists, reports
// certificates that near their end, and picks up revocations of other nodes whose announcement was lost.
func (s *Service) Run(ctx context.Context) error {
	var upkeep time.Time
	for {
		if err := s.reconcileRevoked(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("revocations not read, trying again", "error", err)
		}
		if now := s.Clock.Now(); now.Sub(upkeep) >= upkeepEvery || now.Before(upkeep) {
			upkeep = now
			if err := s.Upkeep(ctx); err != nil && ctx.Err() == nil {
				s.Log.Error("upkeep of the certificate authority failed, trying again", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.Clock.After(reconcileEvery):
		}
	}
}

// Upkeep does once what Run does every minute.
func (s *Service) Upkeep(ctx context.Context) error {
	return errors.Join(s.renewServer(ctx), s.refreshLists(ctx), s.warn(ctx), s.sweepClaims(ctx))
}

func (s *Service) renewServer(ctx context.Context) error {
	leaf := s.server.leaf()
	if leaf != nil && !s.dueServer(leaf) {
		r, err := s.readRecord(ctx, SerialOf(leaf))
		if err != nil || r.State != fleet.CertificateRevoked {
			return err
		}
	}
	return s.issueServer(ctx, byRenewal)
}

// reconcileRevoked drops from memory what was revoked since the last time, wherever that happened.
func (s *Service) reconcileRevoked(ctx context.Context) error {
	s.reconcile.mu.Lock()
	defer s.reconcile.mu.Unlock()
	now := s.Clock.Now()
	serials, err := scanStrings(s.DB.Query(ctx, "SELECT serial FROM identity_certificate WHERE revoked > 0 AND revoked >= ?", s.reconcile.until))
	if err != nil {
		return err
	}
	s.reconcile.until = store.Time(now.Add(-time.Minute)) // a transaction may commit a little after the time it wrote
	s.forget(serials...)
	return nil
}

// A certificate is reported when it should long have been renewed: in the last quarter of its life but at most 30 days
// before its end, and again in the last tenth but at most 7 days before.
func firstWarning(begin, end time.Time) time.Time {
	return end.Add(-min(30*Day, end.Sub(begin)/4))
}

func lastWarning(begin, end time.Time) time.Time {
	return end.Add(-min(7*Day, end.Sub(begin)/10))
}

// warn reports the certificates whose time has come.
func (s *Service) warn(ctx context.Context) error {
	now := s.Clock.Now()
	due, err := scanRecords(s.DB.Query(ctx, "SELECT "+recordColumns+" FROM identity_certificate WHERE warn_at > 0 AND warn_at <= ? ORDER BY warn_at LIMIT ?", store.Time(now), warningsMost))
	if err != nil {
		return err
	}
	for _, r := range due {
		var next time.Time
		if last := lastWarning(r.NotBefore, r.NotAfter); r.warnAt.Before(last) {
			next = last
		}
		err := s.DB.Keep(ctx, func(tx *store.Tx) error {
			n, err := tx.Exec("UPDATE identity_certificate SET warn_at = ? WHERE serial = ? AND warn_at = ?", store.Time(next), r.Serial, store.Time(r.warnAt))
			if err == nil && n == 1 && now.Before(r.NotAfter) {
				tx.OnCommit(func() { s.reportExpiring(r, now) })
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) reportExpiring(r *record, now time.Time) {
	subject := Subject{Kind: protocol.SubjectKind(r.SubjectKind), ID: r.SubjectID, Name: r.SubjectName}.party("")
	ev := fleet.NewEvent("certificate.expiring", now, fleet.Server("identity"), subject,
		map[string]any{"serial": r.Serial, "subject": r.SubjectID, "notAfter": r.NotAfter, "days": int(r.NotAfter.Sub(now) / Day)})
	if err := s.Bus.Publish(ev); err != nil {
		s.Log.Error("expiring certificate not reported", "serial", r.Serial, "error", err)
	}
}

// sweepClaims forgets claims that ended long ago unused; what was used stays with its certificate.
func (s *Service) sweepClaims(ctx context.Context) error {
	old := store.Time(s.Clock.Now().Add(-claimsKept))
	var any int
	err := s.DB.QueryRow(ctx, "SELECT count(*) FROM identity_claim WHERE used = 0 AND expires < ?", old).Scan(&any)
	if err != nil || any == 0 {
		return err
	}
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("DELETE FROM identity_claim WHERE used = 0 AND expires < ?", old)
		return err
	})
}
