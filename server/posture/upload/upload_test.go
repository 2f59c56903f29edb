package upload

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/thingward/thingward/fleet"
)

// known is a catalogue of two controls.
func known(id string) bool { return id == "COM-01" || id == "COM-08" }

// book makes a workbook of rows.
func book(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	return save(t, f)
}

func save(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var heading = []any{"ID", "Title", "Text", "Controls", "Group"}

func TestWorkbook(t *testing.T) {
	fw, err := Read(book(t, []any{}, heading, []any{"A.1", " First\nitem ", "What it asks.", "com-01, COM-08; COM-01", "Part A"}, []any{}, []any{"A.2", "Second", "- a list\n- of two"}), known)
	if err != nil {
		t.Fatal(err)
	}
	if len(fw.Items) != 2 || fw.Items[0].Name != "First item" || fw.Items[0].Group != "Part A" || fw.Items[1].ID != "A.2" || fw.Title != "Sheet1" {
		t.Errorf("read %+v", fw)
	}
	if len(fw.Pairs) != 2 || fw.Pairs[1] != (Pair{"A.1", "COM-08"}) {
		t.Errorf("pairs are %+v", fw.Pairs)
	}
}

const catalog = `{"catalog":{"uuid":"7b4f1c52-0c3c-4d6e-9a55-1f2f3a4b5c6d","metadata":{"title":"A  framework","version":"2.0","oscal-version":"1.1.3","last-modified":"2026-02-03T10:00:00+01:00"},
"groups":[{"id":"g","title":"Part A","groups":[{"title":"Flat","controls":[{"id":"a-1","title":"First","parts":[{"name":"statement","prose":"Do:","parts":[{"name":"item","prose":"this"}]},{"name":"guidance","prose":"not this"}],
"controls":[{"id":"a-1.1","title":"Enhancement"}]}]},{"title":"Deep","controls":[{"id":"b-1","title":"Second"}]}]}],"controls":[{"id":"z-1","title":"Loose"}],"back-matter":{}}}`

func TestOSCAL(t *testing.T) {
	for _, text := range []string{catalog, "\xef\xbb\xbf " + strings.Replace(catalog, "1.1.3", "1.2.0", 1)} {
		fw, err := Read([]byte(text), known)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range fw.Items {
			got = append(got, i.ID+"|"+i.Group+"|"+i.Name+"|"+i.Description)
		}
		want := "z-1||Loose|;a-1|Part A / Flat|First|Do:\nthis;a-1.1|Part A / Flat|Enhancement|;b-1|Part A / Deep|Second|"
		if strings.Join(got, ";") != want || fw.Title != "A framework" || fw.Edition != "2.0" || fw.Date != "2026-02-03" {
			t.Errorf("read %q of %+v", got, fw)
		}
	}
}

// refused fails the test unless err is an invalid input that names the place and says the message.
func refused(t *testing.T, err error, place, message string) {
	t.Helper()
	var fe *fleet.Error
	if !errors.As(err, &fe) || fe.Code != fleet.CodeInvalid {
		t.Fatalf("error is %v", err)
	}
	for _, f := range fe.Fields {
		if strings.Contains(f.Path, place) && strings.Contains(f.Message, message) {
			return
		}
	}
	t.Errorf("%+v names no %q with %q", fe.Fields, place, message)
}

func TestBadOSCAL(t *testing.T) {
	change := func(old, with string) string {
		if !strings.Contains(catalog, old) {
			t.Fatalf("the catalogue has no %q", old)
		}
		return strings.Replace(catalog, old, with, 1)
	}
	deep := strings.Repeat(`{"groups":[`, 40) + strings.Repeat("]}", 40)
	for name, c := range map[string]struct{ text, place, message string }{
		"no JSON":           {`{"catalog":}`, "line 1:12", "no JSON from here on"},
		"cut off":           {catalog[:200], "", ""},
		"goes on":           {catalog + "{}", "file", "goes on after its end"},
		"not a catalogue":   {`{"profile":{}}`, "catalog", "is missing"},
		"uuid":              {change("7b4f1c52", "nope"), "catalog.uuid", "not of the form"},
		"unknown part":      {change(`"back-matter":{`, `"back-mutter":{},"back-matter":{`), "catalog", "remove back-mutter"},
		"no version":        {change(`"version":"2.0",`, ""), "catalog.metadata", "lacks version"},
		"part without name": {change(`"name":"item",`, ""), "catalog.groups[0].groups[0].controls[0].parts[0].parts[0]", "lacks name"},
		"old OSCAL":         {change("1.1.3", "1.0.4"), "catalog.metadata.oscal-version", "1.1.x and 1.2.x"},
		"id twice":          {change(`"id":"b-1"`, `"id":"a-1"`), "catalog.groups[0].groups[1].controls[0]", "used twice, first at catalog.groups[0].groups[0].controls[0]"},
		"no id":             {change(`"id":"b-1",`, ""), "catalog.groups[0].groups[1].controls[0]", "has no id"},
		"no title":          {change(`"title":"Second"`, `"title":" "`), "catalog.groups[0].groups[1].controls[0]", "has no title"},
		"odd id":            {change(`"id":"b-1"`, `"id":"<script>"`), "controls[0]", "letters, digits"},
		"name twice":        {change(`"version":"2.0"`, `"version":"2.0","version":"3.0"`), "catalog.metadata.version", "stands twice"},
		"wrong kind":        {change(`"title":"Loose"`, `"title":7`), "title", "number where OSCAL has a string"},
		"deep":              {`{"catalog":` + deep + `}`, "catalog.groups[0].groups[0]", "nests deeper"},
		"formula":           {change(`"title":"Loose"`, `"title":"=cmd|' /C calc'!A1"`), "catalog.controls[0] title", "like a formula"},
		"control character": {change(`"title":"Loose"`, `"title":"a\u0000b"`), "catalog.controls[0] title", "cannot be shown"},
		"long":              {change(`"prose":"this"`, `"prose":"`+strings.Repeat("x", mostText+1)+`"`), "controls[0] text", "shorten it"},
		"not UTF-8":         {change("Loose", "\xff"), "file", "not UTF-8"},
		"empty":             {`{"catalog":{"metadata":{"oscal-version":"1.1.2"}}}`, "catalog", "no controls"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]byte(c.text), known)
			refused(t, err, c.place, c.message)
		})
	}
}

