package broker

import (
	"testing"
	"time"

	"github.com/thingward/thingward/kit/clock"
)

func TestTurnsLetOnePlaceIn(t *testing.T) {
	s := &Service{Config: Config{Clock: clock.NewFake(time.Unix(1_800_000_000, 0)), Limits: Limits{SessionsPerDevice: 1}}}
	if intruded, shutOut := s.Turns(5); intruded != 0 || shutOut != 0 {
		t.Errorf("the second place was let in %d times, and the first shut out %d times", intruded, shutOut)
	}
}
