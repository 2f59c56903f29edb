package export_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/xuri/excelize/v2"

	"github.com/thingward/thingward/server/export"
)

// seen is what one format shows, counted from the file itself.
type seen struct {
	controls map[string]int // by status, in words
	findings int
	excepted int
	devices  int
	records  int
	risks    int
}

var word = map[string]string{"pass": "passing", "fail": "failing", "excepted": "excepted", "stale": "stale", "unknown": "unknown", "not-assessed": "not assessed", "not-applicable": "not applicable"}

// Every file of a pack shows the same figures: each is read back and counted.
func TestEveryFormatShowsTheSameFigures(t *testing.T) {
	f := fleetOf{devices: 300, findings: 500}
	for name, scope := range map[string]export.Scope{"everything": {}, "a system and some domains": {System: "north", Domains: []string{"ABC", "BBC", "CBC"}}, "a framework": {Framework: "owasp-iot-2018"}} {
		t.Run(name, func(t *testing.T) {
			w := open(t, f)
			j := w.made(export.Order{Formats: export.Formats, Scope: scope}, true)
			if j.State != "done" {
				t.Fatalf("%s: %s", j.State, j.Reason)
			}
			dir := filepath.Join(w.dir, j.ID)
			want := seen{map[string]int{}, j.Figures.Findings, j.Figures.Accepted, j.Figures.Devices, j.Figures.Records, j.Figures.Risks}
			for status, n := range j.Figures.Counts {
				if n > 0 {
					want.controls[word[status]] = n
				}
			}
			for format, got := range map[string]seen{"xlsx": readXLSX(t, dir), "csv": readCSV(t, dir), "oscal": readOSCAL(t, dir), "ocsf": readOCSF(t, dir, want)} {
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s shows\n%v, want\n%v", format, got, want)
				}
			}
			validOSCAL(t, dir)
			readZip(t, dir, j)
			if pdf, err := os.ReadFile(filepath.Join(dir, "posture.pdf")); err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
				t.Errorf("no PDF: %v", err)
			}
			if _, err := os.Stat(filepath.Join(dir, "spool")); !os.IsNotExist(err) {
				t.Errorf("the spool is still there: %v", err)
			}
		})
	}
}

