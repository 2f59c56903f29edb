package sarif

import (
	"encoding/json"
	"strconv"
)

// rule is what matters of a reportingDescriptor (3.49).
type rule struct {
	id       string
	level    string  // of its defaultConfiguration; empty: the standard's default
	security float64 // its security-severity; 0: none
}

// rule reads one.
func (p *parser) rule() (r rule, guid string, err error) {
	err = p.object(members{
		"id": p.text(&r.id), "guid": p.text(&guid),
		"defaultConfiguration": func() error { return p.object(members{"level": p.level(&r.level)}) },
		"properties": func() error {
			return p.object(members{"security-severity": func() error { return p.security(&r.security) }})
		},
	})
	if err == nil && r.id == "" {
		return r, guid, p.at("id", "is missing: a rule has an id (3.49.3)")
	}
	return r, guid, err
}

func (p *parser) level(v *string) func() error {
	return p.choice(v, "error", "warning", "note", "none")
}

// security reads a security-severity: a number, mostly written as text.
func (p *parser) security(v *float64) error {
	tok, err := p.token()
	if err != nil {
		return err
	}
	var s string
	switch t := tok.(type) {
	case string:
		s = t
	case json.Number:
		s = t.String()
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n >= 0 && n <= 10) {
		return p.fault("is no severity: want a number from 0.0 to 10.0")
	}
	*v = n
	return nil
}

// ref is how results name their rule (3.27.5 to 3.27.7), and what else decides on their level.
type ref struct {
	id, guid   string
	index      int // in the rules of the component; -1: not said
	part       int // index of the extension; -1: the driver, or as named
	partName   string
	partGUID   string
	invocation int // -1: not said
	level      string
}

func (r *ref) reset() { *r = ref{index: -1, part: -1, invocation: -1} }

// tally counts results with one ref.
type tally struct {
	open  int
	first string // path of the first of them
}

// result reads a result (3.27) and counts it.
func (p *parser) result(w *work) error {
	if p.results++; p.results > ResultsMost {
		return p.fault("is one of more than %d results: split the file", ResultsMost)
	}
	var name ref
	name.reset()
	kind, baseline := "fail", ""
	suppressed, held := false, false
	err := p.object(members{
		"ruleId": p.text(&name.id), "ruleIndex": p.index(&name.index), "level": p.level(&name.level),
		"rule":          func() error { return p.descriptor(&name) },
		"kind":          p.choice(&kind, "fail", "pass", "open", "review", "informational", "notApplicable"),
		"baselineState": p.choice(&baseline, "new", "unchanged", "updated", "absent"),
		"provenance":    func() error { return p.object(members{"invocationIndex": p.index(&name.invocation)}) },
		"suppressions": p.some(listMost, "suppressions", func(int) error {
			status := "accepted"
			err := p.object(members{"status": p.choice(&status, "accepted", "underReview", "rejected")})
			suppressed, held = true, held || status != "accepted"
			return err
		}),
	})
	if err != nil {
		return err
	}
	if kind != "fail" && name.level != "" && name.level != "none" {
		return p.at("level", "is %s, and the kind is %s: a result that is no failure has no level (3.27.10); have the tool write one of the two", name.level, kind)
	}
	return p.count(w, name, kind, baseline == "absent", suppressed && !held)
}

// count puts a result where it belongs.
func (p *parser) count(w *work, name ref, kind string, gone, suppressed bool) error {
	c := &w.run.Counts
	switch {
	case gone:
		c.Gone++
	case kind == "pass" || kind == "informational" || kind == "notApplicable":
		c.Passed++
	case suppressed:
		c.Suppressed++
	case kind != "fail":
		c.Undecided++
	default:
		t := w.tallies[name]
		if t == nil {
			if len(w.tallies) >= refsMost {
				return p.fault("names its rule in one of more than %d ways: split the file", refsMost)
			}
			t = &tally{first: p.place("")}
			w.tallies[name], w.order = t, append(w.order, name)
		}
		t.open++
	}
	return nil
}

// descriptor reads a reportingDescriptorReference (3.52). What it says goes before ruleId and ruleIndex only where they say
// nothing: they must agree.
func (p *parser) descriptor(name *ref) error {
	var id string
	index := -1
	err := p.object(members{
		"id": p.text(&id), "index": p.index(&index), "guid": p.text(&name.guid),
		"toolComponent": func() error {
			return p.object(members{"index": p.index(&name.part), "name": p.text(&name.partName), "guid": p.text(&name.partGUID)})
		},
	})
	if err != nil {
		return err
	}
	if id != "" {
		name.id = id
	}
	if index >= 0 {
		name.index = index
	}
	return nil
}
