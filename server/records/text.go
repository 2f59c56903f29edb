package records

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/thingward/thingward/fleet"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// clip keeps what a stranger chose short in messages, cut between characters.
func clip(s string) string {
	if len(s) > 80 {
		s = strings.ToValidUTF8(s[:80], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '·'
		}
		return r
	}, s)
}

func quoted(s string) string { return fmt.Sprintf("%q", clip(s)) }

// line checks a text of one line that is no part of a form.
func line(path, s string, most int) error {
	if s == "" {
		return nil
	}
	if len([]rune(s)) > most || !lineText.MatchString(s) {
		return fleet.Invalid(path, fmt.Sprintf("want one line of text of at most %d characters", most))
	}
	return nil
}

// need is line for a text that must be there.
func need(path, s, why string, most int) error {
	if strings.TrimSpace(s) == "" {
		return fleet.Invalid(path, "is missing: "+why)
	}
	return line(path, s, most)
}

// refusal makes faults an error that names each.
func refusal(message string, faults []Fault) error {
	if len(faults) == 0 {
		return nil
	}
	e := fleet.Errorf(fleet.CodeInvalid, "%s", message)
	for _, f := range faults {
		e.Fields = append(e.Fields, fleet.FieldError{Path: f.Path, Message: f.Message})
	}
	return e
}
