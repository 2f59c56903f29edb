package clock

import (
	"testing"
	"time"
)

// steps is a timer that a test moves.
type steps struct{ gone time.Duration }

func (s *steps) read() time.Duration { return s.gone }

func TestForwardNeverGoesBack(t *testing.T) {
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	beneath, timer := NewFake(noon), &steps{}
	f := NewForward(beneath, time.Time{}, timer.read)
	want := func(at time.Time, behind time.Duration) {
		t.Helper()
		if got := f.Now(); !got.Equal(at) {
			t.Errorf("shows %v, want %v", got, at)
		}
		if got := f.Behind(); got != behind {
			t.Errorf("behind by %v, want %v", got, behind)
		}
	}
	want(noon, 0)
	beneath.Advance(time.Hour) // and the timer does not say so: a clock that is put forward is followed
	want(noon.Add(time.Hour), 0)
	beneath.Set(noon.AddDate(-1, 0, 0))
	timer.gone += time.Minute
	want(noon.Add(61*time.Minute), noon.Add(61*time.Minute).Sub(beneath.Now()))
	timer.gone += time.Minute
	want(noon.Add(62*time.Minute), noon.Add(62*time.Minute).Sub(beneath.Now()))
	beneath.Set(noon.Add(62 * time.Minute)) // put right: no jump, nothing counted twice
	want(noon.Add(62*time.Minute), 0)
	beneath.Set(noon.Add(3 * time.Hour))
	want(noon.Add(3*time.Hour), 0)
	f.Raise(noon)
	want(noon.Add(3*time.Hour), 0)
	f.Raise(noon.Add(4 * time.Hour))
	want(noon.Add(4*time.Hour), time.Hour)
}

func TestForwardBeginsAtItsFloor(t *testing.T) {
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	timer := &steps{gone: time.Hour}
	f := NewForward(NewFake(noon), noon.AddDate(0, 0, 3), timer.read)
	if got := f.Now(); !got.Equal(noon.AddDate(0, 0, 3)) || f.Behind() != 72*time.Hour {
		t.Errorf("%v, behind by %v", got, f.Behind())
	}
	if f = NewForward(Real{}, time.Time{}, nil); f.Behind() != 0 || f.Now().Location() != time.UTC {
		t.Errorf("%v, behind by %v", f.Now(), f.Behind())
	}
	select {
	case <-f.After(0):
	case <-time.After(time.Minute):
		t.Error("does not wait")
	}
}
