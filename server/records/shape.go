package records

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of fields that name none of their own.
const (
	textMost  = 500
	proseMost = 20_000
	rowsMost  = 1000
	nameMost  = 120
)

// What texts may hold. The schema has the same patterns, so that both always agree.
const (
	linePattern   = `^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$`
	prosePattern  = `^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$`
	personPattern = linePattern
	datePattern   = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
)

var (
	lineText  = regexp.MustCompile(linePattern)
	proseText = regexp.MustCompile(prosePattern)
	dateText  = regexp.MustCompile(datePattern)
)

// shape checks a form for what needs no knowledge of the world: types, lengths, options, rows that must be there. With whole
// false (a draft) what is missing is no fault.
type shape struct {
	whole  bool
	faults []Fault
}

// Shape lists what is wrong with a filled form, without looking at accounts, objects or the time. The JSON Schema of the kind
// says exactly the same.
func (k Kind) Shape(b Body) []Fault {
	s := &shape{whole: true}
	s.object("", k.Form, b)
	return s.faults
}

// draftShape is Shape for a form that is still being filled in.
func (k Kind) draftShape(b Body) []Fault {
	s := &shape{}
	s.object("", k.Form, b)
	return s.faults
}

const faultsMost = 100 // more than a person reads

func (s *shape) fault(path, format string, args ...any) {
	if len(s.faults) < faultsMost {
		s.faults = append(s.faults, Fault{path, fmt.Sprintf(format, args...)})
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (s *shape) object(path string, fields []Field, o map[string]any) {
	for _, name := range sortedKeys(o) {
		if !slices.ContainsFunc(fields, func(f Field) bool { return f.Name == name }) {
			shown := clip(name)
			if shown == "" {
				shown = `""`
			}
			s.fault(join(path, shown), "is no field of this form: leave it out; the form has %s", fieldNames(fields))
		}
	}
	for _, f := range fields {
		v, there := o[f.Name]
		if !there {
			if s.whole && !f.Optional {
				s.fault(join(path, f.Name), "is missing: fill in %s", f.asked())
			}
			continue
		}
		s.value(join(path, f.Name), f, v)
	}
}

// asked is what a person calls the field.
func (f Field) asked() string {
	if f.Title != "" {
		return quoted(f.Title)
	}
	return quoted(f.Name)
}

func (s *shape) value(path string, f Field, v any) {
	switch f.Type {
	case Text:
		s.text(path, f, v, lineText, textMost, "one line of text")
	case Prose:
		s.text(path, f, v, proseText, proseMost, "text")
	case Person:
		s.text(path, f, v, lineText, nameMost, "the name of an account")
	case Number:
		s.number(path, f, v)
	case Bool:
		if _, ok := v.(bool); !ok {
			s.fault(path, "want true or false")
		}
	case Date:
		s.date(path, v)
	case Choice:
		if c, ok := v.(string); !ok || !slices.Contains(f.Options, c) {
			s.fault(path, "is none of the choices: want one of %s", strings.Join(f.Options, ", "))
		}
	case Many, Refs:
		s.list(path, f, v)
	case Rows:
		s.rows(path, f, v)
	}
}

func (s *shape) text(path string, f Field, v any, allowed *regexp.Regexp, most int, want string) {
	t, ok := v.(string)
	if !ok {
		s.fault(path, "want %s", want)
		return
	}
	least := max(1, int(f.Least))
	if f.Most > 0 {
		most = int(f.Most)
	}
	n := utf8.RuneCountInString(t)
	switch {
	case !utf8.ValidString(t) || !allowed.MatchString(t):
		s.fault(path, "is blank or holds characters that cannot be shown: want %s", want)
	case n < least && s.whole:
		s.fault(path, "has %d characters: say more in %s, at least %d", n, f.asked(), least)
	case n > most:
		s.fault(path, "has %d characters: %d at most; put more into an evidence file", n, most)
	}
}

func (s *shape) number(path string, f Field, v any) {
	n, ok := v.(float64)
	switch {
	case !ok || math.IsNaN(n) || math.IsInf(n, 0):
		s.fault(path, "want a number")
	case n < f.Least:
		s.fault(path, "is %g: want at least %g", n, f.Least)
	case f.Most > 0 && n > f.Most:
		s.fault(path, "is %g: want at most %g", n, f.Most)
	}
}

func (s *shape) date(path string, v any) {
	if _, ok := day(v); !ok {
		s.fault(path, "is no date: want year-month-day, such as 2026-11-22")
	}
}

// day reads a date of a form: the beginning of that day, in UTC.
func day(v any) (time.Time, bool) {
	t, ok := v.(string)
	if !ok || !dateText.MatchString(t) {
		return time.Time{}, false
	}
	at, err := time.Parse(time.DateOnly, t)
	return at, err == nil && at.Year() > 0
}

// bounds is how many entries a list must and may have.
func (f Field) bounds() (least, most int) {
	least, most = int(f.Least), rowsMost
	if !f.Optional {
		least = max(1, least)
	}
	if f.Most > 0 {
		most = int(f.Most)
	}
	return least, most
}

func (s *shape) count(path string, f Field, n int, what string) {
	least, most := f.bounds()
	if n < least && s.whole {
		s.fault(path, "has %d %s: want at least %d", n, what, least)
	}
	if n > most {
		s.fault(path, "has %d %s: want at most %d", n, what, most)
	}
}

// list checks Many and Refs.
func (s *shape) list(path string, f Field, v any) {
	all, ok := v.([]any)
	if !ok {
		s.fault(path, "want a list")
		return
	}
	s.count(path, f, len(all), "entries")
	seen := map[string]bool{}
	for i, e := range all {
		at := fmt.Sprintf("%s[%d]", path, i)
		t, ok := e.(string)
		switch {
		case f.Type == Many && (!ok || !slices.Contains(f.Options, t)):
			s.fault(at, "is none of the choices: want some of %s", strings.Join(f.Options, ", "))
		case f.Type == Refs && (!ok || !lineText.MatchString(t) || utf8.RuneCountInString(t) > nameMost):
			s.fault(at, "want the id or name of a %s", f.Of)
		case seen[t]:
			s.fault(at, "stands in the list twice: leave one out")
		}
		seen[t] = true
	}
	if missing := lacking(f.Covers, seen); s.whole && len(missing) > 0 {
		s.fault(path, "does not cover %s: add it", strings.Join(missing, ", "))
	}
}

func (s *shape) rows(path string, f Field, v any) {
	all, ok := v.([]any)
	if !ok {
		s.fault(path, "want a list of rows")
		return
	}
	s.count(path, f, len(all), "rows")
	seen := map[string]bool{}
	if _, most := f.bounds(); len(all) > most {
		return // one fault says it
	}
	for i, e := range all {
		at := fmt.Sprintf("%s[%d]", path, i)
		row, ok := e.(map[string]any)
		if !ok {
			s.fault(at, "want a row: an object of %s", fieldNames(f.Fields))
			continue
		}
		s.object(at, f.Fields, row)
		if first, ok := row[f.Fields[0].Name].(string); ok {
			seen[first] = true
		}
	}
	if missing := lacking(f.Covers, seen); s.whole && len(missing) > 0 {
		s.fault(path, "has no row for %s: add one for each", strings.Join(missing, ", "))
	}
}

func lacking(covers []string, seen map[string]bool) (out []string) {
	for _, c := range covers {
		if !seen[c] {
			out = append(out, c)
		}
	}
	return out
}

func fieldNames(fields []Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}
