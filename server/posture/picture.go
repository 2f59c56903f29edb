package posture

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
)

// picture takes down how a control's subjects stand. The caller holds mu.
func (s *Service) picture(c *control, out outcome) picture {
	p := picture{Counts: map[string]map[string]int{}, Number: s.state.number, Assessed: out.assessed}
	var open []openFinding
	for _, i := range c.checks {
		id := s.Checks[i].ID
		n := map[string]int{}
		for code, count := range s.state.counts[i] {
			if count > 0 {
				n[string(statusOf[code])] = count
			}
		}
		if s.state.excepted[i] > 0 {
			n["excepted"] = s.state.excepted[i]
		}
		p.Counts[id] = n
		k := s.state.place[i]
		for _, sub := range s.state.populations[s.Checks[i].Subject].subjects {
			if sub.obs[k].open {
				open = append(open, openFinding{id, string(sub.Kind), sub.ID})
			}
		}
	}
	p.Digest = digest(open)
	return p
}

// openFinding is a finding that is open at some moment, as the digest sees it.
type openFinding struct{ check, kind, subject string }

// digest is the SHA-256, in hexadecimal, of the open findings as lines "check kind subject" in order of their bytes. Anybody can
// recompute it from a list of findings and compare it with what the log holds.
func digest(open []openFinding) string {
	slices.SortFunc(open, func(a, b openFinding) int {
		switch {
		case a.check != b.check:
			return compare(a.check, b.check)
		case a.kind != b.kind:
			return compare(a.kind, b.kind)
		default:
			return compare(a.subject, b.subject)
		}
	})
	h := sha256.New()
	for _, f := range open {
		write(h, f.check, " ", f.kind, " ", f.subject, "\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}

func compare(a, b string) int { // never asked about equal ones
	if a < b {
		return -1
	}
	return 1
}

func write(h hash.Hash, parts ...string) {
	for _, p := range parts {
		h.Write([]byte(p))
	}
}
