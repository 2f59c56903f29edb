// Package id makes and checks the identifiers of everything Thingward stores: UUID version 7 (RFC 9562), unique
// across fleets that may one day merge (ACT-04) and sorted by the time they were made.
package id

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// New returns a fresh UUIDv7 in its 36-character form. It panics only when the machine has no randomness left to give,
// where going on would make guessable identifiers.
func New() string { return uuid.Must(uuid.NewV7()).String() }

// Derive returns a UUIDv7 that depends on the time and the parts alone: the same input gives the same identifier, so that
// what is handled twice is known again.
func Derive(at time.Time, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(p), p) // a hash takes everything
	}
	_, _ = fmt.Fprint(h, at.UnixNano())
	var u uuid.UUID
	copy(u[6:], h.Sum(nil))
	ms := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli()))
	copy(u[:6], ms[2:])
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	return u.String()
}

// Valid reports whether s is a UUIDv7 in the lower-case 36-character form, the only form that is ever stored.
func Valid(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && len(s) == 36 && u.Version() == 7 && u.String() == s
}
