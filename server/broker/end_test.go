package broker

import (
	"runtime"
	"sync/atomic"
	"testing"
)

// TestWhoeverSeesTheEndFindsItsCause: the reader looks for the cause as soon as it sees that its connection was ended elsewhere.
func TestWhoeverSeesTheEndFindsItsCause(t *testing.T) {
	for range 1000 {
		c := &conn{gone: make(chan struct{})}
		var first atomic.Int32
		for range 2 {
			go func() {
				if c.stop(new(string)) {
					first.Add(1)
				}
			}()
		}
		for !c.ended.Load() {
			runtime.Gosched()
		}
		if c.cause.Load() == nil {
			t.Fatal("ended without a cause")
		}
		<-c.gone
		if c.stop(new(string)) || first.Load() > 1 {
			t.Fatal("ended twice")
		}
	}
}
