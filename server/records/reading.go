package records

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Reading is how a kind reads files of its evidence. What such a file says itself stands in the form in measured fields
// (Field.Measured) and cannot be typed over: it is read when the file is attached, when the record is submitted and when it is
// approved, and is part of what is approved.
type Reading struct {
	Format string // for people: SARIF 2.1.0
	Least  int    // how many files of the format submission needs
	// Takes reports whether a file says that it is of the format, by its name and media type. One that does and is not is refused.
	Takes func(name, media string) bool
	// Read says what a file says, or what is wrong with it. It is handed what a stranger may have sent, and holds little of it.
	Read func(content io.Reader) ([]Fact, []Fault)
	// Fill puts what files say into the measured fields of a form, which come to it empty; it changes nothing else. Nil: the form
	// has none.
	Fill func(b Body, files []Evidence)
	// Check lists where the form and the files do not agree, asked at submission and approval.
	Check func(b Body, o Object, files []Evidence) []Fault
	// Example are files that go with the kind's Example.
	Example []ExampleFile
}

// ExampleFile is a file of a kind's example.
type ExampleFile struct {
	Name    string `json:"name"`
	Media   string `json:"media"`
	Content string `json:"content"`
}

// Fact is one thing that a file says itself.
type Fact struct {
	Name  string `json:"name"` // for programs, such as findings
	Label string `json:"label"`
	Value string `json:"value"`
}

// Said is what the file says of something, by the fact's name; empty: nothing.
func (e Evidence) Said(name string) string {
	for _, f := range e.Read {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// reads reports whether evidence of this name is to be read.
func (k Kind) reads(e Evidence) bool {
	return k.Reading != nil && e.Link == "" && k.Reading.Takes(e.Name, e.Media)
}

// read reads a file; evidence that the kind does not read has no facts.
func (k Kind) read(e Evidence, content io.Reader) ([]Fact, []Fault) {
	if !k.reads(e) {
		return nil, nil
	}
	facts, faults := k.Reading.Read(content)
	for i := range faults {
		faults[i].Path = strings.TrimSuffix("file."+faults[i].Path, ".")
	}
	return facts, faults
}

func readOf(all []Evidence) (out []Evidence) {
	for _, e := range all {
		if len(e.Read) > 0 {
			out = append(out, e)
		}
	}
	return out
}

// measure is a form with what its files say in the measured fields, whatever stood there.
func (k Kind) measure(b Body, evidence []Evidence) Body {
	if k.Reading == nil || k.Reading.Fill == nil {
		return b
	}
	out := Body(unmeasured(k.Form, b))
	k.Reading.Fill(out, readOf(evidence))
	return out
}

// unmeasured is a form without its measured fields; what it shares with the other is never changed.
func unmeasured(fields []Field, o map[string]any) map[string]any {
	out := clone(o)
	for _, f := range fields {
		all, isList := out[f.Name].([]any)
		switch {
		case f.Measured:
			delete(out, f.Name)
		case f.Type == Rows && isList:
			all = slices.Clone(all)
			for i, e := range all {
				if row, ok := e.(map[string]any); ok {
					all[i] = unmeasured(f.Fields, row)
				}
			}
			out[f.Name] = all
		}
	}
	return out
}

// typedOver lists measured fields into which somebody typed something else than was measured.
func typedOver(fields []Field, typed, is map[string]any, path string) (faults []Fault) {
	for _, f := range fields {
		at, was := join(path, f.Name), typed[f.Name]
		switch {
		case was == nil:
		case f.Measured && is[f.Name] == nil:
			faults = append(faults, Fault{at, "is read from the evidence and cannot be typed: leave it out, and attach the file"})
		case f.Measured && was != is[f.Name]:
			faults = append(faults, Fault{at, fmt.Sprintf("is read from the evidence, which says %v: leave it out", is[f.Name])})
		case f.Type == Rows:
			theirs, _ := was.([]any)
			ours, _ := is[f.Name].([]any)
			for i := range min(len(theirs), len(ours)) {
				a, okA := theirs[i].(map[string]any)
				b, okB := ours[i].(map[string]any)
				if okA && okB {
					faults = append(faults, typedOver(f.Fields, a, b, fmt.Sprintf("%s[%d]", at, i))...)
				}
			}
		}
	}
	return faults
}

// remeasure fills the measured fields of a draft anew.
func (r *stored) remeasure(k Kind) (err error) {
	if k.Reading == nil {
		return nil
	}
	r.Body = k.measure(r.Body, r.Evidence)
	r.text, err = encode(r.Body)
	return err
}

// faults lists where a form and the files that were read do not agree.
func (rd *Reading) faults(b Body, o Object, evidence []Evidence) (faults []Fault) {
	files := readOf(evidence)
	if n := len(files); n < rd.Least {
		faults = append(faults, Fault{"evidence", fmt.Sprintf("has %d files as %s: attach at least %d", n, rd.Format, rd.Least)})
	}
	if rd.Check != nil {
		faults = append(faults, rd.Check(b, o, files)...)
	}
	return faults
}

// ExampleEvidence are the files of the kind's example, as they are once they were attached and read.
func (k Kind) ExampleEvidence() (out []Evidence) {
	if k.Reading == nil {
		return nil
	}
	for _, f := range k.Reading.Example {
		e := Evidence{ID: f.Name, Name: f.Name, Media: f.Media, Size: int64(len(f.Content))}
		e.Read, _ = k.read(e, strings.NewReader(f.Content))
		out = append(out, e)
	}
	return out
}

// ExampleFilled is ExampleOn with what its files say.
func (k Kind) ExampleFilled(day time.Time) Body {
	return k.measure(k.ExampleOn(day), k.ExampleEvidence())
}

// soundReading refuses a kind whose own example could not be read.
func (k Kind) soundReading() error {
	rd := k.Reading
	switch {
	case rd == nil && hasMeasured(k.Form):
		return fmt.Errorf("record kind %s has measured fields, and reads no evidence", k.Name)
	case rd == nil:
		return nil
	case rd.Format == "" || rd.Takes == nil || rd.Read == nil || rd.Least > 0 && len(rd.Example) < rd.Least:
		return fmt.Errorf("record kind %s: a reading has a format, Takes, Read, and as many example files as it wants", k.Name)
	case (rd.Fill != nil) != hasMeasured(k.Form):
		return fmt.Errorf("record kind %s: measured fields and Fill go together", k.Name)
	}
	for _, f := range rd.Example {
		if _, faults := k.read(Evidence{Name: f.Name, Media: f.Media}, strings.NewReader(f.Content)); len(faults) > 0 || !rd.Takes(f.Name, f.Media) {
			return fmt.Errorf("record kind %s: its example file %s is refused: %v", k.Name, f.Name, faults)
		}
	}
	return nil
}

func hasMeasured(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool { return f.Measured || hasMeasured(f.Fields) })
}

// factsText is how facts are stored; none is no text.
func factsText(facts []Fact) string {
	if len(facts) == 0 {
		return ""
	}
	raw, err := json.Marshal(facts)
	if err != nil { // texts always encode
		return ""
	}
	return string(raw)
}

// factsFrom reads stored facts. Altered ones are none: the record's digest then says that it was altered.
func factsFrom(text string) (facts []Fact) {
	if text == "" || json.Unmarshal([]byte(text), &facts) != nil {
		return nil
	}
	return facts
}
