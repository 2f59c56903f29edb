package access

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/thingward/thingward/fleet"
)

const hashWaiting = 64 // sign-ins that may wait for their turn to be hashed

// hashing runs argon2id (RFC 9106) a few at a time, so that a flood of sign-ins costs neither all memory nor all
// processors.
type hashing struct {
	params *argon2id.Params
	run    chan struct{}
	wait   chan struct{}
	dummy  string // verified against when there is no account, so that the answer takes as long
}

func newHashing(r Rules) (*hashing, error) {
	h := &hashing{
		params: &argon2id.Params{Memory: r.HashMemory, Iterations: r.HashPasses, Parallelism: 1, SaltLength: 16, KeyLength: 32},
		run:    make(chan struct{}, r.HashLimit), wait: make(chan struct{}, hashWaiting),
	}
	nobody := make([]byte, 32)
	_, _ = rand.Read(nobody) // never fails: crypto/rand aborts the program instead
	var err error
	h.dummy, err = argon2id.CreateHash(base64.StdEncoding.EncodeToString(nobody), h.params)
	return h, err
}

var errBusy = &fleet.Error{Code: fleet.CodeUnavailable, Message: "too many sign-ins at once: try again in a few seconds", RetryAfter: 5 * time.Second}

func (h *hashing) enter(ctx context.Context) error {
	select {
	case h.wait <- struct{}{}:
	default:
		return errBusy
	}
	defer func() { <-h.wait }()
	select {
	case h.run <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hashing) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer func() { <-h.run }()
	return argon2id.CreateHash(password, h.params)
}

// verify compares in constant time. An empty hash, of an account without a password or of no account, takes as long and
// never matches. stale says that the hash was made at another cost than today's.
func (h *hashing) verify(ctx context.Context, password, hash string) (match, stale bool, err error) {
	if err := h.enter(ctx); err != nil {
		return false, false, err
	}
	defer func() { <-h.run }()
	if hash == "" {
		_, err := argon2id.ComparePasswordAndHash(password, h.dummy)
		return false, false, err
	}
	match, params, err := argon2id.CheckHash(password, hash)
	return match, err == nil && *params != *h.params, err
}
