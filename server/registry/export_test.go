package registry

import (
	"context"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// Seed inserts devices as they are, for benchmarks.
func (s *Service) Seed(ctx context.Context, devices []fleet.Device) error {
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		for _, d := range devices {
			if err := insertDevice(tx, d, ""); err != nil {
				return err
			}
		}
		return nil
	})
}
