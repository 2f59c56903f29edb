package server

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/export"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/records"
	"github.com/thingward/thingward/server/registry"
	"github.com/thingward/thingward/server/risk"
)

// packPosture shows exports where controls stand or stood.
type packPosture struct{ posture *posture.Service }

// Snapshot reads everything at one moment.
func (p packPosture) Snapshot(ctx context.Context, at time.Time) (out export.Snapshot, err error) {
	views, overview, err := p.read(ctx, at)
	if err != nil {
		return out, err
	}
	out.At, out.Past = p.posture.Clock.Now(), !at.IsZero()
	if out.Past {
		out.At = at
		out.Notes = append(out.Notes, "Recomputed from the audit log for a past moment: obligations and validity are not kept for the past, and what checks had found is as counted at each control's last change.")
	}
	for _, v := range views {
		out.Controls = append(out.Controls, packControl(v))
	}
	for _, t := range overview.Trend {
		out.Trend = append(out.Trend, export.Point{At: t.At, Pass: t.Pass, Coverage: t.Coverage})
	}
	out.Frameworks, err = p.frameworks(ctx, at)
	return out, err
}

func (p packPosture) read(ctx context.Context, at time.Time) (views []posture.ControlView, o posture.Overview, err error) {
	if at.IsZero() {
		_, views = p.posture.Views()
		o, err = p.posture.Overview(ctx)
		return views, o, err
	}
	if o, err = p.posture.OverviewAt(ctx, at); err != nil {
		return nil, o, err
	}
	views, err = p.posture.ControlsAt(ctx, at)
	return views, o, err
}

func packControl(v posture.ControlView) export.Control {
	c := export.Control{
		ID: v.ID, Key: v.Key, Domain: v.Domain, DomainName: v.DomainName, Title: v.Title, Statement: v.Statement, Status: string(v.Status), Since: orZero(v.Since), Reason: v.Reason,
		Weight: float64(v.Weight), Excepted: v.Status == fleet.Excepted, FailsWhen: v.FailsWhen, ClearsWhen: v.ClearsWhen, Missing: v.Missing,
	}
	for _, m := range v.Modes {
		c.Modes = append(c.Modes, string(m))
	}
	for _, l := range v.Layers {
		c.Layers = append(c.Layers, string(l))
	}
	for _, o := range v.Obligations {
		c.Obligations = append(c.Obligations, export.Obligation{Key: o.Key, Mode: string(o.Mode), Text: o.Text, Status: string(o.Status)})
	}
	for _, e := range v.Evaluations {
		c.Checks = append(c.Checks, export.Check{
			ID: e.ID, Title: e.Title, Obligation: e.Obligation, Reads: e.Reads, Subject: string(e.Subject), Gate: e.Gate, Status: string(e.Status), Reason: e.Reason,
			Pass: e.Counts.Pass, Fail: e.Counts.Fail, Unknown: e.Counts.Unknown, Stale: e.Counts.Stale, NotApplies: e.Counts.NotApplicable,
			Observed: orZero(e.Observed), ValidUntil: orZero(e.ValidUntil),
		})
	}
	return c
}

// frameworks reads every framework on the word that says most of single controls: the operator's, else ours, else the source's.
func (p packPosture) frameworks(ctx context.Context, at time.Time) (out []export.Framework, err error) {
	list, err := p.posture.ListFrameworks(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		by := catalogue.Product
		if f.Imported {
			by = catalogue.Operator
		}
		v, err := p.posture.Framework(ctx, f.ID, by, at)
		if err != nil {
			return nil, err
		}
		one := export.Framework{ID: v.ID, Name: v.Name, Provenance: string(by)}
		for _, i := range v.Items {
			item := export.Item{ID: i.ID, Name: i.Name}
			for _, c := range i.Controls {
				item.Controls = append(item.Controls, export.Mapping{Control: c.ID, Relation: string(c.Relation), Why: c.Why})
			}
			one.Items = append(one.Items, item)
		}
		out = append(out, one)
	}
	return out, nil
}

const packPage = 1000

// Findings hands over what was open at a moment.
func (p packPosture) Findings(ctx context.Context, at time.Time, fn func(export.Finding) error) error {
	for _, state := range []string{"open", "excepted"} {
		for after := ""; ; {
			list, next, _, err := p.posture.Findings(ctx, posture.FindingFilter{State: state, At: at, After: after, Limit: packPage})
			if err != nil {
				return err
			}
			for _, f := range list {
				if err := fn(packFinding(f)); err != nil {
					return err
				}
			}
			if after = next; after == "" {
				break
			}
		}
	}
	return nil
}

func packFinding(f posture.Finding) export.Finding {
	return export.Finding{
		ID: f.ID, Control: f.Control, Check: f.Check, Title: f.Title, Kind: string(f.Subject.Kind), Subject: f.Subject.ID, Name: f.Subject.Name, Severity: string(f.Severity),
		State: string(f.State), Reason: f.Reason, Opened: f.Opened, Owner: f.Owner, Due: f.Due, Overdue: f.Overdue, Exception: f.Exception,
	}
}

// Exceptions hands over the exceptions that were asked for by then.
func (p packPosture) Exceptions(ctx context.Context, at time.Time, fn func(export.Exception) error) error {
	list, err := p.posture.Exceptions(ctx, "", "", "")
	if err != nil {
		return err
	}
	for _, e := range list {
		if !at.IsZero() && e.Requested.After(at) {
			continue
		}
		if err := fn(packException(e)); err != nil {
			return err
		}
	}
	return nil
}

