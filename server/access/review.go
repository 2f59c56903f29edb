package access

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/server/store"
)

// EveryAccount lists every account of every kind by name, in the transaction of an access review, so that nobody can leave
// one out (GVN-04).
func (s *Service) EveryAccount(tx *store.Tx) (out []Account, err error) {
	rows, err := tx.Query("SELECT " + accountColumns + " ORDER BY a.name")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		a, err := s.scanAccount(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, a.Account)
	}
	return out, rows.Err()
}

// Reviewed notes in tx that an access review kept an account. Its caller records the decision.
func (s *Service) Reviewed(tx *store.Tx, accountID string, at time.Time) error {
	_, err := tx.Exec("UPDATE access_account SET reviewed = ? WHERE id = ?", store.Time(at), accountID)
	tx.OnCommit(func() { s.changed(accountID) })
	return err
}

// Reject disables in tx an account that an access review rejects, with everything that Disable ends. One that is disabled
// already stays so.
func (s *Service) Reject(ctx context.Context, tx *store.Tx, accountID, reason string) error {
	if err := guard(tx); err != nil {
		return err
	}
	a, err := s.findAccount(ctx, in(tx), accountID)
	if err != nil || a.disabled {
		return err
	}
	if err := notSelf(ctx, a, "nobody reviews their own account, so ask another reviewer"); err != nil {
		return err
	}
	if err := s.disable(ctx, tx, &a, reason); err != nil {
		return err
	}
	_, err = tx.Exec("UPDATE access_account SET changed = ? WHERE id = ?", store.Time(s.Clock.Now()), a.ID)
	return err
}
