// Package id makes and checks the identifiers of everything Thingward stores: UUID version 7 (RFC 9562), unique
// across fleets that may one day merge (ACT-04) and sorted by the time they were made.
package id

import "github.com/google/uuid"

// New returns a fresh UUIDv7 in its 36-character form. It panics only when the machine has no randomness left to give,
// where going on would make guessable identifiers.
func New() string { return uuid.Must(uuid.NewV7()).String() }

// Valid reports whether s is a UUIDv7 in the lower-case 36-character form, the only form that is ever stored.
func Valid(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && len(s) == 36 && u.Version() == 7 && u.String() == s
}
