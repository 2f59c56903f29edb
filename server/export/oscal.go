package export

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
)

// oscalVersion is the version of the Open Security Controls Assessment Language that the documents follow.
const oscalVersion = "1.2.2"

// oscalNamespace marks properties that are ours.
const oscalNamespace = "urn:thingward:ns:oscal"

// object is any JSON object of a document.
type object map[string]any

// oscalSpace derives the documents' identifiers: OSCAL wants UUIDs of version 4 or 5, ours are of version 7 and stand in
// properties.
var oscalSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte(oscalNamespace))

// uid is the identifier of something, the same in every pack for what is the same thing.
func uid(parts ...string) string {
	return uuid.NewSHA1(oscalSpace, []byte(strings.Join(parts, "\x00"))).String()
}

// writeOSCAL makes the five documents.
func (p *pack) writeOSCAL(ctx context.Context) error {
	const media = "application/oscal+json"
	for _, d := range []struct {
		name string
		fill func(context.Context, *jsonStream) error
	}{
		{"catalog", p.oscalCatalog},
		{"component-definition", p.oscalComponent},
		{"assessment-plan", p.oscalPlan},
		{"assessment-results", p.oscalResults},
		{"plan-of-action-and-milestones", p.oscalMilestones},
	} {
		err := p.file("oscal-"+d.name+".json", media, func(w io.Writer) error {
			j := &jsonStream{w: w}
			j.open("", "{")
			j.open(d.name, "{")
			j.member("uuid", uid(d.name, p.job.ID))
			j.member("metadata", p.oscalMetadata(d.name))
			if err := d.fill(ctx, j); err != nil {
				return err
			}
			j.close("}")
			j.close("}")
			return j.err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
	}
	return nil
}

var oscalTitles = map[string]string{
	"catalog": "CSA IoT Controls Framework, in Thingward's words", "component-definition": "What Thingward does for each control", "assessment-plan": "Continuous assessment",
	"assessment-results": "Where every control stands", "plan-of-action-and-milestones": "What is open, whose it is and until when",
}

func (p *pack) oscalMetadata(document string) object {
	props := []object{prop("as-of", stamp(p.at)), prop("export", p.job.ID), prop("scope", p.scopeText())}
	if p.job.Order.Engagement != "" {
		props = append(props, prop("engagement", p.job.Order.Engagement))
	}
	if p.checkpoint != nil {
		props = append(props, prop("audit-log-size", fmt.Sprint(p.checkpoint.Size)), prop("audit-log-root", p.checkpoint.Root))
	}
	return object{
		"title": oscalTitles[document], "last-modified": rfc(p.job.Created), "version": stamp(p.at), "oscal-version": oscalVersion, "props": props,
		"roles":               []object{{"id": "assessor", "title": "Assessor"}},
		"parties":             []object{{"uuid": p.assessor(), "type": "organization", "name": "Thingward " + line(p.Version)}},
		"responsible-parties": []object{{"role-id": "assessor", "party-uuids": []string{p.assessor()}}},
	}
}

// assessor is the platform as a party; system is the installation as the documents refer to it.
func (p *pack) assessor() string { return uid("party", "thingward") }
func (p *pack) system() string   { return uid("system", "installation") }

// prop is a property of ours.
func prop(name, value string) object {
	return object{"name": name, "ns": oscalNamespace, "value": line(value)}
}

// props drops properties without a value.
func props(pairs ...string) (out []object) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if strings.TrimSpace(pairs[i+1]) != "" {
			out = append(out, prop(pairs[i], pairs[i+1]))
		}
	}
	return out
}

// line is text as OSCAL's strings and titles must be: one line, without blanks around it, not empty.
func line(s string) string {
	if s = strings.Join(strings.Fields(clean(s)), " "); s == "" {
		return "–"
	}
	return s
}

// prose is text of several lines that is not empty.
func prose(s string) string {
	if s = strings.TrimSpace(clean(s)); s == "" {
		return "–"
	}
	return s
}

// rfc is a time as OSCAL writes it; never empty.
func rfc(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// installation is what the documents are about, where they must refer to a security plan that this product does not write.
func (p *pack) installation() object {
	return object{"resources": []object{{
		"uuid": p.system(), "title": "This Thingward installation",
		"description": "The installation whose posture this pack shows. Its security plan is kept outside; put the plan's address here.",
	}}}
}

func (p *pack) reviewed() object {
	ids := make([]object, len(p.controls))
	for i, c := range p.controls {
		ids[i] = object{"control-id": c.ID}
	}
	return object{"description": "Controls of the catalog oscal-catalog.json.", "control-selections": []object{{"include-controls": ids}}}
}

func statementID(control string) string           { return control + "_smt" }
func objectiveID(control, k string) string        { return control + "_obj." + k }
func (p *pack) observationID(check string) string { return uid("observation", p.job.ID, check) }
