// Package upload reads frameworks that operators bring: OSCAL catalogues as JSON and workbooks as XLSX. Both come from
// outside and are hostile until proved otherwise: everything is bounded before it is unpacked or decoded, nothing is
// evaluated, and what is wrong is named with its place and what to do about it.
package upload

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/catalogue"
)

// Bounds of what is read.
const (
	MostBytes  = 8 << 20 // of a file as it comes
	MostItems  = 5000
	mostFaults = 50
	mostID     = 64
	mostName   = 300
	mostText   = 8000
)

// Framework is what a file holds. Identifier and summary are not in it: whoever imports names them.
type Framework struct {
	Title   string
	Edition string // version and standard of the document
	Date    string // as far as the file says; may be empty
	Items   []catalogue.Item
	Pairs   []Pair
}

// Pair is an item that the file itself ties to a control of ours.
type Pair struct{ Item, Control string }

// Read reads a file of either format. control reports whether there is a control of that identifier.
func Read(data []byte, control func(id string) bool) (Framework, error) {
	switch {
	case len(data) == 0:
		return Framework{}, fleet.Invalid("file", "is empty: send an OSCAL catalogue (JSON) or a workbook (XLSX)")
	case len(data) > MostBytes:
		return Framework{}, fleet.Invalid("file", fmt.Sprintf("has %d bytes and may have %d: leave out what is no item", len(data), MostBytes))
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readWorkbook(data, control)
	case bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n"), []byte("{")):
		return readOSCAL(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	}
	return Framework{}, fleet.Invalid("file", "is neither JSON nor XLSX: send an OSCAL catalogue as JSON, or a workbook saved as .xlsx without a password")
}

// faults collects what is wrong, so that whoever prepared the file sees it all at once.
type faults struct {
	list []fleet.FieldError
	more int
}

func (f *faults) addf(place, format string, args ...any) {
	if len(f.list) == mostFaults {
		f.more++
		return
	}
	f.list = append(f.list, fleet.FieldError{Path: clip(place), Message: fmt.Sprintf(format, args...)})
}

// err is everything that was found, or nil.
func (f *faults) err(what string) error {
	if len(f.list) == 0 {
		return nil
	}
	if f.more > 0 {
		f.list = append(f.list, fleet.FieldError{Path: "file", Message: fmt.Sprintf("has %d more faults: mend these first", f.more)})
	}
	return &fleet.Error{Code: fleet.CodeInvalid, Message: what + " was not imported, and nothing changed", Fields: f.list}
}

var itemID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._:()/+-]*$`)

// item checks one item and adds it.
func (fw *Framework) item(f *faults, seen map[string]string, place string, it catalogue.Item) {
	it.ID, it.Name, it.Description, it.Group = strings.TrimSpace(it.ID), tidy(it.Name), strings.TrimSpace(it.Description), tidy(it.Group)
	before := len(f.list) + f.more
	switch {
	case it.ID == "":
		f.addf(place, "has no id: every item needs one")
	case len(it.ID) > mostID || !itemID.MatchString(it.ID):
		f.addf(place, "id %q: use at most %d letters, digits, blanks and . _ : ( ) / + -, beginning with a letter or digit", clip(it.ID), mostID)
	case seen[it.ID] != "":
		f.addf(place, "id %s is used twice, first at %s: give each item its own", it.ID, seen[it.ID])
	}
	if it.Name == "" {
		f.addf(place, "item %s has no title: write one", clip(it.ID))
	}
	text(f, place+" title", it.Name, mostName)
	text(f, place+" group", it.Group, mostName)
	text(f, place+" text", it.Description, mostText)
	if len(f.list)+f.more > before {
		return
	}
	if len(fw.Items) == MostItems {
		f.addf(place, "is item %d, and a framework may have %d: split it", MostItems+1, MostItems)
		return
	}
	seen[it.ID] = place
	fw.Items = append(fw.Items, it)
}

// text notes a text that is too long, cannot be shown, or would be run as a formula by a program that opens an export.
func text(f *faults, place, s string, most int) {
	switch {
	case utf8.RuneCountInString(s) > most:
		f.addf(place, "has %d characters and may have %d: shorten it", utf8.RuneCountInString(s), most)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return r == utf8.RuneError || (unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r')
	}):
		f.addf(place, "holds characters that cannot be shown: remove them")
	case formula(s):
		f.addf(place, "begins like a formula (%q): put a word before it", s[:1])
	}
}

// formula reports whether a spreadsheet would run the text. A dash with a blank after it is a list, not a formula.
func formula(s string) bool {
	if s == "" || !strings.Contains("=+-@", s[:1]) {
		return false
	}
	return len(s) < 2 || s[0] != '-' || s[1] != ' '
}

// tidy puts a title on one line.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

func clip(s string) string {
	if len(s) > 120 {
		s = s[:120] + "…"
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
}
