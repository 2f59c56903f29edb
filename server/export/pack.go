package export

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unique"
)

// pack is one pack while it is made.
type pack struct {
	*Service
	job      Job
	dir      string
	spoolDir string

	at         time.Time
	snap       Snapshot
	controls   []Control
	frameworks []Framework // narrowed to controls
	checkpoint *Checkpoint
	figures    Figures
	notes      []string
	files      []File

	findings   *spool[Finding]
	exceptions *spool[Exception]
	records    *spool[Record]
	risks      *spool[Risk]
	devices    *spool[Device]
	systems    map[string]string // of each device
}

// read reads everything once. Findings and the rest are read as of the snapshot's moment, so that nothing in the pack is
// from another time.
func (p *pack) read(ctx context.Context) error {
	p.expect(len(p.job.Order.Formats) + 2)
	var asked time.Time
	if p.job.Order.At != nil {
		asked = *p.job.Order.At
	} else if p.job.moment != nil {
		asked = *p.job.moment // an earlier attempt was interrupted: this one shows the same
	}
	var err error
	if p.snap, err = p.Readers.Posture.Snapshot(ctx, asked); err != nil {
		return err
	}
	p.at = p.snap.At.UTC()
	if asked.IsZero() {
		if err := p.fix(ctx, p.job.ID, p.at); err != nil {
			return err
		}
	}
	p.notes = append(p.notes, p.snap.Notes...)
	if p.controls, err = chosen(p.snap, p.job.Order.Scope); err != nil {
		return err
	}
	p.frameworks = narrowed(p.snap.Frameworks, p.controls)
	p.advance("proofs", 0)
	if err := p.prove(ctx); err != nil {
		return err
	}
	p.figures.At = p.at
	p.figures.count(p.controls)
	p.advance("reading", 1)
	return p.readSpools(ctx)
}

// narrowed keeps of frameworks what relates to the chosen controls.
func narrowed(fs []Framework, controls []Control) (out []Framework) {
	in := map[string]bool{}
	for _, c := range controls {
		in[c.ID] = true
	}
	for _, f := range fs {
		items := slices.Clone(f.Items)
		for i := range items {
			items[i].Controls = slices.DeleteFunc(slices.Clone(items[i].Controls), func(m Mapping) bool { return !in[m.Control] })
		}
		f.Items = items
		out = append(out, f)
	}
	return out
}

// prove gives every control the proof of its last change, under one checkpoint.
func (p *pack) prove(ctx context.Context) error {
	if p.Readers.Proofs == nil {
		p.notes = append(p.notes, "Nothing here is proved: the installation has no audit log to prove it from.")
		return nil
	}
	cp, err := p.Readers.Proofs.Checkpoint(ctx)
	if err != nil {
		return err
	}
	if cp.Size == 0 {
		p.notes = append(p.notes, "Nothing here is proved: the audit log had no signed checkpoint yet.")
		return nil
	}
	p.checkpoint = &cp
	missing := 0
	for i := range p.controls {
		proof, err := p.Readers.Proofs.LastChange(ctx, p.controls[i].ID, p.at, cp.Size)
		if err != nil {
			return err
		}
		if proof == nil || (proof.Status != "" && proof.Status != p.controls[i].Status) {
			missing++ // or the entry is of the change before the one that the pack shows
			continue
		}
		if !p.job.bodies {
			proof.Body = ""
		}
		p.controls[i].Proof = proof
	}
	if missing > 0 {
		p.notes = append(p.notes, fmt.Sprintf("%d controls carry no proof: they never changed their status, or changed it after the log's last checkpoint.", missing))
	}
	if !p.job.bodies {
		p.notes = append(p.notes, "Proofs show leaf hashes without the log's entries, which auditors alone may read. A pack that an auditor asks for carries them.")
	}
	return nil
}

// inSystem tells whether something belongs to the pack's system.
func (p *pack) inSystem(system string) bool {
	return p.job.Order.Scope.System == "" || system == p.job.Order.Scope.System
}

func (p *pack) readSpools(ctx context.Context) error {
	if p.job.Order.Scope.System != "" {
		p.notes = append(p.notes, "Devices, findings, records and risks are those of the system "+p.job.Order.Scope.System+"; what belongs to no one system is left out. The status of a control is that of the whole installation.")
	}
	in := map[string]bool{}
	for _, c := range p.controls {
		in[c.ID] = true
	}
	for _, read := range []func(context.Context, map[string]bool) error{p.readDevices, p.readFindings, p.readExceptions, p.readRecords, p.readRisks} {
		if err := read(ctx, in); err != nil {
			return err
		}
	}
	rows := p.findings.n + p.exceptions.n + p.records.n + p.risks.n + p.devices.n
	p.expect(rows * len(p.job.Order.Formats))
	return nil
}

