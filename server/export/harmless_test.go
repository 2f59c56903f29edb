package export

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
)

// FuzzText puts any text where it comes to stand in files: no spreadsheet evaluates it, OSCAL's one-line strings stay one
// line, JSON stays JSON, and the report is drawn.
func FuzzText(f *testing.F) {
	for _, s := range []string{"=1+1", " \t@x", "line\nbreak", "\x00\xff", strings.Repeat("wide ", 400), "🔒漢字", "\u202eevil", ""} {
		f.Add(s)
	}
	r := &report{Fpdf: fpdf.New("P", "mm", "A4", ""), p: &pack{Service: &Service{}}}
	r.AddUTF8FontFromBytes("inter", "", fontRegular)
	r.AddUTF8FontFromBytes("inter", "B", fontSemiBold)
	r.AddPage()
	f.Fuzz(func(t *testing.T, s string) {
		c := harmless(s)
		if trimmed := strings.TrimSpace(c); trimmed != "" && strings.ContainsRune("=+-@|", rune(trimmed[0])) {
			t.Errorf("%q becomes %q", s, c)
		}
		if !utf8.ValidString(c) || strings.ContainsAny(c, "\x00\x1b\r") {
			t.Errorf("%q becomes %q", s, c)
		}
		if l := line(s); l == "" || strings.ContainsAny(l, "\n\t") || strings.TrimSpace(l) != l {
			t.Errorf("%q becomes %q", s, l)
		}
		var b bytes.Buffer
		j := &jsonStream{w: &b}
		j.open("", "{")
		j.member("a", prose(s))
		j.open("b", "[")
		j.element(object{"c": line(s)})
		j.close("]")
		j.close("}")
		if j.err != nil || !json.Valid(b.Bytes()) {
			t.Errorf("%q: %v %s", s, j.err, b.String())
		}
		if len(s) > 2000 {
			s = s[:2000]
		}
		r.SetFont("inter", "", 8)
		for _, l := range r.wrap(s, 30) {
			if r.GetStringWidth(l) > 31 && utf8.RuneCountInString(l) > 1 {
				t.Errorf("%q is wider than its cell", l)
			}
		}
		if w := r.short(s, 30); r.GetStringWidth(w) > 33 {
			t.Errorf("%q is wider than its cell", w)
		}
	})
}
