package export

import (
	"context"
	"fmt"
	"time"
)

func (p *pack) oscalResults(ctx context.Context, j *jsonStream) error {
	j.member("import-ap", object{"href": "oscal-assessment-plan.json"})
	j.open("results", "[")
	j.open("", "{")
	j.member("uuid", uid("result", p.job.ID))
	j.member("title", line("Posture as of "+stamp(p.at)))
	j.member("description", prose(p.summaryText()))
	j.member("start", rfc(p.started()))
	j.member("end", rfc(p.at))
	j.member("props", p.figureProps())
	if err := p.oscalInventory(ctx, j); err != nil {
		return err
	}
	j.member("reviewed-controls", p.reviewed())
	if err := p.oscalObservations(ctx, j); err != nil {
		return err
	}
	p.oscalFindings(j)
	j.close("}")
	j.close("]")
	return nil
}

// started is the oldest observation that counts in the result.
func (p *pack) started() time.Time {
	first := p.at
	for _, c := range p.controls {
		for _, k := range c.Checks {
			if !k.Observed.IsZero() && k.Observed.Before(first) {
				first = k.Observed
			}
		}
	}
	return first
}

func (p *pack) summaryText() string {
	f := p.figures
	return fmt.Sprintf("%d of %d applicable controls pass (%s); %d are measured (coverage %s). %d findings are open, %d of them overdue and %d under an approved exception.",
		f.Passing, f.Applicable, share(f.Pass), f.Measured, share(&f.Coverage), f.Findings, f.Overdue, f.Accepted)
}

func (p *pack) figureProps() []object {
	f := p.figures
	out := props("controls", fmt.Sprint(f.Total), "applicable", fmt.Sprint(f.Applicable), "measured", fmt.Sprint(f.Measured), "passing", fmt.Sprint(f.Passing), "findings", fmt.Sprint(f.Findings),
		"findings-overdue", fmt.Sprint(f.Overdue), "findings-excepted", fmt.Sprint(f.Accepted), "devices", fmt.Sprint(f.Devices), "records", fmt.Sprint(f.Records), "risks", fmt.Sprint(f.Risks), "pass-percent", share(f.Pass), "coverage-percent", share(&f.Coverage))
	for _, s := range statuses {
		out = append(out, prop("status-"+s, fmt.Sprint(f.Counts[s])))
	}
	return out
}

// oscalInventory lists the devices.
func (p *pack) oscalInventory(ctx context.Context, j *jsonStream) error {
	if p.devices.n == 0 {
		return nil
	}
	j.open("local-definitions", "{")
	j.open("inventory-items", "[")
	n := 0
	err := p.devices.each(func(d Device) error {
		n++
		if err := p.tick(ctx, fmt.Sprintf("writing oscal: devices (%d)", n), n); err != nil {
			return err
		}
		j.element(object{
			"uuid": uid("device", d.ID), "description": prose(d.Name),
			"props": append([]object{{"name": "asset-id", "value": line(d.ID)}}, props("type", d.Type, "system", d.System, "site", d.Site, "state", d.State, "firmware", d.Firmware, "registered", stamp(d.Created))...),
		})
		return j.err
	})
	j.close("]")
	j.close("}")
	return err
}

// oscalObservations lists what each check saw, and each open finding with its subject.
func (p *pack) oscalObservations(ctx context.Context, j *jsonStream) error {
	checks := map[string]Check{}
	for _, c := range p.controls {
		for _, k := range c.Checks {
			checks[k.ID] = k
		}
	}
	if len(checks)+p.findings.n == 0 {
		return nil
	}
	j.open("observations", "[")
	for _, c := range p.controls {
		for _, k := range c.Checks {
			j.element(p.checkObservation(k))
		}
	}
	n := 0
	err := p.findings.each(func(f Finding) error {
		n++
		if err := p.tick(ctx, fmt.Sprintf("writing oscal: findings (%d)", n), n); err != nil {
			return err
		}
		j.element(findingObservation(f, methodOf(checks[f.Check])))
		return j.err
	})
	j.close("]")
	return err
}

func (p *pack) checkObservation(k Check) object {
	at := k.Observed
	if at.IsZero() {
		at = p.at
	}
	o := object{
		"uuid": p.observationID(k.ID), "title": line(k.Title), "description": prose(k.Reason), "methods": []string{methodOf(k)}, "types": []string{"control-objective"}, "collected": rfc(at),
		"props": props("check", k.ID, "status", k.Status, "subjects-pass", fmt.Sprint(k.Pass), "subjects-fail", fmt.Sprint(k.Fail), "subjects-unknown", fmt.Sprint(k.Unknown), "subjects-stale", fmt.Sprint(k.Stale), "subjects-not-applicable", fmt.Sprint(k.NotApplies)),
	}
	if !k.ValidUntil.IsZero() {
		o["expires"] = rfc(k.ValidUntil)
	}
	return o
}

