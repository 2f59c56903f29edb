package export

import (
	"context"
	"fmt"
	"strings"
)

func (p *pack) oscalCatalog(_ context.Context, j *jsonStream) error {
	j.open("groups", "[")
	for _, d := range p.figures.Domains {
		var controls []object
		for _, c := range p.controls {
			if c.Domain == d.ID {
				controls = append(controls, catalogControl(c))
			}
		}
		j.element(object{"id": d.ID, "class": "domain", "title": line(d.Name), "controls": controls})
	}
	j.close("]")
	return nil
}

func catalogControl(c Control) object {
	statements, objectives := make([]object, 0, len(c.Obligations)), make([]object, 0, len(c.Obligations))
	for _, o := range c.Obligations {
		statements = append(statements, object{"id": statementID(c.ID) + "." + o.Key, "name": "item", "prose": prose(o.Text), "props": []object{prop("mode", o.Mode)}})
		objectives = append(objectives, object{"id": objectiveID(c.ID, o.Key), "name": "assessment-objective", "prose": prose(o.Text)})
	}
	statement := object{"id": statementID(c.ID), "name": "statement", "prose": prose(c.Statement)}
	parts := []object{statement}
	if len(c.Obligations) > 0 {
		statement["parts"] = statements
		parts = append(parts, object{"id": c.ID + "_obj", "name": "assessment-objective", "parts": objectives})
	}
	parts = append(parts, object{"id": c.ID + "_gdn", "name": "guidance", "prose": prose("Fails when: " + c.FailsWhen + "\n\nClears when: " + c.ClearsWhen)})
	return object{
		"id": c.ID, "class": "csa-iot-v1", "title": line(c.Title), "parts": parts,
		"props": append([]object{{"name": "label", "value": c.ID}}, props("layers", strings.Join(c.Layers, ", "), "modes", strings.Join(c.Modes, ", "))...),
	}
}

func (p *pack) oscalComponent(_ context.Context, j *jsonStream) error {
	var done []object
	for _, c := range p.controls {
		done = append(done, p.implemented(c))
	}
	j.member("components", []object{{
		"uuid": uid("component", "thingward"), "type": "software", "title": "Thingward", "description": "Runs an IoT fleet whose security is enforced, measured and provable.",
		"props": []object{{"name": "version", "value": line(p.Version)}},
		"control-implementations": []object{{
			"uuid": uid("implementation", p.job.ID), "source": "oscal-catalog.json", "description": "What the platform enforces, measures or asks a named person to renew for each control.", "implemented-requirements": done,
		}},
	}})
	return nil
}

func (p *pack) implemented(c Control) object {
	assessed := 0
	var how []string
	statements := make([]object, 0, len(c.Obligations))
	for _, o := range c.Obligations {
		var checks []string
		for _, k := range c.Checks {
			if k.Obligation == o.Key {
				checks = append(checks, k.Title)
			}
		}
		if len(checks) > 0 {
			assessed++
		}
		how = append(how, checks...)
		statements = append(statements, object{"statement-id": statementID(c.ID) + "." + o.Key, "uuid": uid("statement", p.job.ID, c.ID, o.Key), "description": prose(strings.Join(checks, "\n")), "props": []object{prop("mode", o.Mode)}})
	}
	state := "partial"
	switch {
	case assessed == 0:
		state = "planned"
	case assessed == len(c.Obligations):
		state = "implemented"
	}
	out := object{
		"uuid": uid("requirement", p.job.ID, c.ID), "control-id": c.ID, "description": prose(strings.Join(how, "\n")),
		"props": append([]object{{"name": "implementation-status", "value": state}}, props("obligations-assessed", fmt.Sprintf("%d of %d", assessed, len(c.Obligations)), "missing", c.Missing)...),
	}
	if len(statements) > 0 {
		out["statements"] = statements
	}
	return out
}

func (p *pack) oscalPlan(_ context.Context, j *jsonStream) error {
	j.member("import-ssp", object{"href": "#" + p.system()})
	var activities []object
	for _, c := range p.controls {
		for _, k := range c.Checks {
			activities = append(activities, object{
				"uuid": uid("activity", k.ID), "title": line(k.Title), "description": prose("Reads: " + k.Reads),
				"props":            append([]object{{"name": "method", "value": methodOf(k)}}, props("check", k.ID, "obligation", k.Obligation, "subject", k.Subject)...),
				"related-controls": object{"control-selections": []object{{"include-controls": []object{{"control-id": c.ID}}}}},
			})
		}
	}
	if len(activities) > 0 {
		j.member("local-definitions", object{"activities": activities})
	}
	j.member("reviewed-controls", p.reviewed())
	j.member("assessment-subjects", []object{{"type": "component", "include-all": object{}}, {"type": "inventory-item", "include-all": object{}}})
	j.member("tasks", []object{{
		"uuid": uid("task", "continuous"), "type": "action", "title": "Continuous evaluation",
		"description": "Every check is made again when its subject changes and when its validity ends; a full sweep must agree with the state so reached.",
	}})
	j.member("back-matter", p.installation())
	return nil
}

// methodOf is NIST SP 800-53A's name for how a check looks: records are examined, everything else is tested.
func methodOf(k Check) string {
	if strings.HasPrefix(k.Subject, "record") || k.Subject == "risk" {
		return "EXAMINE"
	}
	return "TEST"
}
