package broker

import (
	"time"

	"github.com/thingward/thingward/protocol"
)

// Turns lets two places with the certificate of one device come by turns, n times each, to the rule by which connections are
// let in, and returns how often the second was let in and how often the first could not come back. No connection is made.
func (s *Service) Turns(n int) (intruded, shutOut int) {
	t := &Service{Config: Config{Clock: s.Clock, Limits: s.Limits}, subjects: map[string]map[*conn]struct{}{}}
	come := func(address string) bool {
		c := &conn{s: t, address: address, client: Client{Kind: string(protocol.SubjectDevice), ID: "turns"}, subject: "device/turns", clientID: "turns", keepAlive: time.Minute}
		c.heard.Store(t.Clock.Now().UnixNano())
		old, r, _ := t.judge(c)
		if r != nil {
			return false
		}
		for _, o := range old {
			delete(t.subjects[c.subject], o)
		}
		if t.subjects[c.subject] == nil {
			t.subjects[c.subject] = map[*conn]struct{}{}
		}
		t.subjects[c.subject][c] = struct{}{}
		return true
	}
	for range n {
		if !come("127.84.0.1") {
			shutOut++
		}
		if come("127.84.0.2") {
			intruded++
		}
	}
	return intruded, shutOut
}
