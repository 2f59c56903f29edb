package server

import (
	"context"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/probe"
	"github.com/thingward/thingward/server/records/kinds"
)

// recordTries submit bad records of every kind that must refuse them, on the running service; nothing of it is kept.
func (s *Server) recordTries() map[string]probe.Try {
	how := map[kinds.Try]func(context.Context, string) (bool, string, error){
		kinds.Incomplete: s.records.TryIncomplete, kinds.NotIndependent: s.records.TryNotIndependent, kinds.SelfApproved: s.records.TrySelfApproval,
	}
	out := map[string]probe.Try{}
	for _, k := range kinds.All() {
		for _, r := range k.Refuses {
			try := how[r.Try]
			out[string(r.Try)+":"+k.Name] = func(ctx context.Context) (posture.ProbeResult, error) {
				held, detail, err := try(ctx, k.Name)
				return posture.ProbeResult{Attempted: err == nil, Held: held, Detail: detail}, err
			}
		}
	}
	return out
}
