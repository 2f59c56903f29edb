package posture

import "time"

// Views describes every control in full, all at one moment, in the catalogue's order.
func (s *Service) Views() (at time.Time, all []ControlView) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at = s.Clock.Now()
	for _, c := range s.controls {
		all = append(all, s.view(c))
	}
	return at, all
}

// Observations hands over every observation of a control as it stands, of one check where check is not empty. CodeNotFound when
// there is no such control.
func (s *Service) Observations(control, check string, fn func(ObjectView) error) error {
	c, err := s.find(control)
	if err != nil {
		return err
	}
	for _, i := range c.checks {
		if check != "" && s.Checks[i].ID != check {
			continue
		}
		for _, o := range s.observations(i) {
			if err := fn(o); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) observations(i int) (all []ObjectView) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, sub := range s.state.populations[s.Checks[i].Subject].subjects {
		if sub.obs[s.state.place[i]].status != codeNone {
			all = append(all, s.object(i, sub))
		}
	}
	return all
}
