package posture

import "context"

// reach queues the subjects of other kinds whose facts hang on one that changed: what a device type owes follows the type, and
// whoever is named in a record may just have been disabled.
func (s *Service) reach(ctx context.Context, changed Ref) {
	for kind, src := range s.sources {
		f, ok := src.(Follower)
		if !ok || kind == changed.Kind {
			continue
		}
		switch f.Follows(changed.Kind) {
		case ReachSame:
			s.queue.add(Ref{Kind: kind, ID: changed.ID}, touched)
		case ReachAll:
			if err := s.queueAll(ctx, src, touched); err != nil && ctx.Err() == nil {
				s.Log.Warn("subjects that a change reaches were not all read: the next sweep will", "kind", kind, "error", err)
			}
		case ReachNone:
		}
	}
}
