package export

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
)

// Figures are the numbers of a pack. They are counted once, from what the pack holds, and every file shows these.
type Figures struct {
	At         time.Time      `json:"at"`
	Total      int            `json:"controls"`
	Applicable int            `json:"applicable"`
	Measured   int            `json:"measured"`
	Passing    int            `json:"passing"`
	Excepted   int            `json:"excepted"`
	Pass       *float64       `json:"passPercent"` // of what is applicable; null where nothing is measured
	Coverage   float64        `json:"coveragePercent"`
	Fresh      *float64       `json:"freshPercent"` // of what is measured
	With       *float64       `json:"withExceptionsPercent"`
	Weighted   *float64       `json:"weightedPercent"`
	Counts     map[string]int `json:"counts"` // controls by status
	Domains    []DomainFigure `json:"domains"`
	Findings   int            `json:"findings"`
	Overdue    int            `json:"overdueFindings"`
	Accepted   int            `json:"exceptedFindings"`
	Severities map[string]int `json:"severities"`
	Exceptions int            `json:"exceptions"`
	Records    int            `json:"records"`
	Current    int            `json:"recordsCurrent"`
	Owed       int            `json:"recordsOwed"` // missing, expired, altered or waiting
	Risks      int            `json:"risks"`
	Undecided  int            `json:"risksUndecided"`
	Devices    int            `json:"devices"`
	Proved     int            `json:"controlsProved"` // whose last change is proved in the log
}

// DomainFigure is one domain's share.
type DomainFigure struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Applicable int            `json:"applicable"`
	Passing    int            `json:"passing"`
	Counts     map[string]int `json:"counts"`
}

// The statuses, worst first, as charts and tables show them.
var statuses = []string{string(fleet.Fail), string(fleet.Stale), string(fleet.Unknown), string(fleet.NotAssessed), string(fleet.Excepted), string(fleet.Pass), string(fleet.NotApplicable)}

// count counts controls. The formulas are the engine's, so that a pack over everything shows what the console shows.
func (f *Figures) count(controls []Control) {
	f.Counts = map[string]int{}
	for _, s := range statuses {
		f.Counts[s] = 0
	}
	f.Severities = map[string]int{}
	var weight, weightPassing float64
	for _, c := range controls {
		f.Counts[c.Status]++
		f.domain(c)
		if c.Proof != nil {
			f.Proved++
		}
		w := c.Weight
		if w == 0 {
			w = 1
		}
		if c.Status != string(fleet.NotApplicable) {
			weight += w
		}
		if c.Status == string(fleet.Pass) {
			weightPassing += w
		}
	}
	f.Total, f.Passing, f.Excepted = len(controls), f.Counts[string(fleet.Pass)], f.Counts[string(fleet.Excepted)]
	f.Applicable = f.Total - f.Counts[string(fleet.NotApplicable)]
	f.Measured = f.Applicable - f.Counts[string(fleet.NotAssessed)]
	f.Coverage = percent(f.Measured, f.Applicable)
	if f.Measured > 0 {
		pass, fresh := percent(f.Passing, f.Applicable), percent(f.Measured-f.Counts[string(fleet.Stale)]-f.Counts[string(fleet.Unknown)], f.Measured)
		with, weighted := percent(f.Passing+f.Excepted, f.Applicable), float64(int(weightPassing*1000/weight))/10
		f.Pass, f.Fresh, f.With, f.Weighted = &pass, &fresh, &with, &weighted
	}
}

func (f *Figures) domain(c Control) {
	i := slices.IndexFunc(f.Domains, func(d DomainFigure) bool { return d.ID == c.Domain })
	if i < 0 {
		i = len(f.Domains)
		f.Domains = append(f.Domains, DomainFigure{ID: c.Domain, Name: c.DomainName, Counts: map[string]int{}})
	}
	d := &f.Domains[i]
	d.Counts[c.Status]++
	if c.Status != string(fleet.NotApplicable) {
		d.Applicable++
	}
	if c.Status == string(fleet.Pass) {
		d.Passing++
	}
}

func percent(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n*1000/of) / 10
}

// share is a percentage as people read it.
func share(p *float64) string {
	if p == nil {
		return "insufficient data"
	}
	return fmt.Sprintf("%.1f %%", *p)
}

// chosen narrows a snapshot to a scope.
func chosen(snap Snapshot, sc Scope) ([]Control, error) {
	want, whole := map[string]bool{}, len(sc.Domains)+len(sc.Controls) == 0 && sc.Framework == ""
	for i, id := range sc.Controls {
		if !slices.ContainsFunc(snap.Controls, func(c Control) bool { return c.ID == id }) {
			return nil, fleet.Invalid(fmt.Sprintf("scope.controls[%d]", i), "there is no control "+clip(id))
		}
		want[id] = true
	}
	for i, d := range sc.Domains {
		if !slices.ContainsFunc(snap.Controls, func(c Control) bool { return c.Domain == d }) {
			return nil, fleet.Invalid(fmt.Sprintf("scope.domains[%d]", i), "there is no domain "+clip(d))
		}
	}
	if sc.Framework != "" {
		i := slices.IndexFunc(snap.Frameworks, func(f Framework) bool { return f.ID == sc.Framework })
		if i < 0 {
			return nil, fleet.Invalid("scope.framework", "there is no framework "+clip(sc.Framework))
		}
		for _, item := range snap.Frameworks[i].Items {
			for _, m := range item.Controls {
				want[m.Control] = true
			}
		}
	}
	var out []Control
	for _, c := range snap.Controls {
		if whole || want[c.ID] || slices.Contains(sc.Domains, c.Domain) {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil, fleet.Invalid("scope", "means no control at all")
	}
	return out, nil
}

func clip(s string) string {
	const most = 80
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