func (p *pack) readFindings(ctx context.Context, in map[string]bool) (err error) {
	if p.findings, err = newSpool[Finding](p.spoolDir, "findings"); err != nil {
		return err
	}
	err = p.Readers.Posture.Findings(ctx, p.at, func(f Finding) error {
		if f.System == "" && f.Kind == "device" {
			f.System = p.systems[f.Subject]
		}
		if !in[f.Control] || !p.inSystem(f.System) {
			return ctx.Err()
		}
		p.figures.Findings++
		p.figures.Severities[f.Severity]++
		if f.Overdue {
			p.figures.Overdue++
		}
		if f.State == "excepted" {
			p.figures.Accepted++
		}
		if p.findings.n%1000 == 0 {
			p.advance(fmt.Sprintf("reading findings (%d)", p.findings.n), 0)
		}
		return p.findings.add(f)
	})
	return closed(err, p.findings)
}

// closed ends a spool's writing, whatever happened before.
func closed[T any](err error, s *spool[T]) error {
	if cerr := s.done(); err == nil {
		err = cerr
	}
	return err
}

func (p *pack) readExceptions(ctx context.Context, in map[string]bool) (err error) {
	if p.exceptions, err = newSpool[Exception](p.spoolDir, "exceptions"); err != nil {
		return err
	}
	err = p.Readers.Posture.Exceptions(ctx, p.at, func(e Exception) error {
		if !in[e.Control] {
			return ctx.Err()
		}
		p.figures.Exceptions++
		return p.exceptions.add(e)
	})
	return closed(err, p.exceptions)
}

func (p *pack) readRecords(ctx context.Context, in map[string]bool) (err error) {
	if p.records, err = newSpool[Record](p.spoolDir, "records"); err != nil {
		return err
	}
	if p.Readers.Records == nil {
		p.notes = append(p.notes, "Records are not in this pack: the installation keeps none.")
		return p.records.done()
	}
	err = p.Readers.Records.Records(ctx, p.at, func(r Record) error {
		if !p.inSystem(r.System) || (len(r.Controls) > 0 && !slices.ContainsFunc(r.Controls, func(c string) bool { return in[c] })) {
			return ctx.Err()
		}
		p.figures.Records++
		switch r.State {
		case "current", "expiring":
			p.figures.Current++
		case "missing", "expired", "altered", "waiting":
			p.figures.Owed++
		}
		return p.records.add(r)
	})
	return closed(err, p.records)
}

func (p *pack) readRisks(ctx context.Context, _ map[string]bool) (err error) {
	if p.risks, err = newSpool[Risk](p.spoolDir, "risks"); err != nil {
		return err
	}
	if p.Readers.Risks == nil {
		p.notes = append(p.notes, "Risks are not in this pack: the installation keeps no register.")
		return p.risks.done()
	}
	err = p.Readers.Risks.Risks(ctx, p.at, func(r Risk) error {
		if !p.inSystem(r.System) {
			return ctx.Err()
		}
		p.figures.Risks++
		if r.Decision == "" || r.Decision == "none" {
			p.figures.Undecided++
		}
		return p.risks.add(r)
	})
	return closed(err, p.risks)
}

func (p *pack) readDevices(ctx context.Context, _ map[string]bool) (err error) {
	p.systems = map[string]string{}
	if p.devices, err = newSpool[Device](p.spoolDir, "devices"); err != nil {
		return err
	}
	if p.Readers.Devices == nil {
		p.notes = append(p.notes, "Devices are not in this pack.")
		return p.devices.done()
	}
	err = p.Readers.Devices.Devices(ctx, p.at, p.job.Order.Scope.System, func(d Device) error {
		p.figures.Devices++
		p.systems[d.ID] = unique.Make(d.System).Value()
		if p.devices.n%1000 == 0 {
			p.advance(fmt.Sprintf("reading devices (%d)", p.devices.n), 0)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return p.devices.add(d)
	})
	return closed(err, p.devices)
}

// writers are the formats; each makes its files.
var writers = map[string]func(*pack, context.Context) error{
	OSCAL: (*pack).writeOSCAL, OCSF: (*pack).writeOCSF, XLSX: (*pack).writeXLSX, CSV: (*pack).writeCSV, PDF: (*pack).writePDF,
}

// write makes the files of every format, the proofs, the manifest and the zip of all of them.
func (p *pack) write(ctx context.Context) error {
	if p.snap.Past && p.devices.n > 0 {
		p.notes = append(p.notes, "The pack shows a past moment. Devices are those registered by then, in their present state: their past states are in the audit log.")
	}
	for _, f := range Formats {
		if !slices.Contains(p.job.Order.Formats, f) {
			continue
		}
		p.advance("writing "+f, 0)
		if err := writers[f](p, ctx); err != nil {
			return fmt.Errorf("write %s: %w", f, err)
		}
		p.advance("writing "+f, 1)
	}
	if err := p.writeEngagement(ctx); err != nil {
		return err
	}
	if err := p.writeProofs(); err != nil {
		return err
	}
	if err := p.writeManifest(); err != nil {
		return err
	}
	p.advance("pack.zip", 1)
	return p.writeZip(ctx)
}

// tick counts rows written, and stops a writer when the server stops.
func (p *pack) tick(ctx context.Context, step string, n int) error {
	const every = 1000
	if n%every != 0 {
		return nil
	}
	p.advance(step, every)
	return ctx.Err()
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
