package posture

import (
	"slices"
)

// cover is the exceptions in force that concern one check.
type cover struct {
	one      map[string]*Exception // by subject
	broad    []*Exception          // for a scope, or for whatever fails
	settings map[string]*Exception // by setting
}

// blame is a failure that settings alone make.
type blame struct {
	check   int
	subject string
}

// blame keeps which settings alone make an observation fail.
func (st *state) blame(i int, s *subject, v Verdict) {
	key := blame{i, s.ID}
	if len(v.Settings) > 0 {
		st.blames[key] = v.Settings
	} else if len(st.blames) > 0 {
		delete(st.blames, key)
	}
}

// weigh brings up to date whether an exception covers an observation.
func (st *state) weigh(i int, s *subject, o *observation) {
	e := st.covering(i, s, o)
	if (e != nil) != o.covered {
		o.covered = e != nil
		if o.covered {
			st.excepted[i]++
		} else {
			st.excepted[i]--
		}
		if o.open {
			st.except(i, s, e)
		}
	}
}

// covering is the exception in force that covers an observation which fails; nil where there is none.
func (st *state) covering(i int, s *subject, o *observation) *Exception {
	c := st.covers[i]
	if c == nil || o.status != codeFail {
		return nil
	}
	return c.covering(s.Ref, s.typ, s.at.Value(), st.blames[blame{i, s.ID}])
}

// covering is the exception that covers a failure about a subject; nil where there is none.
func (c *cover) covering(ref Ref, typ string, at place, settings []string) *Exception {
	if e := c.one[ref.ID]; e != nil {
		return e
	}
	for _, e := range c.broad {
		if e.Scope.holds(typ, at) {
			return e
		}
	}
	var by *Exception
	for _, name := range settings {
		if by = c.settings[name]; by == nil {
			return nil
		}
	}
	return by
}

// holds reports whether a subject of that type and place is in the scope; no scope holds everything.
func (sc *Scope) holds(typ string, at place) bool {
	return sc == nil || (sc.Type == "" || sc.Type == typ) && (sc.Site == "" || sc.Site == at.site) && (sc.System == "" || sc.System == at.system)
}

// coverOf puts together what concerns one check. Of two exceptions about the same, the one that ends later counts.
func coverOf(c *Check, inForce []*Exception) *cover {
	var out *cover
	for _, e := range inForce {
		if e.Control != c.Control || (e.Check != "" && e.Check != c.ID) {
			continue
		}
		if e.Subject != nil && e.Subject.Kind != c.Subject && e.Subject.Kind != Setting {
			continue
		}
		if out == nil {
			out = &cover{one: map[string]*Exception{}, settings: map[string]*Exception{}}
		}
		out.add(e, c.Subject)
	}
	return out
}

func (c *cover) add(e *Exception, about Kind) {
	switch {
	case e.Subject == nil:
		c.broad = append(c.broad, e)
		slices.SortStableFunc(c.broad, func(a, b *Exception) int { return b.Ends.Compare(a.Ends) })
	case e.Subject.Kind == about:
		c.one[e.Subject.ID] = later(c.one[e.Subject.ID], e)
	default:
		c.settings[e.Subject.ID] = later(c.settings[e.Subject.ID], e)
	}
}

func later(a, b *Exception) *Exception {
	if a == nil || a.Ends.Before(b.Ends) {
		return b
	}
	return a
}

// reweigh weighs anew every observation of a control's checks; the caller holds mu for writing.
func (s *Service) reweigh(control string) {
	inForce := s.inForce()
	for _, i := range s.byID[control].checks {
		c := &s.Checks[i]
		s.state.covers[i] = coverOf(c, inForce)
		p, k := s.state.populations[c.Subject], s.state.place[i]
		for _, sub := range p.subjects {
			o := &sub.obs[k]
			if !o.covered && o.status != codeFail {
				continue
			}
			was := o.covered
			s.state.weigh(i, sub, o)
			if was && o.covered && o.open {
				s.state.except(i, sub, s.state.covering(i, sub, o)) // by another one, perhaps
			}
		}
	}
}

// inForce lists the exceptions in force; the caller holds mu.
func (s *Service) inForce() (out []*Exception) {
	for _, e := range s.exceptions {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b *Exception) int { return a.Requested.Compare(b.Requested) })
	return out
}
