package clock

import (
	"testing"
	"time"
)

func TestFakeWakesOnlyWhoIsDue(t *testing.T) {
	f := NewFake(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	soon, late := f.After(time.Second), f.After(time.Minute)
	f.Advance(2 * time.Second)
	select {
	case got := <-soon:
		if !got.Equal(f.Now()) {
			t.Errorf("woken with %v, the clock stands at %v", got, f.Now())
		}
	default:
		t.Error("a waiter that is due was not woken")
	}
	select {
	case <-late:
		t.Error("a waiter that is not due was woken")
	default:
	}
}

func TestRealIsUTC(t *testing.T) {
	if loc := (Real{}).Now().Location(); loc != time.UTC {
		t.Errorf("location %v", loc)
	}
}
