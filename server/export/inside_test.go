package export

import "context"

// Next makes the pack that waits longest.
func (s *Service) Next(ctx context.Context) (bool, error) { return s.next(ctx) }

// Sweep removes old packs.
func (s *Service) Sweep(ctx context.Context) error { return s.sweep(ctx) }