func readXLSX(t *testing.T, dir string) seen {
	t.Helper()
	f, err := excelize.OpenFile(filepath.Join(dir, "posture.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if got := strings.Join(f.GetSheetList(), " "); got != "summary controls obligations findings exceptions records risks frameworks devices" {
		t.Errorf("sheets %s", got)
	}
	s := seen{controls: map[string]int{}}
	rows := func(sheet string) [][]string {
		out, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		return out[1:]
	}
	for _, r := range rows("controls") {
		s.controls[r[3]]++
	}
	for i, r := range rows("findings") {
		s.findings++
		if r[5] == "excepted" {
			s.excepted++
		}
		for _, column := range "CDHIK" {
			cell := fmt.Sprintf("%c%d", column, i+2)
			if formula, _ := f.GetCellFormula("findings", cell); formula != "" {
				t.Errorf("%s holds a formula: %s", cell, formula)
			}
			if typ, _ := f.GetCellType("findings", cell); typ != excelize.CellTypeInlineString && typ != excelize.CellTypeSharedString {
				t.Errorf("%s is no text: %v", cell, typ)
			}
		}
	}
	s.devices, s.records, s.risks = len(rows("devices")), len(rows("records")), len(rows("risks"))
	return s
}

func readCSV(t *testing.T, dir string) seen {
	t.Helper()
	rows := func(name string) [][]string {
		b, err := os.ReadFile(filepath.Join(dir, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		out, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range out {
			for _, c := range r {
				if trimmed := strings.TrimSpace(c); trimmed != "" && strings.ContainsRune("=+-@|", rune(trimmed[0])) {
					t.Errorf("%s: a spreadsheet would evaluate %q", name, c)
				}
				if strings.ContainsAny(c, "\x07\x1b\r") {
					t.Errorf("%s: control characters in %q", name, c)
				}
			}
		}
		return out[1:]
	}
	s := seen{controls: map[string]int{}}
	for _, r := range rows("controls") {
		s.controls[r[3]]++
	}
	for _, r := range rows("findings") {
		s.findings++
		if r[5] == "excepted" {
			s.excepted++
		}
	}
	for _, name := range []string{"summary", "obligations", "exceptions", "frameworks"} {
		rows(name)
	}
	s.devices, s.records, s.risks = len(rows("devices")), len(rows("records")), len(rows("risks"))
	return s
}

type node = map[string]any

func readJSON(t *testing.T, path string) (v node) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

func property(v any, name string) string {
	list, _ := v.(node)["props"].([]any)
	for _, p := range list {
		if p.(node)["name"] == name {
			return p.(node)["value"].(string)
		}
	}
	return ""
}

func readOSCAL(t *testing.T, dir string) seen {
	t.Helper()
	result := readJSON(t, filepath.Join(dir, "oscal-assessment-results.json"))["assessment-results"].(node)["results"].([]any)[0].(node)
	s := seen{controls: map[string]int{}}
	for _, f := range result["findings"].([]any) {
		if target := f.(node)["target"].(node); target["type"] == "statement-id" {
			s.controls[word[property(f, "status")]]++
			if (target["status"].(node)["state"] == "satisfied") != (property(f, "status") == "pass") {
				t.Errorf("%v", target)
			}
		}
	}
	for _, o := range result["observations"].([]any) {
		if property(o, "finding") != "" {
			s.findings++
		}
	}
	if local, ok := result["local-definitions"].(node); ok {
		s.devices = len(local["inventory-items"].([]any))
	}
	poam := readJSON(t, filepath.Join(dir, "oscal-plan-of-action-and-milestones.json"))["plan-of-action-and-milestones"].(node)
	items := 0
	for _, i := range poam["poam-items"].([]any) {
		if property(i, "finding") != "" {
			items++
		}
		if property(i, "state") == "excepted" {
			s.excepted++
		}
	}
	if items != s.findings {
		t.Errorf("%d items of the plan for %d findings", items, s.findings)
	}
	for _, r := range poam["risks"].([]any) {
		if property(r, "risk") != "" {
			s.risks++
		}
	}
	var records int
	_, _ = fmt.Sscan(property(result, "records"), &records)
	s.records = records
	return s
}

// readOCSF counts lines; records, risks and devices are not in it.
func readOCSF(t *testing.T, dir string, want seen) seen {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "compliance-findings.ocsf.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	s := seen{map[string]int{}, 0, 0, want.devices, want.records, want.risks}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l node
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"activity_id", "category_uid", "class_uid", "type_uid", "time", "severity_id", "metadata", "finding_info", "compliance", "status_id"} {
			if _, ok := l[key]; !ok {
				t.Fatalf("a line lacks %s: %s", key, lines.Text())
			}
		}
		if l["class_uid"] != 2003.0 || l["type_uid"] != l["class_uid"].(float64)*100+l["activity_id"].(float64) {
			t.Errorf("class %v, type %v", l["class_uid"], l["type_uid"])
		}
		info := l["finding_info"].(node)
		if fmt.Sprint(info["types"]) == "[control]" {
			s.controls[word[l["compliance"].(node)["status_code"].(string)]]++
			continue
		}
		s.findings++
		if l["status"] == "Suppressed" {
			s.excepted++
		}
	}
	return s
}

// oscalSchema is NIST's complete schema of OSCAL 1.2.2, which is in the public domain.
var oscalSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	return jsonschema.NewCompiler().Compile("testdata/oscal_complete_schema-1-2-2.json")
})

// validOSCAL validates all five documents against NIST's schema.
func validOSCAL(t *testing.T, dir string) {
	t.Helper()
	schema, err := oscalSchema()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"catalog", "component-definition", "assessment-plan", "assessment-results", "plan-of-action-and-milestones"} {
		b, err := os.ReadFile(filepath.Join(dir, "oscal-"+name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %.3000s", name, err)
		}
	}
}

// readZip finds every file of the pack in pack.zip, with the hash that the manifest gives.
func readZip(t *testing.T, dir string, j export.Job) {
	t.Helper()
	m := readJSON(t, filepath.Join(dir, "manifest.json"))
	listed := map[string]string{}
	for _, f := range m["files"].([]any) {
		listed[f.(node)["name"].(string)] = f.(node)["sha256"].(string)
	}
	z, err := zip.OpenReader(filepath.Join(dir, "pack.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b.Bytes())
		if got := hex.EncodeToString(sum[:]); f.Name != "manifest.json" && got != listed[f.Name] {
			t.Errorf("%s: %s, listed %s", f.Name, got, listed[f.Name])
		}
	}
	if len(z.File) != len(listed)+1 || len(j.Files) != len(listed)+2 {
		t.Errorf("%d in the zip, %d listed, %d shown", len(z.File), len(listed), len(j.Files))
	}
}
