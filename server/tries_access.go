package server

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/probe"
)

func (s *Server) accessTries() map[string]probe.Try {
	return map[string]probe.Try{
		"password.weak": s.weakPasswords,
		"access.lock-out": s.onBench("the set number of failures locks a name, and none fewer", func(ctx context.Context, b *bench) (bool, error) {
			ok, _, err := s.lockOut(ctx, b, sealed.NewKey())
			return ok, err
		}),
		"access.lock-out-restart": s.onBench("a name that was locked is locked after a restart", s.lockOutRestart),
		"access.expiry":           s.onBench("an account signs in before its end; after it, neither sign-in nor session counts", s.accountEnds),
	}
}

// weakPasswords offers the rules in force a short, a much-tried and a repeated password, and one that holds the name.
func (s *Server) weakPasswords(context.Context) (posture.ProbeResult, error) {
	var reasons []string
	for _, weak := range []string{"k7#Qz", "password12345", "wolfwolfwolfwolf", "self-test-2026"} {
		err := s.access.CheckPassword("self-test", weak)
		var refused *fleet.Error
		switch {
		case err == nil:
			return broke("a weak password passes: " + weak), nil
		case !errors.As(err, &refused) || refused.Code != fleet.CodeInvalid || len(refused.Fields) == 0 || refused.Fields[0].Message == "":
			return broke("a weak password is refused without a reason"), nil
		}
		reason, _, _ := strings.Cut(refused.Fields[0].Message, ":")
		reasons = append(reasons, reason)
	}
	return held("refused with the reason: " + strings.Join(reasons, "; ")), nil
}

// lockOut fails as a name that is nobody's until it is locked, under the rules in force.
func (s *Server) lockOut(ctx context.Context, b *bench, key sealed.Key) (locked bool, name string, err error) {
	accounts, err := s.benchAccounts(ctx, b, key)
	if err != nil {
		return false, "", err
	}
	defer accounts.Close()
	name = "self-test-" + id.New()
	for n := 1; n <= s.access.Rules.Failures; n++ {
		if locked, err = lockedAt(ctx, accounts, name); err != nil || locked != (n == s.access.Rules.Failures) {
			return false, name, err
		}
	}
	return locked, name, nil
}

func (s *Server) lockOutRestart(ctx context.Context, b *bench) (bool, error) {
	key := sealed.NewKey()
	locked, name, err := s.lockOut(ctx, b, key)
	if err != nil || !locked {
		return false, errors.Join(err, errors.New("the name was not locked in the first place"))
	}
	again, err := s.benchAccounts(ctx, b, key)
	if err != nil {
		return false, err
	}
	defer again.Close()
	return lockedAt(ctx, again, name)
}

func (s *Server) benchAccounts(ctx context.Context, b *bench, key sealed.Key) (*access.Service, error) {
	return access.New(ctx, access.Config{DB: b.db, Audit: b.audit, Clock: b.clock, Log: b.log, Key: key, Rules: s.access.Rules})
}

// lockedAt fails to sign in once and tells whether the answer was a lock.
func lockedAt(ctx context.Context, accounts *access.Service, name string) (bool, error) {
	_, err := accounts.Login(ctx, access.LoginRequest{User: name, Password: "no such person", Address: "127.84.0.0", Surface: "api"})
	var refused *fleet.Error
	if !errors.As(err, &refused) || refused.Code != fleet.CodeUnauthenticated {
		return false, fmt.Errorf("a false sign-in was answered with: %w", err)
	}
	return refused.RetryAfter > 0, nil
}