func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct {
		data    []byte
		message string
	}{
		"nothing":   {nil, "is empty"},
		"text":      {[]byte("id,title\nA,b\n"), "neither JSON nor XLSX"},
		"too large": {bytes.Repeat([]byte("{"), MostBytes+1), "may have 8388608"},
		"broken":    {[]byte("PK\x03\x04rubbish"), "no whole XLSX"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(c.data, known)
			refused(t, err, "file", c.message)
		})
	}
}

func TestBadWorkbooks(t *testing.T) {
	many := [][]any{heading}
	for i := range MostItems + 1 {
		many = append(many, []any{fmt.Sprintf("A%d", i), "x"})
	}
	for name, c := range map[string]struct {
		rows           [][]any
		place, message string
	}{
		"no heading":      {[][]any{{"A", "B"}, {"1", "2"}}, "Sheet1 row 1", "has no column id"},
		"heading twice":   {[][]any{{"id", "title", "ID"}}, "Sheet1!C1", "second column named id"},
		"no items":        {[][]any{heading}, "Sheet1", "holds no items"},
		"empty":           {nil, "Sheet1", "holds no items"},
		"id twice":        {[][]any{heading, {"A", "x"}, {"A", "y"}}, "Sheet1!A3", "used twice, first at Sheet1!A2"},
		"no id":           {[][]any{heading, {"", "x"}}, "Sheet1!A2", "has no id"},
		"no title":        {[][]any{heading, {"A", ""}}, "Sheet1!A2", "has no title"},
		"unknown control": {[][]any{heading, {"A", "x", "", "COM-99"}}, "Sheet1!D2", "no control"},
		"formula as text": {[][]any{heading, {"A", "+HYPERLINK(1)"}}, "Sheet1!A2 title", "like a formula"},
		"too many":        {many, "Sheet1!A5002", "split it"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(book(t, c.rows...), known)
			refused(t, err, c.place, c.message)
		})
	}
}

