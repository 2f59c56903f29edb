package posture

// ControlNow is where a control stands now, with what its checks say. The error is CodeNotFound where there is no such control.
func (s *Service) ControlNow(id string) (ControlView, error) {
	c, err := s.find(id)
	if err != nil {
		return ControlView{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.view(c), nil
}
