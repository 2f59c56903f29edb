package sarif

import "time"

// run reads a run (3.14). Results may stand before the rules that they name: they are counted by how they name them, and looked
// up when the run is whole.
func (p *parser) run() (r Run, err error) {
	w := &work{run: &r, tallies: map[ref]*tally{}}
	scanned, toolSeen := false, false
	err = p.object(members{
		"tool":        func() error { toolSeen = true; return p.tool(w) },
		"invocations": p.some(listMost, "invocations", func(int) error { return p.invocation(w) }),
		"versionControlProvenance": p.some(listMost, "sources", func(int) error {
			s, err := p.source()
			r.Sources = append(r.Sources, s)
			return err
		}),
		"results": func() (err error) {
			scanned, err = p.list(ResultsMost, "results", func(int) error { return p.result(w) })
			return err
		},
		"externalPropertyFileReferences": func() error {
			return p.object(members{
				"driver": p.elsewhere, "extensions": p.elsewhere, "invocations": p.elsewhere, "results": p.elsewhere,
			})
		},
	})
	switch {
	case err != nil:
		return r, err
	case !toolSeen:
		return r, p.at("tool", "is missing: nobody can say what scanned; have the tool write SARIF 2.1.0")
	case !scanned:
		return r, p.at("results", "is missing: nothing says that it was scanned; a tool that finds nothing writes []")
	}
	return r, p.resolve(w)
}

func (p *parser) elsewhere() error {
	return p.fault("is kept in another file, which is not here: have the tool write one file")
}

// work is a run that is being read.
type work struct {
	run       *Run
	driver    component
	others    []component
	overrides []map[string]string // of each invocation: the level of a rule, by id
	tallies   map[ref]*tally
	order     []ref // of the tallies, as they came
}

// component is a tool's driver or one of its extensions (3.19).
type component struct {
	name, guid string
	rules      []rule
	byID       map[string]int
	byGUID     map[string]int
}

// tool reads what ran (3.18).
func (p *parser) tool(w *work) error {
	driven := false
	t := &w.run.Tool
	err := p.object(members{
		"driver": func() (err error) {
			driven = true
			w.driver, t.Version, err = p.component(w)
			t.Name = w.driver.name
			return err
		},
		"extensions": p.some(listMost, "extensions", func(int) error {
			c, version, err := p.component(w)
			w.others = append(w.others, c)
			t.Extensions = append(t.Extensions, named(c.name, version))
			return err
		}),
	})
	if err == nil && !driven {
		return p.at("driver", "is missing: nobody can say what scanned; have the tool write SARIF 2.1.0")
	}
	return err
}

func named(name, version string) string {
	if version == "" {
		return name
	}
	return name + " " + version
}

// component reads a toolComponent. Its version is the one that people know it by.
func (p *parser) component(w *work) (c component, version string, err error) {
	var semantic, dotted string
	c.byID, c.byGUID = map[string]int{}, map[string]int{}
	err = p.object(members{
		"name": p.text(&c.name), "guid": p.text(&c.guid), "version": p.text(&version), "semanticVersion": p.text(&semantic), "dottedQuadFileVersion": p.text(&dotted),
		"rules": p.some(RulesMost, "rules", func(i int) error {
			if p.rules++; p.rules > RulesMost {
				return p.fault("is one of more than %d rules: split the file", RulesMost)
			}
			r, guid, err := p.rule()
			if _, twice := c.byID[r.id]; !twice { // ids may be shared (3.49.3): the first is found by id, each by its index
				c.byID[r.id] = i
			}
			if guid != "" {
				c.byGUID[guid] = i
			}
			c.rules = append(c.rules, r)
			w.run.Tool.Rules++
			return err
		}),
	})
	if err == nil && c.name == "" {
		return c, version, p.at("name", "is missing or empty: nobody can say what scanned; have the tool write its name")
	}
	for _, v := range []string{semantic, dotted} {
		if version == "" {
			version = v
		}
	}
	return c, version, err
}

// invocation reads how the tool ran (3.20).
func (p *parser) invocation(w *work) error {
	var said, well bool
	var started, ended time.Time
	override := map[string]string{}
	at := p.place("executionSuccessful")
	notice := p.some(ResultsMost, "notifications", func(int) error { return p.notification(w) })
	err := p.object(members{
		"executionSuccessful":        func() error { said = true; return p.truth(&well) },
		"startTimeUtc":               p.instant(&started),
		"endTimeUtc":                 p.instant(&ended),
		"toolExecutionNotifications": notice, "toolConfigurationNotifications": notice,
		"ruleConfigurationOverrides": p.some(RulesMost, "overrides", func(int) error { return p.override(override) }),
	})
	if err != nil {
		return err
	}
	if !said {
		return p.at("executionSuccessful", "is missing: nothing says that the tool ran to its end; have it write SARIF 2.1.0")
	}
	if !well && w.run.Failed == "" {
		w.run.Failed = at
	}
	if r := w.run; r.Started.IsZero() || !started.IsZero() && started.Before(r.Started) {
		r.Started = started
	}
	if ended.After(w.run.Ended) {
		w.run.Ended = ended
	}
	w.overrides = append(w.overrides, override)
	return nil
}

func (p *parser) truth(v *bool) error {
	tok, err := p.token()
	if err != nil {
		return err
	}
	b, ok := tok.(bool)
	if !ok {
		return p.fault("is neither true nor false")
	}
	*v = b
	return nil
}

// notification reads what a tool says of itself (3.58): only how bad it is.
func (p *parser) notification(w *work) error {
	level := "warning"
	err := p.object(members{"level": p.choice(&level, "none", "note", "warning", "error")})
	if err == nil && level == "error" {
		w.run.ToolErrors++
	}
	return err
}

// override reads a configurationOverride (3.51): a level that a rule has in this invocation.
func (p *parser) override(levels map[string]string) error {
	var rule ref
	var level string
	rule.reset()
	err := p.object(members{
		"descriptor":    func() error { return p.descriptor(&rule) },
		"configuration": func() error { return p.object(members{"level": p.level(&level)}) },
	})
	if err == nil && level != "" && rule.id != "" {
		levels[rule.id] = level
	}
	return err
}

// source reads versionControlDetails (3.23).
func (p *parser) source() (s Source, err error) {
	err = p.object(members{"repositoryUri": p.text(&s.Repository), "revisionId": p.text(&s.Revision), "branch": p.text(&s.Branch), "revisionTag": p.text(&s.Tag)})
	return s, err
}
