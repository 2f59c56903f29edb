package broker

import "github.com/thingward/thingward/fleet"

// welcome counts a new connection in, or refuses it, before anything is read of it and before TLS: it costs two lookups. The
// reason is reported, together for many of one address.
func (s *Service) welcome(c *conn) bool {
	if !s.counts(c) {
		return false
	}
	if !s.enter(c) {
		s.places.leave(c.from, false)
		s.refuseEarly(c, reasonFull)
		return false
	}
	return true
}

// counts counts a connection in at its address, or refuses it.
func (s *Service) counts(c *conn) bool {
	if s.banned(c) != nil {
		s.count.early.Add(1)
		s.count.refused.Add(1)
		return false
	}
	key := placeOf(c.ip)
	at, reason := s.places.arrive(key, s.Clock.Now())
	if reason == "" && s.gate.Crowded(key) {
		s.places.leave(at, false)
		reason = reasonCrowded
	}
	if reason != "" {
		s.refuseEarly(c, reason)
		return false
	}
	c.from = at
	return true
}

var earlyDetails = map[string]string{
	reasonManyHere: "too many connections are open from this address",
	reasonRateHere: "this address connects too often",
	reasonRateAll:  "all clients together connect too often",
	reasonCrowded:  "too many handshakes wait, most of them from this address",
	reasonFull:     "the server holds as many connections as it may",
}

// refuseEarly counts and reports a connection that was not even begun.
func (s *Service) refuseEarly(c *conn, reason string) {
	s.count.early.Add(1)
	s.count.refused.Add(1)
	whose := placeOf(c.ip).String()
	if reason == reasonRateAll || reason == reasonFull {
		whose = "everybody"
	}
	s.refuse.report("early "+reason+" "+whose, "connection.refused", fleet.Anonymous(c.address), map[string]any{"protocol": "mqtt", "reason": reason, "detail": earlyDetails[reason], "transport": c.transport})
}

// failed counts a connection that came to nothing. What ran out of time while handshakes had to wait is not held against it.
func (s *Service) failed(c *conn) {
	if c.from != nil && s.gate.Waiting() == 0 && s.places.failed(c.from, s.Clock.Now()) {
		s.abused(c.ip)
	}
}
