package access

import "context"

// Sweep does what Run does every minute.
func (s *Service) Sweep(ctx context.Context) error { return s.sweep(ctx) }
