package sarif

import "strings"

// resolve gives every open result its level and severity (3.27.10).
func (p *parser) resolve(w *work) error {
	for _, name := range w.order {
		t := w.tallies[name]
		r, err := w.find(name, t.first)
		if err != nil {
			return err
		}
		level, err := w.level(name, r, t.first)
		if err != nil {
			return err
		}
		w.run.Counts.add(level, r, t.open)
	}
	return nil
}

func (c *Counts) add(level string, r *rule, n int) {
	switch level {
	case "error":
		c.Open.Error += n
	case "warning":
		c.Open.Warning += n
	case "note":
		c.Open.Note += n
	default:
		c.Open.None += n
	}
	score := 0.0
	if r != nil {
		score = r.security
	}
	s := &c.Severity
	switch {
	case score >= 9:
		s.Critical += n
	case score >= 7, score == 0 && level == "error":
		s.High += n
	case score >= 4, score == 0 && level == "warning":
		s.Medium += n
	default:
		s.Low += n
	}
}

// find is the rule that a result names; nil where the file does not describe it.
func (w *work) find(name ref, first string) (*rule, error) {
	c, err := w.component(name, first)
	if err != nil {
		return nil, err
	}
	if name.index >= 0 {
		if name.index >= len(c.rules) {
			return nil, &Error{first, "names a rule by a place that the tool's list of rules does not have: have the tool write its rules, or the rule's id"}
		}
		r := &c.rules[name.index]
		if name.id != "" && name.id != r.id && !strings.HasPrefix(name.id, r.id+"/") { // ids may be finer than the rule's (3.27.5)
			return nil, &Error{first, "names the rule " + short(name.id) + ", and by its place in the list the rule " + short(r.id) + ": which of them decides on its level?"}
		}
		return r, nil
	}
	if at, ok := c.byGUID[name.guid]; ok {
		return &c.rules[at], nil
	}
	for id := name.id; id != ""; {
		if at, ok := c.byID[id]; ok {
			return &c.rules[at], nil
		}
		cut := strings.LastIndexByte(id, '/')
		id = id[:max(cut, 0)]
	}
	return nil, nil
}

// component is the part of the tool that a result's rule belongs to.
func (w *work) component(name ref, first string) (*component, error) {
	if name.part >= 0 {
		if name.part >= len(w.others) {
			return nil, &Error{first + ".rule.toolComponent.index", "names an extension that the tool does not list: have the tool write its extensions"}
		}
		return &w.others[name.part], nil
	}
	for i := range w.others {
		c := &w.others[i]
		if name.partGUID != "" && c.guid == name.partGUID || name.partGUID == "" && name.partName != "" && c.name == name.partName {
			return c, nil
		}
	}
	return &w.driver, nil
}

// level is that of a result of the kind fail: its own, that of the invocation, that of the rule, or a warning.
func (w *work) level(name ref, r *rule, first string) (string, error) {
	if name.invocation >= len(w.overrides) {
		return "", &Error{first + ".provenance.invocationIndex", "names an invocation that the run does not list: have the tool write its invocations"}
	}
	switch {
	case name.level != "":
		return name.level, nil
	case name.invocation >= 0 && r != nil && w.overrides[name.invocation][r.id] != "":
		return w.overrides[name.invocation][r.id], nil
	case r != nil && r.level != "":
		return r.level, nil
	}
	return "warning", nil
}
