package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/thingward/thingward/"

// floors maps the root of each part to its floor; the longest prefix counts. A package imports lower floors only, and on
// its own floor only packages of its own part.
var floors = map[string]int{
	"kit": 0, "protocol": 0, "examples": 0,
	"fleet":        1,
	"server/store": 2, "server/bus": 2,
	"server/audit":    3,
	"server/access":   4,
	"server/api":      5,
	"server/identity": 6, "server/registry": 6, "server/broker": 6, "server/telemetry": 6, "server/detect": 6, "server/posture": 6,
	"server/people": 6, "server/proof": 6, "server/records": 6, "server/risk": 6, "server/engagement": 6, "server/export": 6, "server/traffic": 6,
	"server/detect/rules": 7, "server/posture/controls": 7, "server/records/kinds": 7,
	"server":  8,
	"agent":   8,
	"console": 7, "bench": 11,
	"servertest": 9,
	"demo":       9,
	"cmd":        10,
	"archtest":   11,
	"docs":       11,
}

// forbidden maps an import to why nobody (but those listed) may use it.
var forbidden = map[string]struct {
	why  string
	save []string
}{
	"math/rand":    {"randomness comes from crypto/rand: guessable numbers become guessable secrets", nil},
	"math/rand/v2": {"randomness comes from crypto/rand: guessable numbers become guessable secrets", []string{"demo", "agent"}},
	"log":          {"logs are structured: use log/slog", nil},
	"unsafe":       {"memory safety is a promise of the product", nil},
}

type file struct {
	dir, name string
	test      bool
	ast       *ast.File
	lines     int
}

// parts reads every Go file of the project.
func parts(t *testing.T) []file {
	t.Helper()
	var files []file
	fset := token.NewFileSet()
	root := ".."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || (strings.HasPrefix(d.Name(), ".") && d.Name() != "..")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		files = append(files, file{filepath.ToSlash(filepath.Dir(rel)), d.Name(), strings.HasSuffix(d.Name(), "_test.go"), f, fset.Position(f.End()).Line})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d files found: the walk is broken", len(files))
	}
	return files
}

// part is the longest known prefix of a folder and its floor.
func part(dir string) (string, int, bool) {
	for d := dir; d != "."; d = filepath.ToSlash(filepath.Dir(d)) {
		if floor, ok := floors[d]; ok {
			return d, floor, true
		}
	}
	return "", 0, false
}

func TestImportsGoDownward(t *testing.T) {
	for _, f := range parts(t) {
		own, floor, ok := part(f.dir)
		if !ok {
			t.Errorf("%s belongs to no floor: give it one in archtest", f.dir)
			continue
		}
		for _, imp := range f.ast.Imports {
			path, _ := strconv.Unquote(imp.Path.Value)
			checkImport(t, f, own, floor, path)
		}
	}
}

func checkImport(t *testing.T, f file, own string, floor int, path string) {
	t.Helper()
	if rule, ok := forbidden[path]; ok && !f.test && !slices.Contains(rule.save, own) {
		t.Errorf("%s/%s imports %s: %s", f.dir, f.name, path, rule.why)
	}
	dir, ours := strings.CutPrefix(path, module)
	if !ours {
		return
	}
	other, below, ok := part(dir)
	switch {
	case !ok:
		t.Errorf("%s/%s imports %s, which belongs to no floor", f.dir, f.name, dir)
	case other == own:
	case own == "agent" && other != "kit" && other != "protocol" && !f.test:
		t.Errorf("%s/%s imports %s: the agent knows kit and protocol only", f.dir, f.name, dir)
	case strings.HasPrefix(own, other+"/") && floor > below, strings.HasSuffix(dir, "test") && f.test:
	case below >= floor && !f.test:
		t.Errorf("%s/%s (floor %d) imports %s (floor %d): import downward only, never sideways", f.dir, f.name, floor, dir, below)
	case below > floor:
		t.Errorf("%s/%s (floor %d) imports %s (floor %d) in a test", f.dir, f.name, floor, dir, below)
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	says, seen := map[string]bool{}, map[string]bool{}
	for _, f := range parts(t) {
		if f.test {
			continue
		}
		seen[f.dir] = true
		if f.ast.Doc != nil && len(f.ast.Doc.Text()) > 20 {
			says[f.dir] = true
		}
	}
	for dir := range seen {
		if !says[dir] {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

func TestFilesStayReadable(t *testing.T) {
	for _, f := range parts(t) {
		if f.lines > 500 {
			t.Errorf("%s/%s has %d lines: split it by verb (500 at most)", f.dir, f.name, f.lines)
		}
	}
}

// notNames are package and file names that say nothing about what is inside.
var notNames = []string{"util", "utils", "helper", "helpers", "common", "misc", "models", "handlers", "mocks", "manager", "impl", "base"}

func TestNamesSaySomething(t *testing.T) {
	for _, f := range parts(t) {
		for _, name := range []string{filepath.Base(f.dir), strings.TrimSuffix(strings.TrimSuffix(f.name, ".go"), "_test")} {
			if slices.Contains(notNames, name) {
				t.Errorf("%s/%s: %q says nothing about what is inside", f.dir, f.name, name)
			}
		}
	}
}

// shelves hold one thing a file: each file declares one exported function, has a test beside it, and stands on the list.
var shelves = map[string]string{"server/detect/rules": "rules.go", "server/posture/controls": "controls.go"}

func TestShelvesHoldOneThingAFile(t *testing.T) {
	files := parts(t)
	tested := map[string]bool{}
	for _, f := range files {
		if f.test {
			tested[f.dir] = true
			tested[f.dir+"/"+strings.TrimSuffix(f.name, "_test.go")] = true
		}
	}
	for _, f := range files {
		for shelf, list := range shelves {
			if f.test || !strings.HasPrefix(f.dir+"/", shelf+"/") || (f.dir == shelf && f.name == list) {
				continue
			}
			checkShelved(t, f, tested)
		}
	}
}

func checkShelved(t *testing.T, f file, tested map[string]bool) {
	t.Helper()
	var exported []string
	for _, d := range f.ast.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.IsExported() {
			exported = append(exported, fn.Name.Name)
		}
	}
	if len(exported) != 1 && f.name != "doc.go" {
		t.Errorf("%s/%s exports %v: a shelf holds one thing a file", f.dir, f.name, exported)
	}
	if f.name != "doc.go" && !tested[f.dir+"/"+strings.TrimSuffix(f.name, ".go")] {
		t.Errorf("%s/%s has no test beside it", f.dir, f.name)
	}
}
