package export

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// table is a list as XLSX and CSV show it: both are made from the same rows.
type table struct {
	name    string // of the sheet and file
	columns []column
	rows    func(add func(...any) error) error // cells: string, int, float64, bool, time.Time
}

// column is one column; width is in characters.
type column struct {
	title string
	width float64
}

// tables lists everything a pack holds as tables.
func (p *pack) tables() []table {
	return []table{p.summaryTable(), p.controlsTable(), p.obligationsTable(), p.findingsTable(), p.exceptionsTable(), p.recordsTable(), p.risksTable(), p.frameworksTable(), p.devicesTable()}
}

// facts are the summary, line by line; PDF shows them too.
func (p *pack) facts() [][2]any {
	f := p.figures
	out := [][2]any{
		{"As of", f.At},
		{"Made", p.job.Created},
		{"Made for", p.job.By},
		{"Product", "Thingward " + p.Version},
		{"Scope", p.scopeText()},
		{"Engagement", p.job.Order.Engagement},
		{"Controls", f.Total},
		{"Applicable", f.Applicable},
		{"Measured", f.Measured},
		{"Passing", f.Passing},
		{"Passing of applicable", share(f.Pass)},
		{"Coverage (measured of applicable)", share(&f.Coverage)},
		{"Fresh of measured", share(f.Fresh)},
		{"Passing or under exception", share(f.With)},
		{"Passing, weighted by the active profile", share(f.Weighted)},
	}
	for _, s := range statuses {
		out = append(out, [2]any{"Controls: " + statusWord(s), f.Counts[s]})
	}
	out = append(out, [][2]any{
		{"Findings open", f.Findings},
		{"Findings overdue", f.Overdue},
		{"Findings under exception", f.Accepted},
		{"Exceptions", f.Exceptions},
		{"Records owed or in force", f.Records},
		{"Records in force", f.Current},
		{"Records missing, waiting, expired or altered", f.Owed},
		{"Risks", f.Risks},
		{"Risks undecided", f.Undecided},
		{"Devices", f.Devices},
		{"Controls whose last change is proved", f.Proved},
	}...)
	if p.checkpoint != nil {
		out = append(out, [][2]any{{"Audit log: entries", int(p.checkpoint.Size)}, {"Audit log: root", p.checkpoint.Root}, {"Audit log: signed", p.checkpoint.Time}}...)
	}
	for _, n := range p.notes {
		out = append(out, [2]any{"Note", n})
	}
	return out
}

func (p *pack) scopeText() string {
	var parts []string
	sc := p.job.Order.Scope
	for what, list := range map[string][]string{"domains": sc.Domains, "controls": sc.Controls} {
		if len(list) > 0 {
			parts = append(parts, what+" "+strings.Join(list, ", "))
		}
	}
	if sc.Framework != "" {
		parts = append(parts, "framework "+sc.Framework)
	}
	if sc.System != "" {
		parts = append(parts, "system "+sc.System)
	}
	if len(parts) == 0 {
		return "everything"
	}
	return strings.Join(parts, "; ")
}

func (p *pack) summaryTable() table {
	return table{"summary", []column{{"What", 44}, {"Value", 90}}, func(add func(...any) error) error {
		for _, f := range p.facts() {
			if err := add(f[0], f[1]); err != nil {
				return err
			}
		}
		return nil
	}}
}

func (p *pack) controlsTable() table {
	columns := []column{{"Control", 10}, {"Domain", 26}, {"Title", 60}, {"Status", 15}, {"Since", 20}, {"Reason", 70}, {"Modes", 22}, {"Checks", 8}, {"Excepted", 9}, {"Statement", 70}, {"Fails when", 60}, {"Clears when", 60}, {"Missing", 40}, {"Log entry", 10}, {"Leaf hash", 46}}
	return table{"controls", columns, func(add func(...any) error) error {
		for _, c := range p.controls {
			var index any = ""
			leaf := ""
			if c.Proof != nil {
				index, leaf = int(c.Proof.Index), c.Proof.Leaf
			}
			if err := add(c.ID, c.DomainName, c.Title, statusWord(c.Status), c.Since, c.Reason, strings.Join(c.Modes, ", "), len(c.Checks), c.Excepted, c.Statement, c.FailsWhen, c.ClearsWhen, c.Missing, index, leaf); err != nil {
				return err
			}
		}
		return nil
	}}
}

func (p *pack) obligationsTable() table {
	columns := []column{{"Control", 10}, {"Obligation", 28}, {"Mode", 12}, {"Status", 15}, {"Text", 70}, {"Check", 34}, {"Check title", 50}, {"Check status", 15}, {"Reads", 34}, {"Pass", 8}, {"Fail", 8}, {"Unknown", 9}, {"Stale", 8}, {"Not applicable", 14}, {"Observed", 20}, {"Valid until", 20}, {"Check reason", 60}}
	return table{"obligations", columns, func(add func(...any) error) error {
		for _, c := range p.controls {
			for _, o := range c.Obligations {
				if err := addObligation(c, o, add); err != nil {
					return err
				}
			}
		}
		return nil
	}}
}

// addObligation writes a row for each check of an obligation, or one where nothing assesses it.
func addObligation(c Control, o Obligation, add func(...any) error) error {
	found := false
	for _, k := range c.Checks {
		if k.Obligation != o.Key {
			continue
		}
		found = true
		if err := add(c.ID, o.Key, o.Mode, statusWord(o.Status), o.Text, k.ID, k.Title, statusWord(k.Status), k.Reads, k.Pass, k.Fail, k.Unknown, k.Stale, k.NotApplies, k.Observed, k.ValidUntil, k.Reason); err != nil {
			return err
		}
	}
	if found {
		return nil
	}
	return add(c.ID, o.Key, o.Mode, statusWord(o.Status), o.Text, "", "", "", "", "", "", "", "", "", "", "", "")
}

