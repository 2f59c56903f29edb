package posture

import (
	"sync/atomic"

	"github.com/thingward/thingward/server/posture/catalogue"
)

// weighing is the profile that weighs the controls now. It is replaced as a whole, so that readers need no lock and a score
// never mixes two profiles.
type weighing struct {
	current atomic.Pointer[chosen]
}

// chosen is a profile in use; an empty one weighs every control the same.
type chosen struct {
	profile string
	weights map[string]int
}

// NeutralWeight is what a control weighs where the profile in use does not say.
const NeutralWeight = 1

// ActiveProfile is the identifier of the profile that weighs the controls; empty where none was chosen.
func (s *Service) ActiveProfile() string {
	if c := s.weighing.current.Load(); c != nil {
		return c.profile
	}
	return ""
}

// Weight is what a control weighs in the weighted score, 1 to 3. It takes no lock.
func (s *Service) Weight(control string) int { return s.weighing.current.Load().of(control) }

// Weights tells what each control weighs now.
func (s *Service) Weights() map[string]int { return weightsOf(s.Catalogue, s.weighing.current.Load()) }

// of is what a control weighs under the profile; none at all weighs every control the same.
func (c *chosen) of(control string) int {
	if c == nil || c.weights[control] == 0 {
		return NeutralWeight
	}
	return c.weights[control]
}

func weightsOf(cat *catalogue.Catalogue, c *chosen) map[string]int {
	all := map[string]int{}
	for _, control := range cat.Controls() {
		all[control.ID] = c.of(control.ID)
	}
	return all
}
