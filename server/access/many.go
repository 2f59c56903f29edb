package access

import (
	"context"
	"errors"

	"github.com/thingward/thingward/server/store"
)

// ByID finds accounts by their ids in one query. One that does not exist is not in the answer.
func (s *Service) ByID(ctx context.Context, ids []string) (out map[string]Account, err error) {
	marks, args := store.In(ids)
	rows, err := s.DB.Query(ctx, "SELECT "+accountColumns+" WHERE a.id IN ("+marks+")", args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = make(map[string]Account, len(ids))
	for rows.Next() {
		a, err := s.scanAccount(rows)
		if err != nil {
			return nil, err
		}
		out[a.ID] = a.Account
	}
	return out, rows.Err()
}

// TokensOf is Tokens for many accounts at once, by their ids.
func (s *Service) TokensOf(ctx context.Context, accounts []string) (out map[string][]Token, err error) {
	marks, args := store.In(accounts)
	rows, err := s.DB.Query(ctx, "SELECT "+sessionColumns+" WHERE account IN ("+marks+") AND kind = ? AND ended = 0 AND expires > ? ORDER BY id DESC", append(args, kindToken, store.Time(s.Clock.Now()))...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[string][]Token{}
	for rows.Next() {
		row, err := scanSession(rows)
		if err != nil {
			return nil, err
		}
		out[row.account] = append(out[row.account], row.token())
	}
	return out, rows.Err()
}