func packException(e posture.Exception) export.Exception {
	out := export.Exception{
		ID: e.ID, Control: e.Control, Check: e.Check, State: string(e.State), Requester: e.Requester, Approver: e.Approver, Justification: e.Justification, Compensating: e.Compensating, Plan: e.Plan,
		Requested: e.Requested, Decided: orZero(e.Decided), Ends: e.Ends, Covers: e.Covers,
	}
	if e.Subject != nil {
		out.Subject = string(e.Subject.Kind) + " " + e.Subject.Name
	}
	if e.Scope != nil {
		out.Scope = scopeWords(*e.Scope)
	}
	return out
}

func scopeWords(s posture.Scope) (out string) {
	for _, part := range []struct{ word, value string }{{"type ", s.Type}, {"site ", s.Site}, {"system ", s.System}} {
		if part.value == "" {
			continue
		}
		if out != "" {
			out += ", "
		}
		out += part.word + part.value
	}
	return out
}

// packRecords shows exports what is owed.
type packRecords struct{ s *Server }

// Records hands over every duty as it stands; a past moment has the records that were in force then.
func (p packRecords) Records(ctx context.Context, at time.Time, fn func(export.Record) error) error {
	now := at
	if now.IsZero() {
		now = p.s.clock.Now()
	}
	for _, k := range p.s.records.Kinds {
		serves := []string{}
		for _, v := range p.s.records.Serves[k.Name] {
			if !slices.Contains(serves, v.Control) {
				serves = append(serves, v.Control)
			}
		}
		err := p.s.records.Duties(ctx, k.Name, func(d *records.Duty) error { return fn(packRecord(k, d, serves, now)) })
		if err != nil {
			return err
		}
	}
	return nil
}

func packRecord(k records.Kind, d *records.Duty, controls []string, now time.Time) export.Record {
	r := d.InForce
	if r != nil && r.Effective.After(now) {
		r = nil // it was approved later than the moment that is shown
	}
	shown := *d
	if shown.InForce = r; r == nil && d.Newest != nil && d.Newest.Created.After(now) {
		shown.Newest = nil
	}
	out := export.Record{Kind: k.Name, Title: k.Title, Object: d.Object.Name, About: string(k.About), System: d.Object.System, State: string(shown.State(now)), Owner: d.Object.Owner, Controls: controls}
	if r == nil {
		r = shown.Newest
	}
	if r != nil {
		out.ID, out.Version, out.Owner, out.Author, out.Approver = r.ID, r.Version, r.Owner, r.Author, r.Approver
		out.Effective, out.Expires, out.Digest, out.Evidence = r.Effective, r.Expires, r.Digest, len(r.Evidence)
	}
	return out
}

// packRisks shows exports the risk register.
type packRisks struct{ s *Server }

// Risks hands over every risk as it was.
func (p packRisks) Risks(ctx context.Context, at time.Time, fn func(export.Risk) error) error {
	if at.IsZero() {
		at = p.s.clock.Now()
	}
	return p.s.risk.EachAt(ctx, at, func(v risk.View) error {
		out := export.Risk{ID: v.ID, Title: v.Title, Asset: v.Asset, Threat: v.Threat, System: v.System, Likelihood: int(v.Likelihood), Impact: int(v.Impact), Level: v.LevelName, Owner: v.Owner, State: v.State, Overdue: v.Overdue}
		if d := v.Decision; d != nil {
			out.Decision, out.Decider, out.Ends, out.Residual = d.Decision, d.Decider.Name, d.Ends, d.ResidualLevel.String()
		}
		return fn(out)
	})
}

// packDevices shows exports the inventory.
type packDevices struct{ s *Server }

// Devices hands over the devices of a system, or all.
func (p packDevices) Devices(ctx context.Context, at time.Time, system string, fn func(export.Device) error) error {
	return p.s.registry.Each(ctx, func(d registry.DeviceFacts) error {
		v := d.Device
		if system != "" && v.System != system || !at.IsZero() && v.Created.After(at) {
			return nil
		}
		out := export.Device{ID: v.ID, Name: v.Name, Type: v.Type, System: v.System, Site: v.Site, State: string(v.State), Created: v.Created}
		if d.Inventory != nil {
			out.Firmware = d.Inventory.Firmware
		}
		return fn(out)
	})
}

// packProofs proves where controls stand.
type packProofs struct{ s *Server }

// Checkpoint is the log's last one.
func (p packProofs) Checkpoint(ctx context.Context) (export.Checkpoint, error) {
	c, err := p.s.audit.Checkpoint(ctx)
	return export.Checkpoint{Size: c.Size, Root: c.Root.String(), Time: c.Time, Note: c.Note, Key: p.s.audit.Key}, err
}

// LastChange proves the last change of a control's status up to a time.
func (p packProofs) LastChange(ctx context.Context, control string, at time.Time, size int64) (*export.Proof, error) {
	f := audit.Filter{Type: "control.changed", Object: control, Before: size, Limit: 1}
	if !at.IsZero() {
		f.To = at.Add(time.Microsecond)
	}
	list, _, err := p.s.audit.List(ctx, f)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	proof, err := p.s.audit.Inclusion(ctx, list[0].Index, size)
	if err != nil {
		return nil, err
	}
	e := proof.Entry
	status, _ := e.Event.Data["after"].(string)
	out := &export.Proof{Index: e.Index, Size: proof.Size, Leaf: e.Leaf.String(), Status: status, Time: e.Event.Time, Body: base64.StdEncoding.EncodeToString(e.Body)}
	for _, h := range proof.Hashes {
		out.Hashes = append(out.Hashes, h.String())
	}
	return out, nil
}
