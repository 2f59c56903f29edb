package servertest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/controls"
	"github.com/thingward/thingward/server/records/kinds"
	"github.com/thingward/thingward/servertest"
)

// untried are the self-tests that gates ask for and nothing here can make. A new gap must be written down to pass.
var untried []string

// ofTheHost are self-tests whose end is not the server's doing: how the kernel is set, as whom the tests run, and which policy people
// have approved.
var ofTheHost = []string{"host.hardening", "process.privileges", "policy.clauses"}

// Every self-test is made on a running server and holds; what no part provides is on the list above.
func TestSelfTestsHold(t *testing.T) {
	s := servertest.Start(t)
	s.ApplyTypes()
	s.Device("thermostat", "self-tested")
	asked := map[string]bool{}
	for _, g := range slices.Concat(controls.Gates(), kinds.Gates()) {
		for _, name := range g.Probes {
			asked[name] = true
		}
	}
	for _, name := range s.Core.SelfTests() {
		if !asked[name] {
			t.Errorf("no gate asks for %s", name)
		}
	}
	var missing []string
	var all sync.WaitGroup
	for name := range asked {
		all.Go(func() {
			r, err := s.Core.SelfTest(context.Background(), name)
			if errors.Is(err, posture.ErrNoProbe) {
				return
			}
			if err != nil || r.Detail == "" || (!r.None && (!r.Attempted || (!r.Held && !slices.Contains(ofTheHost, name)))) {
				t.Errorf("%s: %+v, %v", name, r, err)
			}
		})
		if !slices.Contains(s.Core.SelfTests(), name) {
			missing = append(missing, name)
		}
	}
	all.Wait()
	if slices.Sort(missing); !slices.Equal(missing, untried) {
		t.Errorf("self-tests that nothing makes: %q, want %q", missing, untried)
	}
}