func findingObservation(f Finding, method string) object {
	return object{
		"uuid": uid("finding", f.ID), "title": line(f.Title), "description": prose(f.Reason), "methods": []string{method}, "types": []string{"finding"}, "collected": rfc(f.Opened),
		"subjects": []object{{"subject-uuid": uid(f.Kind, f.Subject), "type": subjectType(f.Kind), "title": line(firstOf(f.Name, f.Subject)), "props": props("kind", f.Kind, "id", f.Subject)}},
		"props":    props("finding", f.ID, "control", f.Control, "check", f.Check, "severity", f.Severity, "state", f.State),
	}
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// subjectType is OSCAL's word for a kind of subject.
func subjectType(kind string) string {
	switch kind {
	case "device", "gateway":
		return "inventory-item"
	case "account", "person":
		return "user"
	case "site":
		return "location"
	case "supplier":
		return "party"
	default:
		return "component"
	}
}

// oscalFindings lists where each control and each of its objectives stands. Only what passes is satisfied: what is unknown,
// stale or not assessed is not, and its reason says so.
func (p *pack) oscalFindings(j *jsonStream) {
	j.open("findings", "[")
	for _, c := range p.controls {
		extra := props("status", c.Status, "since", stamp(c.Since))
		if c.Proof != nil {
			extra = append(extra, prop("audit-entry", fmt.Sprint(c.Proof.Index)), prop("audit-leaf-hash", c.Proof.Leaf))
		}
		j.element(p.standing(c.ID, line(c.ID+" "+c.Title), c.Reason, "statement-id", statementID(c.ID), c.Status, extra, related(p, c, "")))
		for _, o := range c.Obligations {
			j.element(p.standing(c.ID+"/"+o.Key, line(c.ID+" "+o.Key), o.Text, "objective-id", objectiveID(c.ID, o.Key), o.Status, props("status", o.Status), related(p, c, o.Key)))
		}
	}
	j.close("]")
}

// related lists the observations of a control's checks, of one obligation where it is given.
func related(p *pack, c Control, obligation string) (out []object) {
	for _, k := range c.Checks {
		if obligation == "" || k.Obligation == obligation {
			out = append(out, object{"observation-uuid": p.observationID(k.ID)})
		}
	}
	return out
}

func (p *pack) standing(key, title, description, typ, target, status string, extra, observations []object) object {
	state, reason := "not-satisfied", "other"
	switch status {
	case "pass":
		state, reason = "satisfied", "pass"
	case "fail", "excepted":
		reason = "fail"
	}
	to := object{"type": typ, "target-id": target, "status": object{"state": state, "reason": reason, "remarks": statusWord(status)}}
	if status == "not-applicable" {
		to["implementation-status"] = object{"state": "not-applicable"}
	}
	out := object{"uuid": uid("standing", p.job.ID, key), "title": title, "description": prose(description), "target": to, "props": extra}
	if len(observations) > 0 {
		out["related-observations"] = observations
	}
	return out
}

// oscalMilestones is what is to be done: an item for each open finding, a risk for each exception and each risk of the
// register.
func (p *pack) oscalMilestones(ctx context.Context, j *jsonStream) error {
	j.member("import-ssp", object{"href": "#" + p.system()})
	if p.exceptions.n+p.risks.n > 0 {
		j.open("risks", "[")
		if err := p.exceptions.each(func(e Exception) error { j.element(exceptionRisk(e)); return j.err }); err != nil {
			return err
		}
		if err := p.risks.each(func(r Risk) error { j.element(registerRisk(r)); return j.err }); err != nil {
			return err
		}
		j.close("]")
	}
	j.open("poam-items", "[")
	if p.findings.n == 0 { // the schema wants at least one
		j.element(object{"uuid": uid("item", p.job.ID, "none"), "title": "Nothing is open", "description": "No finding was open " + line("as of "+stamp(p.at)) + ".", "props": props("state", "none")})
	}
	n := 0
	err := p.findings.each(func(f Finding) error {
		n++
		if err := p.tick(ctx, fmt.Sprintf("writing oscal: milestones (%d)", n), n); err != nil {
			return err
		}
		j.element(milestone(f))
		return j.err
	})
	j.close("]")
	j.member("back-matter", p.installation())
	return err
}

func milestone(f Finding) object {
	overdue := ""
	if f.Overdue {
		overdue = "yes"
	}
	out := object{
		"uuid": uid("item", f.ID), "title": line(f.Control + " " + f.Title + ": " + firstOf(f.Name, f.Subject)), "description": prose(f.Reason),
		"props": props("finding", f.ID, "control", f.Control, "check", f.Check, "severity", f.Severity, "state", f.State, "opened", stamp(f.Opened), "owner", f.Owner, "due", stamp(f.Due), "overdue", overdue, "subject", f.Kind+"/"+f.Subject),
		"links": []object{{"href": "oscal-assessment-results.json#" + uid("finding", f.ID), "rel": "reference"}},
	}
	if f.Exception != "" {
		out["related-risks"] = []object{{"risk-uuid": uid("exception", f.Exception)}}
	}
	return out
}

func exceptionRisk(e Exception) object {
	status := map[string]string{"requested": "deviation-requested", "approved": "deviation-approved"}[e.State]
	if status == "" {
		status = "closed"
	}
	return object{
		"uuid": uid("exception", e.ID), "title": line("Exception from " + e.Control), "description": prose(e.Justification), "statement": prose("Compensating control: " + e.Compensating), "status": status, "deadline": rfc(e.Ends),
		"props": props("exception", e.ID, "control", e.Control, "check", e.Check, "requester", e.Requester, "approver", e.Approver, "subject", e.Subject, "scope", e.Scope, "covers", fmt.Sprint(e.Covers)),
	}
}

func registerRisk(r Risk) object {
	status := "open"
	switch {
	case r.State == "closed":
		status = "closed"
	case r.Decision == "mitigate":
		status = "remediating"
	case r.Decision == "accept" || r.Decision == "defer":
		status = "deviation-approved"
	}
	out := object{
		"uuid": uid("risk", r.ID), "title": line(r.Title), "description": prose("Asset: " + r.Asset), "statement": prose("Threat: " + r.Threat), "status": status,
		"props": props("risk", r.ID, "likelihood", fmt.Sprint(r.Likelihood), "impact", fmt.Sprint(r.Impact), "level", r.Level, "residual", r.Residual, "decision", r.Decision, "decider", r.Decider, "owner", r.Owner, "system", r.System),
	}
	if !r.Ends.IsZero() {
		out["deadline"] = rfc(r.Ends)
	}
	return out
}
