package upload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/catalogue"
)

// Bounds of a JSON document before it is decoded.
const (
	mostDepth  = 64
	mostTokens = 2_000_000
)

// The parts of an OSCAL catalogue that are read (OSCAL 1.1 and 1.2, model "catalog"). Everything else in it is left alone.
type (
	oscalDocument struct {
		Catalog *oscalCatalog `json:"catalog"`
	}
	oscalCatalog struct {
		Metadata oscalMetadata  `json:"metadata"`
		Groups   []oscalGroup   `json:"groups"`
		Controls []oscalControl `json:"controls"`
	}
	oscalMetadata struct {
		Title        string `json:"title"`
		Version      string `json:"version"`
		OSCAL        string `json:"oscal-version"`
		LastModified string `json:"last-modified"`
	}
	oscalGroup struct {
		Title    string         `json:"title"`
		Groups   []oscalGroup   `json:"groups"`
		Controls []oscalControl `json:"controls"`
	}
	oscalControl struct {
		ID       string         `json:"id"`
		Title    string         `json:"title"`
		Parts    []oscalPart    `json:"parts"`
		Controls []oscalControl `json:"controls"`
	}
	oscalPart struct {
		Name  string      `json:"name"`
		Prose string      `json:"prose"`
		Parts []oscalPart `json:"parts"`
	}
)

// readOSCAL reads an OSCAL catalogue.
func readOSCAL(data []byte) (Framework, error) {
	if err := scan(data); err != nil {
		return Framework{}, err
	}
	var doc oscalDocument
	if err := json.Unmarshal(data, &doc); err != nil {
		return Framework{}, jsonFault(data, err)
	}
	var f faults
	if doc.Catalog == nil {
		f.addf("catalog", "is missing: send an OSCAL catalogue, not a profile, plan or result")
		return Framework{}, f.err("The catalogue")
	}
	m := doc.Catalog.Metadata
	if !strings.HasPrefix(m.OSCAL, "1.1.") && !strings.HasPrefix(m.OSCAL, "1.2.") {
		f.addf("catalog.metadata.oscal-version", "is %q: OSCAL 1.1.x and 1.2.x are read; convert the catalogue first", clip(m.OSCAL))
	}
	fw := Framework{Title: tidy(m.Title), Edition: tidy(strings.TrimSpace(m.Version)), Date: date(m.LastModified)}
	text(&f, "catalog.metadata.title", fw.Title, mostName)
	text(&f, "catalog.metadata.version", fw.Edition, mostName)
	w := walker{fw: &fw, faults: &f, seen: map[string]string{}}
	w.controls("catalog", "", doc.Catalog.Controls)
	w.groups("catalog", "", doc.Catalog.Groups)
	if len(fw.Items) == 0 && len(f.list) == 0 {
		f.addf("catalog", "holds no controls: a framework needs at least one")
	}
	if err := conforms(&f, data); err != nil {
		return Framework{}, err
	}
	return fw, f.err("The catalogue")
}

// date is the day of a time stamp; empty for anything else.
func date(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return ""
	}
	return t.UTC().Format("2006-01-02")
}

// walker goes through groups and controls; scan has bounded how deep they nest.
type walker struct {
	fw     *Framework
	faults *faults
	seen   map[string]string
}

func (w walker) groups(place, above string, groups []oscalGroup) {
	for i, g := range groups {
		at, name := fmt.Sprintf("%s.groups[%d]", place, i), tidy(g.Title)
		if above != "" && name != "" {
			name = above + " / " + name
		} else if name == "" {
			name = above
		}
		w.controls(at, name, g.Controls)
		w.groups(at, name, g.Groups)
	}
}

