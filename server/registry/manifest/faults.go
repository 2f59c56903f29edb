package manifest

import (
	"fmt"
	"slices"

	"github.com/thingward/thingward/fleet"
)

// reading collects what is wrong while a manifest is read.
type reading struct {
	faults []fault
	more   int // faults beyond maxFaults
	values int
}

type fault struct {
	line, column int
	path, text   string
}

func (r *reading) note(line, column int, path, text string) {
	f := fault{line, column, path, text}
	if slices.Contains(r.faults, f) {
		return // found on two ways
	}
	if len(r.faults) >= maxFaults {
		r.more++
		return
	}
	r.faults = append(r.faults, f)
}

// err is all faults in order of line, or nil.
func (r *reading) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(r.faults, func(a, b fault) int {
		if a.line != b.line {
			return a.line - b.line
		}
		return a.column - b.column
	})
	e := fleet.Errorf(fleet.CodeInvalid, "the manifest has %s: mend it and apply it again", count(len(r.faults)+r.more, "fault"))
	for _, f := range r.faults {
		place := fmt.Sprintf("line %d:%d", f.line, f.column)
		if f.path != "" {
			place += " · " + f.path
		}
		e.Fields = append(e.Fields, fleet.FieldError{Path: place, Message: f.text})
	}
	if r.more > 0 {
		e.Fields = append(e.Fields, fleet.FieldError{Path: "…", Message: count(r.more, "more fault")})
	}
	return e
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
