package kinds

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/kit/sarif"
	"github.com/thingward/thingward/server/records"
)

// scanResults reads the results of scanners: files as SARIF 2.1.0, at least so many.
func scanResults(least int) *records.Reading {
	return &records.Reading{Format: "SARIF 2.1.0", Least: least, Takes: isSARIF, Read: readSARIF}
}

// isSARIF takes files by the media type and endings of the standard (3.2).
func isSARIF(name, media string) bool {
	name = strings.ToLower(name)
	return media == "application/sarif+json" || strings.HasSuffix(name, ".sarif") || strings.HasSuffix(name, ".sarif.json")
}

// readSARIF says what a file of results says. A scan that did not run to its end proves nothing, and is refused.
func readSARIF(content io.Reader) ([]records.Fact, []records.Fault) {
	log, err := sarif.Read(content)
	var wrong *sarif.Error
	switch {
	case errors.As(err, &wrong):
		return nil, []records.Fault{{Path: wrong.Path, Message: wrong.Message}}
	case err != nil:
		return nil, []records.Fault{{Message: "cannot be read: " + err.Error()}}
	}
	for _, r := range log.Runs {
		if r.Failed != "" {
			return nil, []records.Fault{{Path: r.Failed, Message: "is false: " + r.Tool.Name + " did not run to its end; put right what stopped it, and scan again"}}
		}
	}
	return factsOf(log), nil
}

const notSaid = "not said in the file"

// factsOf is what is shown of a file, and what forms are filled from.
func factsOf(log sarif.Log) []records.Fact {
	var tools, sources []string
	var ended time.Time
	rules, own, timed := 0, 0, true
	for _, r := range log.Runs {
		tools = append(tools, strings.TrimSpace(r.Tool.Name+" "+r.Tool.Version))
		tools = append(tools, r.Tool.Extensions...)
		for _, s := range r.Sources {
			sources = append(sources, cmp.Or(s.Revision, s.Tag))
			if s.Revision != "" && s.Tag != "" {
				sources = append(sources, s.Tag)
			}
		}
		if timed = timed && !r.Ended.IsZero(); r.Ended.After(ended) {
			ended = r.Ended
		}
		rules, own = rules+r.Tool.Rules, own+r.ToolErrors
	}
	when := notSaid
	if timed { // of runs of which one does not say when, nobody knows which was last
		when = ended.Format(time.RFC3339)
	}
	c := log.Sum()
	fact := func(name, label string, n int) records.Fact {
		return records.Fact{Name: name, Label: label, Value: strconv.Itoa(n)}
	}
	return []records.Fact{
		{Name: "tool", Label: "Tool", Value: list(tools)},
		{Name: "ended", Label: "Scan ended", Value: when},
		{Name: "revision", Label: "Revision scanned", Value: list(sources)},
		fact("rules", "Rules described", rules),
		fact("findings", "Open findings", c.Findings()),
		fact("critical", "Critical", c.Severity.Critical), fact("high", "High", c.Severity.High),
		fact("medium", "Medium", c.Severity.Medium), fact("low", "Low", c.Severity.Low),
		fact("undecided", "Left to a person by the tool", c.Undecided),
		fact("suppressed", "Suppressed", c.Suppressed), fact("gone", "Gone since the baseline", c.Gone),
		fact("passed", "Passed or without failure", c.Passed), fact("toolErrors", "Errors of the tool itself", own),
	}
}

const listedMost = 400 // bytes of a list of tools or revisions: it must fit a field of a form

// list writes different texts in their order; of very many, the first.
func list(all []string) string {
	var out []string
	for _, s := range all {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	s := strings.Join(out, ", ")
	if len(s) > listedMost {
		s = strings.ToValidUTF8(s[:listedMost], "") + "…"
	}
	return cmp.Or(s, notSaid)
}

// count is a number that a file says.
func count(e records.Evidence, name string) (float64, bool) {
	n, err := strconv.Atoi(e.Said(name))
	return float64(n), err == nil
}

// scanDay compares the day on which a form says that was scanned with that of the last scan whose file says when it ended, and
// with the release: what was built later cannot have been scanned.
func scanDay(b records.Body, field string, o records.Object, files []records.Evidence) (faults []records.Fault) {
	var last time.Time
	var of string
	built, what := cell(o.Facts, "built"), "built"
	if built == "" {
		built, what = cell(o.Facts, "released"), "released"
	}
	for _, e := range files {
		at, err := time.Parse(time.RFC3339, e.Said("ended"))
		if err != nil {
			continue
		}
		if at.After(last) {
			last, of = at, e.Name
		}
		if on := at.UTC().Format(time.DateOnly); on < built { // the order of texts is that of days
			faults = append(faults, records.Fault{Path: "evidence", Message: fmt.Sprintf("%s is of a scan that ended on %s, and the release was %s on %s: scan what was released, or say in the register on which day it was built", e.Name, on, what, built)})
		}
	}
	if on := last.UTC().Format(time.DateOnly); !last.IsZero() && cell(b, field) != on {
		faults = append(faults, records.Fault{Path: field, Message: fmt.Sprintf("is %s, and %s says that its scan ended on %s (UTC): write that day", cell(b, field), of, on)})
	}
	return faults
}

// sameRevision compares what was scanned with what the release was built from, where both say it.
func sameRevision(o records.Object, files []records.Evidence) (faults []records.Fault) {
	want := cell(o.Facts, "revision")
	for _, e := range files {
		said := e.Said("revision")
		if want == "" || said == "" || said == notSaid || slices.ContainsFunc(strings.Split(said, ", "), func(s string) bool { return sameCommit(s, want) }) {
			continue
		}
		faults = append(faults, records.Fault{Path: "evidence", Message: fmt.Sprintf("%s is of a scan of %s, and the release was built from %s: scan what was released", e.Name, said, want)})
	}
	return faults
}

const commitLeast = 7 // of a commit that is written short

// sameCommit reports whether two names are those of one commit, of which one may be written short.
func sameCommit(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return a == b || len(a) >= commitLeast && strings.HasPrefix(b, a) || len(b) >= commitLeast && strings.HasPrefix(a, b)
}
