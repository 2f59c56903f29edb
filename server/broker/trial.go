package broker

import "time"

// Trial is the limiter in force on a clock of its own: what clients would have to wait, without a client being held.
type Trial struct {
	limits  Limits
	common  common
	buckets map[string]*bucket
}

// Trial makes a limiter with the limits in force, which nobody has used yet.
func (s *Service) Trial() *Trial {
	return &Trial{limits: s.Limits, buckets: map[string]*bucket{}}
}

// Send takes n messages of size bytes from a device's bucket and from the common one. It returns how long the device would be
// held for its own rate, and for that of all clients together.
func (t *Trial) Send(device string, n, size int, now time.Time) (own, all time.Duration) {
	b := t.buckets[device]
	if b == nil {
		b = &bucket{}
		b.fill(t.limits.Device, now)
		t.buckets[device] = b
	}
	for range n {
		b.take(size)
	}
	return b.owed(&t.common, t.limits.Global, now)
}
