package server

import (
	"testing"

	"github.com/thingward/thingward/server/access"
)

// TestLockedAccountIsMeasured: whoever guesses passwords must not be able to take an account that fails out of the checks,
// and a lock's end is no change that anybody announces.
func TestLockedAccountIsMeasured(t *testing.T) {
	s := &Server{}
	for state, want := range map[access.State]string{access.Locked: "active", access.Active: "active", access.Disabled: "disabled"} {
		if got := s.accountWith(access.Account{State: state}, nil, nil).State; got != want {
			t.Errorf("an account that is %s counts as %s", state, got)
		}
	}
}
