package records

import (
	"fmt"
	"regexp"
)

var (
	kindName  = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	fieldName = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
)

// sound refuses a kind that no person could ever fill in, or that would never end.
func (k Kind) sound(others map[string]Kind) error {
	if _, twice := others[k.Name]; twice {
		return fmt.Errorf("record kind %s is declared twice", k.Name)
	}
	switch {
	case !kindName.MatchString(k.Name):
		return fmt.Errorf("record kind %q: want a name in kebab case", k.Name)
	case k.Title == "" || k.About == "" || len(k.Form) == 0:
		return fmt.Errorf("record kind %s: title, about and form are required", k.Name)
	case k.Life <= 0:
		return fmt.Errorf("record kind %s has no life: nothing counts for ever", k.Name)
	}
	if err := soundFields(k.Form); err != nil {
		return fmt.Errorf("record kind %s: %w", k.Name, err)
	}
	if err := k.soundReading(); err != nil {
		return err
	}
	performed := 0
	for _, f := range k.Form {
		if f.Performed {
			performed++
		}
	}
	if performed > 1 {
		return fmt.Errorf("record kind %s has %d dates of performance: want one at most", k.Name, performed)
	}
	return nil
}

func soundFields(fields []Field) error {
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.Name] || !fieldName.MatchString(f.Name) {
			return fmt.Errorf("field %q: names are in camel case and stand once", f.Name)
		}
		seen[f.Name] = true
		if err := f.sound(); err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
	}
	return nil
}

func (f Field) sound() error {
	if f.Measured && (!f.Optional || f.Performed || f.Type != Text && f.Type != Number) {
		return fmt.Errorf("is measured: want an optional text or number")
	}
	switch f.Type {
	case Text, Prose, Number, Bool, Person:
	case Date:
		if f.Performed && f.FutureOnly {
			return fmt.Errorf("what was done cannot lie ahead")
		}
	case Choice, Many:
		if len(f.Options) == 0 {
			return fmt.Errorf("has no options")
		}
	case Refs:
		if f.Of == "" {
			return fmt.Errorf("refers to nothing")
		}
	case Rows:
		if len(f.Fields) == 0 {
			return fmt.Errorf("has no columns")
		}
		if f.Tracks && (!hasColumn(f, "title", Text, Prose, Choice) || !hasColumn(f, "owner", Person) || !hasColumn(f, "due", Date)) {
			return fmt.Errorf("is tracked: want the columns title, owner (person) and due (date)")
		}
		return soundFields(f.Fields)
	default:
		return fmt.Errorf("there is no type %q", f.Type)
	}
	return nil
}

func hasColumn(f Field, name string, types ...FieldType) bool {
	for _, c := range f.Fields {
		if c.Name != name {
			continue
		}
		for _, t := range types {
			if c.Type == t {
				return true
			}
		}
	}
	return false
}