func (p *pack) findingsTable() table {
	columns := []column{{"Finding", 38}, {"Control", 10}, {"Check", 32}, {"Title", 50}, {"Severity", 10}, {"State", 10}, {"Subject kind", 13}, {"Subject", 38}, {"Subject name", 24}, {"System", 18}, {"Reason", 60}, {"Opened", 20}, {"Owner", 18}, {"Due", 20}, {"Overdue", 9}, {"Exception", 38}}
	return table{"findings", columns, func(add func(...any) error) error {
		return p.findings.each(func(f Finding) error {
			return add(f.ID, f.Control, f.Check, f.Title, f.Severity, f.State, f.Kind, f.Subject, f.Name, f.System, f.Reason, f.Opened, f.Owner, f.Due, f.Overdue, f.Exception)
		})
	}}
}

func (p *pack) exceptionsTable() table {
	columns := []column{{"Exception", 38}, {"Control", 10}, {"Check", 30}, {"State", 11}, {"Subject", 30}, {"Scope", 24}, {"Covers", 8}, {"Requester", 16}, {"Approver", 16}, {"Justification", 60}, {"Compensating control", 60}, {"Plan", 40}, {"Requested", 20}, {"Decided", 20}, {"Ends", 20}}
	return table{"exceptions", columns, func(add func(...any) error) error {
		return p.exceptions.each(func(e Exception) error {
			return add(e.ID, e.Control, e.Check, e.State, e.Subject, e.Scope, e.Covers, e.Requester, e.Approver, e.Justification, e.Compensating, e.Plan, e.Requested, e.Decided, e.Ends)
		})
	}}
}

func (p *pack) recordsTable() table {
	columns := []column{{"Kind", 28}, {"Title", 44}, {"About", 14}, {"Object", 26}, {"System", 18}, {"State", 11}, {"Record", 38}, {"Version", 8}, {"Owner", 16}, {"Author", 16}, {"Approver", 16}, {"Effective", 20}, {"Expires", 20}, {"Evidence", 9}, {"Controls", 30}, {"Digest", 66}}
	return table{"records", columns, func(add func(...any) error) error {
		return p.records.each(func(r Record) error {
			return add(r.Kind, r.Title, r.About, r.Object, r.System, r.State, r.ID, r.Version, r.Owner, r.Author, r.Approver, r.Effective, r.Expires, r.Evidence, strings.Join(r.Controls, ", "), r.Digest)
		})
	}}
}

func (p *pack) risksTable() table {
	columns := []column{{"Risk", 38}, {"Title", 50}, {"Asset", 24}, {"Threat", 40}, {"System", 18}, {"Likelihood", 11}, {"Impact", 8}, {"Level", 12}, {"Decision", 12}, {"Decider", 16}, {"Owner", 16}, {"Ends", 20}, {"State", 11}, {"Residual", 12}, {"Overdue", 9}}
	return table{"risks", columns, func(add func(...any) error) error {
		return p.risks.each(func(r Risk) error {
			return add(r.ID, r.Title, r.Asset, r.Threat, r.System, r.Likelihood, r.Impact, r.Level, r.Decision, r.Decider, r.Owner, r.Ends, r.State, r.Residual, r.Overdue)
		})
	}}
}

func (p *pack) frameworksTable() table {
	columns := []column{{"Framework", 24}, {"Provenance", 12}, {"Item", 12}, {"Name", 50}, {"Control", 10}, {"Status", 15}, {"Relation", 12}, {"Why", 70}}
	return table{"frameworks", columns, func(add func(...any) error) error {
		status := map[string]string{}
		for _, c := range p.controls {
			status[c.ID] = c.Status
		}
		for _, f := range p.frameworks {
			for _, i := range f.Items {
				for _, m := range i.Controls {
					if err := add(f.Name, f.Provenance, i.ID, i.Name, m.Control, statusWord(status[m.Control]), m.Relation, m.Why); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}}
}

func (p *pack) devicesTable() table {
	columns := []column{{"Device", 38}, {"Name", 26}, {"Type", 22}, {"System", 18}, {"Site", 18}, {"State", 12}, {"Firmware", 14}, {"Registered", 20}}
	return table{"devices", columns, func(add func(...any) error) error {
		return p.devices.each(func(d Device) error {
			return add(d.ID, d.Name, d.Type, d.System, d.Site, d.State, d.Firmware, d.Created)
		})
	}}
}

var words = map[string]string{"pass": "passing", "fail": "failing", "excepted": "excepted", "stale": "stale", "unknown": "unknown", "not-assessed": "not assessed", "not-applicable": "not applicable"}

// statusWord is a status in words; what is no status stays as it is.
func statusWord(s string) string {
	if w, ok := words[s]; ok {
		return w
	}
	return s
}

// cellText is a cell as text.
func cellText(v any) string {
	switch v := v.(type) {
	case time.Time:
		return stamp(v)
	case bool:
		if v {
			return "yes"
		}
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// heavy lists the tables whose rows count as progress.
var heavy = map[string]bool{"findings": true, "exceptions": true, "records": true, "risks": true, "devices": true}

// fill runs through a table's rows, counting progress and looking whether to stop.
func (p *pack) fill(ctx context.Context, format string, t table, add func(...any) error) error {
	n := 0
	return t.rows(func(cells ...any) error {
		n++
		if heavy[t.name] {
			if err := p.tick(ctx, fmt.Sprintf("writing %s: %s (%d)", format, t.name, n), n); err != nil {
				return err
			}
		}
		return add(cells...)
	})
}
