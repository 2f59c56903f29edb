package detect

import "context"

// DeliverNow sends what is due and waits until it is done.
func (s *Service) DeliverNow(ctx context.Context) error {
	err := s.deliver(ctx)
	s.sender.wait()
	return err
}

// Prune forgets what is too old.
func (s *Service) Prune(ctx context.Context) error { return s.prune(ctx) }