func TestFormulaCell(t *testing.T) {
	f := excelize.NewFile()
	_ = f.SetSheetRow("Sheet1", "A1", &heading)
	_ = f.SetSheetRow("Sheet1", "A2", &[]any{"A", "x"})
	if err := f.SetCellFormula("Sheet1", "C2", `WEBSERVICE("https://example.com/"&A2)`); err != nil {
		t.Fatal(err)
	}
	_, err := Read(save(t, f), known)
	refused(t, err, "sheet1.xml C2", "paste them as values")
}

// rewrite copies a workbook and lets change replace or add parts.
func rewrite(t testing.TB, data []byte, change func(name string, text []byte) []byte, more map[string][]byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	add := func(name string, text []byte) {
		part, err := w.Create(name)
		if err == nil {
			_, err = part.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, entry := range z.File {
		r, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			text = change(entry.Name, text)
		}
		add(entry.Name, text)
	}
	for name, text := range more {
		add(name, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestHostileArchives(t *testing.T) {
	good := book(t, heading, []any{"A", "x"})
	sheet := func(with string) []byte {
		return rewrite(t, good, func(name string, text []byte) []byte {
			if strings.HasSuffix(name, "sheet1.xml") {
				return []byte(with)
			}
			return text
		}, nil)
	}
	head := `<?xml version="1.0" encoding="UTF-8"?>`
	bomb := bytes.Repeat([]byte("<a>"+strings.Repeat("x", 1<<16)+"</a>"), mostUnpacked>>16+10)
	parts := map[string][]byte{}
	for i := range mostEntries {
		parts[fmt.Sprintf("xl/p%d.xml", i)] = []byte("<a/>")
	}
	for name, c := range map[string]struct {
		data           []byte
		place, message string
	}{
		"zip bomb":       {rewrite(t, good, nil, map[string][]byte{"xl/media/image1.png": make([]byte, mostUnpacked+1)}), "image1.png", "unpacks the workbook to more than"},
		"XML bomb":       {sheet(string(bomb)), "sheet1.xml", "unpacks the workbook to more than"},
		"entity bomb":    {sheet(head + `<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>`), "sheet1.xml", "document type or entity"},
		"outside entity": {sheet(head + `<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>`), "sheet1.xml", "document type or entity"},
		"deep XML":       {sheet(head + strings.Repeat("<a>", 100)), "sheet1.xml", "nests deeper"},
		"far cell":       {sheet(head + `<worksheet><sheetData><row r="1"><c r="XFD1"/></row></sheetData></worksheet>`), "sheet1.xml XFD1", "move the items"},
		"far row":        {sheet(head + `<worksheet><sheetData><row r="1048576"/></sheetData></worksheet>`), "sheet1.xml 1048576", "move the items"},
		"odd cell":       {sheet(head + `<worksheet><sheetData><row r="1"><c r="-1"/></row></sheetData></worksheet>`), "sheet1.xml -1", "is no cell"},
		"broken XML":     {sheet("<worksheet"), "sheet1.xml", "is damaged"},
		"macros":         {rewrite(t, good, nil, map[string][]byte{"xl/vbaProject.bin": {1}}), "vbaProject.bin", "holds macros"},
		"outside links":  {rewrite(t, good, nil, map[string][]byte{"xl/externalLinks/externalLink1.xml": []byte("<a/>")}), "externalLink1.xml", "remove the links"},
		"path out":       {rewrite(t, good, nil, map[string][]byte{"../evil.xml": []byte("<a/>")}), "evil.xml", "leads out"},
		"part twice":     {rewrite(t, good, nil, map[string][]byte{"XL/Workbook.xml": []byte("<a/>")}), "XL/Workbook.xml", "stands twice"},
		"many parts":     {rewrite(t, good, nil, parts), "file", "may hold 512"},
		"no sheets": {rewrite(t, good, func(name string, text []byte) []byte {
			if strings.HasSuffix(name, "workbook.xml") {
				return []byte(head + "<workbook/>")
			}
			return text
		}, nil), "file", "cannot be read as a workbook"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(c.data, known)
			refused(t, err, c.place, c.message)
		})
	}
}

// Faults beyond the most that are shown are counted, so that a bad file makes no endless answer.
func TestFaultsAreBounded(t *testing.T) {
	rows := [][]any{heading}
	for range 200 {
		rows = append(rows, []any{"", "x"})
	}
	_, err := Read(book(t, rows...), known)
	refused(t, err, "file", "150 more faults")
}

// FuzzRead hands anything to both readers: whatever comes, it is refused with a place or read into items that hold what
// was promised.
func FuzzRead(f *testing.F) {
	f.Add([]byte(catalog))
	f.Add(book(f, heading, []any{"A", "x", "y", "COM-01"}))
	f.Add([]byte(`{"catalog":{"groups":[{"groups":[{}]}]}}`))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fw, err := Read(data, known)
		if err != nil {
			if fleet.CodeOf(err) != fleet.CodeInvalid || len(err.Error()) > 100_000 {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		seen := map[string]bool{}
		for _, item := range fw.Items {
			if item.ID == "" || item.Name == "" || seen[item.ID] || formula(item.Name) {
				t.Fatalf("read %+v", item)
			}
			seen[item.ID] = true
		}
		if len(seen) == 0 || len(seen) > MostItems {
			t.Fatalf("read %d items", len(seen))
		}
		if _, err := json.Marshal(fw); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzSheet hands anything to the reader of a sheet inside a whole workbook, past the archive's checksums.
func FuzzSheet(f *testing.F) {
	good := book(f, heading, []any{"A", "x"})
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>title</t></is></c></row><row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row></sheetData></worksheet>`))
	f.Add([]byte(`<worksheet><sheetData><row><c t="s"><v>99999999</v></c></row></sheetData></worksheet>`))
	f.Add([]byte(`<worksheet><sheetData><row r="2"/><row r="1"/><row r="1"><c r="B1"/><c r="A1"/></row></sheetData></worksheet>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		data := rewrite(t, good, func(name string, old []byte) []byte {
			if strings.HasSuffix(name, "sheet1.xml") {
				return text
			}
			return old
		}, nil)
		if _, err := Read(data, known); err != nil && fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Fatalf("refused with %v", err)
		}
	})
}

// TestSchemaIsOSCALs: the embedded model is that of the standard's complete schema, word for word.
func TestSchemaIsOSCALs(t *testing.T) {
	var own, whole struct{ Definitions map[string]json.RawMessage }
	complete, err := os.ReadFile("../../export/testdata/oscal_complete_schema-1-2-2.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(json.Unmarshal(catalogSchema, &own), json.Unmarshal(complete, &whole)); err != nil {
		t.Fatal(err)
	}
	flat := func(raw json.RawMessage) string {
		var b bytes.Buffer
		_ = json.Compact(&b, raw) // decoded above
		return b.String()
	}
	if len(own.Definitions) < 30 {
		t.Errorf("%d definitions", len(own.Definitions))
	}
	for name, def := range own.Definitions {
		if flat(def) != flat(whole.Definitions[name]) {
			t.Errorf("%s differs", name)
		}
	}
}