func (w walker) controls(place, group string, controls []oscalControl) {
	for i, c := range controls {
		at := fmt.Sprintf("%s.controls[%d]", place, i)
		var lines []string
		for _, p := range c.Parts {
			if p.Name == "statement" {
				lines = p.prose(lines)
			}
		}
		w.fw.item(w.faults, w.seen, at, catalogue.Item{ID: c.ID, Name: c.Title, Group: group, Description: strings.Join(lines, "\n")})
		w.controls(at, group, c.Controls)
	}
}

// prose collects the text of a part and of the parts inside it, in order.
func (p oscalPart) prose(lines []string) []string {
	if s := strings.TrimSpace(p.Prose); s != "" {
		lines = append(lines, s)
	}
	for _, inner := range p.Parts {
		lines = inner.prose(lines)
	}
	return lines
}

// scan goes over a JSON document once without building it, and refuses what would be dear or ambiguous to decode: deep
// nesting, a flood of values, an object with the same name twice.
func scan(data []byte) error {
	if !utf8.Valid(data) {
		return fleet.Invalid("file", "is not UTF-8: save it in that encoding")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var s stack
	for n := 0; ; n++ {
		token, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF) && len(s) == 0 && n > 0:
			return nil
		case err != nil:
			return jsonFault(data, err)
		case n > mostTokens:
			return fleet.Invalid(s.path(), fmt.Sprintf("the file holds more than %d values: leave out what is no item", mostTokens))
		}
		if err := s.take(token); err != nil {
			return err
		}
		if len(s) == 0 {
			if _, err := dec.Token(); !errors.Is(err, io.EOF) {
				return fleet.Invalid("file", "goes on after its end: send one catalogue in one file")
			}
			return nil
		}
	}
}

// frame is an object or array that is open.
type frame struct {
	names map[string]bool // of an object
	name  string          // the present one
	value bool            // the next token is the value of name
	index int             // of an array
}

type stack []*frame

// take follows one token.
func (s *stack) take(token json.Token) error {
	var top *frame
	if len(*s) > 0 {
		top = (*s)[len(*s)-1]
	}
	if d, ok := token.(json.Delim); ok && (d == '}' || d == ']') {
		*s = (*s)[:len(*s)-1]
		return nil
	}
	if top != nil && top.names != nil && !top.value {
		top.name, top.value = token.(string), true // a decoder gives names as strings
		if top.names[top.name] {
			return fleet.Invalid(s.path(), "stands twice in the same object: keep one")
		}
		top.names[top.name] = true
		return nil
	}
	if top != nil {
		top.value = false
		top.index++
	}
	d, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	if len(*s) == mostDepth {
		return fleet.Invalid(s.path(), fmt.Sprintf("nests deeper than %d: flatten it", mostDepth))
	}
	fr := &frame{}
	if d == '{' {
		fr.names = map[string]bool{}
	}
	*s = append(*s, fr)
	return nil
}

// path is where the scan is.
func (s stack) path() string {
	var parts []string
	for _, f := range s {
		if f.names != nil {
			parts = append(parts, f.name)
		} else if len(parts) > 0 {
			parts[len(parts)-1] += "[" + strconv.Itoa(max(f.index-1, 0)) + "]"
		}
	}
	return clip(strings.Join(parts, "."))
}

// jsonFault says where a document is no JSON, or no OSCAL.
func jsonFault(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fleet.Invalid(line(data, syntax.Offset), "is no JSON from here on: "+clip(syntax.Error()))
	case errors.As(err, &kind):
		return fleet.Invalid(clip(kind.Field), fmt.Sprintf("is a %s where OSCAL has a %s: compare it with the OSCAL catalogue model", kind.Value, kind.Type.Kind()))
	}
	return fleet.Invalid("file", "ends before the catalogue does, or is no JSON: send the whole file")
}

// line is the line and column of an offset.
func line(data []byte, offset int64) string {
	before := data[:min(max(int(offset), 0), len(data))]
	return fmt.Sprintf("line %d:%d", bytes.Count(before, []byte("\n"))+1, len(before)-bytes.LastIndexByte(before, '\n'))
}
