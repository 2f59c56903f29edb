package catalogue

import (
	"errors"
	"strings"
	"testing"
)

func TestMarkdownHasEveryControlOnce(t *testing.T) {
	c := mustLoad(t)
	var b strings.Builder
	if err := c.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, control := range c.Controls() {
		if n := strings.Count(b.String(), "\n| "+control.ID+" | **"+control.Title+".**"); n != 1 {
			t.Errorf("%s has %d rows", control.ID, n)
		}
	}
	for _, part := range []string{
		"160 controls in 26 domains",
		"\n## CLS · Cloud services\n",
		"OWASP according to the framework: I3, I4, I7, I8.",
		"OWASP according to the framework: none.",
		"\n| I8 | Lack of Device Management | ",
	} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("document has no %q", part)
		}
	}
	if strings.Contains(b.String(), "%!") {
		t.Error("document has a formatting fault")
	}
}

// A cell with a pipe stays one cell.
func TestMarkdownEscapesPipes(t *testing.T) {
	var b strings.Builder
	row(&b, "a|b", "c")
	if got := b.String(); got != "| a\\|b | c |\n" {
		t.Errorf("row is %q", got)
	}
}

func TestMarkdownReportsWriteError(t *testing.T) {
	if err := mustLoad(t).Markdown(full{}); !errors.Is(err, errFull) {
		t.Errorf("error is %v, want %v", err, errFull)
	}
}

var errFull = errors.New("disk full")

// full is a writer with no room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
