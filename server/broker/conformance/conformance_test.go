package conformance_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/thingward/thingward/server/broker/conformance"
)

// numbered is how many statements each section has, as the standards' appendices list them.
var numbered = map[string]map[string]int{
	"MQTT 5.0": {
		"1.5.4": 3, "1.5.5": 1, "1.5.7": 1, "2.1.3": 1, "2.2.1": 5, "2.2.2": 1, "3.1.0": 2, "3.1.2": 30, "3.1.3": 12, "3.1.4": 6, "3.2.0": 2, "3.2.2": 22,
		"3.3.1": 13, "3.3.2": 20, "3.3.4": 10, "3.4.2": 3, "3.5.2": 3, "3.6.1": 1, "3.6.2": 3, "3.7.2": 3, "3.8.1": 1, "3.8.3": 5, "3.8.4": 8, "3.9.2": 2, "3.9.3": 2,
		"3.10.1": 1, "3.10.3": 2, "3.10.4": 6, "3.11.2": 2, "3.11.3": 2, "3.12.4": 1, "3.14.0": 1, "3.14.1": 1, "3.14.2": 4, "3.14.4": 3, "3.15.1": 1, "3.15.2": 3,
		"4.1.0": 2, "4.2.0": 1, "4.3.1": 1, "4.3.2": 5, "4.3.3": 13, "4.4.0": 2, "4.5.0": 2, "4.6.0": 6, "4.7.0": 1, "4.7.1": 2, "4.7.2": 1, "4.7.3": 4, "4.8.2": 6, "4.9.0": 3,
		"4.12.0": 7, "4.12.1": 2, "4.13.1": 1, "4.13.2": 1, "6.0.0": 4,
	},
	"MQTT 3.1.1": {
		"1.5.3": 3, "2.2.2": 2, "2.3.1": 7, "3.1.0": 2, "3.1.2": 24, "3.1.3": 11, "3.1.4": 5, "3.2.0": 1, "3.2.2": 6, "3.3.1": 12, "3.3.2": 3, "3.3.4": 1, "3.3.5": 2, "3.6.1": 1,
		"3.8.1": 1, "3.8.3": 3, "3-8.3": 1, "3.8.4": 6, "3.9.3": 2, "3.10.1": 1, "3.10.3": 2, "3.10.4": 6, "3.12.4": 1, "3.14.1": 1, "3.14.4": 3,
		"4.1.0": 2, "4.3.1": 1, "4.3.2": 2, "4.3.3": 2, "4.4.0": 1, "4.5.0": 2, "4.6.0": 6, "4.7.1": 3, "4.7.2": 1, "4.7.3": 4, "4.8.0": 2, "6.0.0": 4, "7.0.0": 2, "7.1.1": 1, "7.1.2": 1,
	},
}

// first numbers of sections that do not begin with 1: the standard left a number out, or goes on with one.
var first = map[string]int{"MQTT 5.0 2.2.1": 2, "MQTT 3.1.1 3-8.3": 4}

var id = regexp.MustCompile(`^MQTT-(\d[.-]\d+\.\d+)-(\d+)$`)

func standards(t *testing.T) []conformance.Standard {
	t.Helper()
	all, err := conformance.Standards()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestEveryStatementHasItsRow: all of them, once, in order.
func TestEveryStatementHasItsRow(t *testing.T) {
	for _, s := range standards(t) {
		seen := map[string]int{}
		for _, x := range s.Statements {
			m := id.FindStringSubmatch(x.ID)
			if m == nil {
				t.Errorf("%s: %q is no statement's id", s.Name, x.ID)
				continue
			}
			seen[m[1]]++
			if want := max(first[s.Name+" "+m[1]], 1) + seen[m[1]] - 1; m[2] != itoa(want) {
				t.Errorf("%s: %s where %d was due", s.Name, x.ID, want)
			}
			said := 0
			for _, is := range []bool{len(x.By) > 0, x.Not != "", x.Open != ""} {
				if is {
					said++
				}
			}
			if said != 1 || x.What == "" || strings.Contains(x.What+x.Not+x.Open, "|") {
				t.Errorf("%s %s: want words, and one of by, not and open", s.Name, x.ID)
			}
		}
		want := numbered[s.Name]
		for section, n := range want {
			if seen[section] != n {
				t.Errorf("%s: section %s has %d rows, want %d", s.Name, section, seen[section], n)
			}
		}
		if len(seen) != len(want) {
			t.Errorf("%s: %d sections, want %d", s.Name, len(seen), len(want))
		}
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

// TestNamedTestsExist: those of by, and those that the reasons of rows that do not apply point to.
func TestNamedTestsExist(t *testing.T) {
	have := tests(t)
	named := regexp.MustCompile(`\bTest\w+`)
	for _, s := range standards(t) {
		for _, x := range s.Statements {
			for _, name := range append(x.By, named.FindAllString(x.Not, -1)...) {
				if !have[name] {
					t.Errorf("%s %s: there is no test %s", s.Name, x.ID, name)
				}
			}
		}
	}
}

// tests are the names of all tests of the broker and the packages beneath it.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	have := map[string]bool{}
	for _, folder := range []string{"", "packet", "segment", "topics"} {
		list, err := filepath.Glob(filepath.Join("..", folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range list {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
					have[strings.TrimPrefix(folder+"."+fn.Name.Name, ".")] = true
				}
			}
		}
	}
	return have
}

// TestDocumentIsUpToDate fails when go generate has not been run.
func TestDocumentIsUpToDate(t *testing.T) {
	got, err := os.ReadFile("../../../docs/mqtt-conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, conformance.Markdown(standards(t))) {
		t.Error("docs/mqtt-conformance.md is not what the table says: run go generate ./server/broker/conformance")
	}
}
