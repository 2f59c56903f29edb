package detect

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
)

// EventMarkdown writes the event catalogue as a document for docs/events.md. The output depends on the catalogue alone.
func EventMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<!-- Code generated from the event catalogue in fleet. DO NOT EDIT. -->

# Events

Everything that happens is one event with the same envelope: id, type, severity, time, initiator, receiver and data. An event
that lacks a field, or a key of data that its type requires, is refused with the field's name. State changes are recorded in
the transaction that makes them; all events end in the audit log. Search them with "thingward event list", or as Open
Cybersecurity Schema Framework objects with GET /api/v1/events?format=ocsf.

There are %d types.

| Type | What happened | Severity | State change | Data | OCSF class, activity |
|---|---|---|---|---|---|
`, len(fleet.EventTypes))
	for _, name := range fleet.EventTypeNames() {
		t := fleet.EventTypes[name]
		change := ""
		if t.Change {
			change = "yes"
		}
		row(&b, "`"+t.Name+"`", t.Summary, string(t.Severity), change, strings.Join(t.Data, ", "), fmt.Sprintf("%s (%d), %d", t.Class.Class, t.Class.ClassUID, t.Class.Activity))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// RuleMarkdown writes the rules as a document for docs/rules.md.
func RuleMarkdown(w io.Writer, rules []Rule) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<!-- Code generated from server/detect/rules. DO NOT EDIT. -->

# Detection rules

There are %d rules. Each counts per subject, by the time of the events. A crossing raises one alert; what follows counts on
that alert until a person closes it with cause and remedy. Threshold, window and routes of a rule can be set with
PUT /api/v1/rules; a threshold that no route carries is refused.

| Rule | Raises an alert when | Severity | Threshold | Begins anew after | Looks at |
|---|---|---|---|---|---|
`, len(rules))
	for i := range rules {
		r := &rules[i]
		row(&b, "`"+r.ID+"`", "**"+r.Title+".** "+r.Text, string(r.Severity), threshold(r), resets(r), strings.Join(r.Events, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func threshold(r *Rule) string {
	if r.Threshold == 1 {
		return "the first"
	}
	return fmt.Sprintf("%d in %d min", r.Threshold, int(r.Window/time.Minute))
}

func resets(r *Rule) string {
	if r.Resets == nil {
		return ""
	}
	return "a success"
}

// row writes one table row. A pipe would end its cell early, so it is escaped.
func row(b *strings.Builder, cells ...string) {
	for _, cell := range cells {
		b.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}
