// Package sarif reads the results of scanners: SARIF 2.1.0, the OASIS standard for results of static analysis, which tools for
// dynamic analysis and for keys and dependencies write too. It reads a file from a stranger once, in one pass and bounded
// memory, keeps counts and not results, and refuses what it cannot count. Clauses are those of the standard.
package sarif

import (
	"fmt"
	"time"
)

// What a file may hold. Real files are far below; what is beyond is refused, never cut.
const (
	BytesMost   = 32 << 20
	ResultsMost = 500_000 // of all runs
	RulesMost   = 20_000  // of all runs
	refsMost    = 50_000  // different ways in which results of one run name their rules
	runsMost    = 100
	listMost    = 1000 // invocations, extensions, sources and the like
	depthMost   = 64
	textMost    = 1000 // bytes of a text that is kept, such as the name of a rule
)

// Log is what a file says.
type Log struct{ Runs []Run }

// Run is one run of one tool.
type Run struct {
	Tool    Tool
	Started time.Time // of the first invocation; zero: not said
	Ended   time.Time // of the last invocation; zero: not said
	// Failed is the path of the first invocation that says that the tool did not run to its end (3.20.14). Empty: none does.
	Failed string
	// ToolErrors counts what the tool itself reports as an error of its own (3.20.21, 3.20.22): parts may not have been scanned.
	ToolErrors int
	Sources    []Source
	Counts     Counts
}

// Tool is what ran.
type Tool struct {
	Name       string
	Version    string   // as the tool writes it; empty: not said
	Extensions []string // plugins, with their versions
	Rules      int      // it and its extensions list
}

// Source is what was scanned (3.23), as far as the file says.
type Source struct{ Repository, Revision, Branch, Tag string }

// Counts are how many results a run, or several, have.
type Counts struct {
	// Open are results that somebody must decide on: of the kind fail, not suppressed, and not gone since the baseline.
	Open Levels
	// Severity are the same results by how bad they are for security: see Severity.
	Severity Severities
	// Undecided are results that the tool leaves to a person, or could not make out (kinds review and open). They are in neither of
	// the two above.
	Undecided  int
	Suppressed int // accepted suppressions: in source or by review (3.27.23)
	Gone       int // were in the baseline, and are no more (3.27.24)
	Passed     int // kinds pass, notApplicable and informational
}

// Levels counts by level (3.27.10), after the defaults of the standard.
type Levels struct{ Error, Warning, Note, None int }

// All is the sum.
func (l Levels) All() int { return l.Error + l.Warning + l.Note + l.None }

// Severities counts by severity. Where the rule carries the property security-severity, a number from 0.1 to 10.0, it decides as
// CVSS does: critical from 9.0, high from 7.0, medium from 4.0. Elsewhere the level does: an error is high, a warning medium, and
// a note, or what has no level, low.
type Severities struct{ Critical, High, Medium, Low int }

// Findings is how many results somebody must decide on.
func (c Counts) Findings() int { return c.Open.All() + c.Undecided }

// Sum adds up all runs.
func (l Log) Sum() (c Counts) {
	for _, r := range l.Runs {
		o := r.Counts
		c.Open.Error, c.Open.Warning, c.Open.Note, c.Open.None = c.Open.Error+o.Open.Error, c.Open.Warning+o.Open.Warning, c.Open.Note+o.Open.Note, c.Open.None+o.Open.None
		c.Severity.Critical, c.Severity.High = c.Severity.Critical+o.Severity.Critical, c.Severity.High+o.Severity.High
		c.Severity.Medium, c.Severity.Low = c.Severity.Medium+o.Severity.Medium, c.Severity.Low+o.Severity.Low
		c.Undecided, c.Suppressed, c.Gone, c.Passed = c.Undecided+o.Undecided, c.Suppressed+o.Suppressed, c.Gone+o.Gone, c.Passed+o.Passed
	}
	return c
}

// Error is what is wrong with a file: where, and what to do about it.
type Error struct {
	Path    string // runs[0].results[3].level; empty: the file as a whole
	Message string
}

// Error is both together.
func (e *Error) Error() string {
	if e.Path == "" {
		return "the file " + e.Message
	}
	return fmt.Sprintf("%s %s", e.Path, e.Message)
}
