package upload

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/catalogue"
)

// columns are the headings that are read; the first two must be there.
var columns = []string{"id", "title", "text", "controls", "group"}

const mustColumns = 2

// readWorkbook reads the first sheet of a workbook: one row of headings, then one item a row.
func readWorkbook(data []byte, control func(string) bool) (fw Framework, err error) {
	if err := checkArchive(data); err != nil {
		return Framework{}, err
	}
	// The library is not ours, and a workbook comes from outside: whatever it stumbles over is the file's fault.
	defer func() {
		if r := recover(); r != nil {
			fw, err = Framework{}, unreadable
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostUnpacked, RawCellValue: true})
	if err != nil {
		return Framework{}, unreadable
	}
	defer func() { _ = book.Close() }()
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return Framework{}, unreadable
	}
	return readSheet(book, sheets[0], control)
}

var unreadable = fleet.Invalid("file", "cannot be read as a workbook: save it again as .xlsx with a spreadsheet program")

func readSheet(book *excelize.File, sheet string, control func(string) bool) (Framework, error) {
	rows, err := book.Rows(sheet)
	if err != nil {
		return Framework{}, unreadable
	}
	defer func() { _ = rows.Close() }()
	var fw Framework
	var f faults
	var places map[string]int
	seen := map[string]string{}
	for n := 1; rows.Next(); n++ {
		cells, err := rows.Columns()
		if err != nil {
			return Framework{}, unreadable
		}
		if empty(cells) {
			continue
		}
		if places == nil {
			if places = headings(&f, sheet, n, cells); len(f.list) > 0 {
				break
			}
			continue
		}
		r := row{sheet: sheet, n: n, cells: cells, places: places}
		r.read(&fw, &f, seen, control)
	}
	if err := rows.Error(); err != nil {
		return Framework{}, unreadable
	}
	if len(fw.Items) == 0 && len(f.list) == 0 {
		f.addf(sheet, "holds no items: begin with a row of the headings %s, then one item a row", strings.Join(columns, ", "))
	}
	fw.Title = tidy(sheet)
	text(&f, "sheet name", fw.Title, mostName)
	return fw, f.err("The workbook")
}

func empty(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// headings finds the columns by the names in the first row that is not empty.
func headings(f *faults, sheet string, n int, cells []string) map[string]int {
	places := map[string]int{}
	for i, cell := range cells {
		name := strings.ToLower(strings.TrimSpace(cell))
		for _, c := range columns {
			if name != c {
				continue
			}
			if _, twice := places[c]; twice {
				f.addf(place(sheet, i, n), "is the second column named %s: keep one", c)
			}
			places[c] = i
		}
	}
	for _, c := range columns[:mustColumns] {
		if _, ok := places[c]; !ok {
			f.addf(fmt.Sprintf("%s row %d", sheet, n), "has no column %s: the headings are %s", c, strings.Join(columns, ", "))
		}
	}
	return places
}

// place names a cell; column counts from 0.
func place(sheet string, column, n int) string {
	name, err := excelize.CoordinatesToCellName(column+1, n)
	if err != nil {
		return sheet
	}
	return sheet + "!" + name
}

// row is one row of a sheet.
type row struct {
	sheet  string
	n      int
	cells  []string
	places map[string]int
}

func (r row) cell(column string) string {
	if i, ok := r.places[column]; ok && i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

// read adds the row's item and what it is tied to.
func (r row) read(fw *Framework, f *faults, seen map[string]string, control func(string) bool) {
	before := len(fw.Items)
	at := place(r.sheet, r.places["id"], r.n)
	fw.item(f, seen, at, catalogue.Item{ID: r.cell("id"), Name: r.cell("title"), Description: r.cell("text"), Group: r.cell("group")})
	if len(fw.Items) == before {
		return
	}
	item := fw.Items[before].ID
	named := map[string]bool{}
	for _, id := range strings.FieldsFunc(r.cell("controls"), func(c rune) bool { return strings.ContainsRune(",; \t\r\n", c) }) {
		id = strings.ToUpper(id)
		switch {
		case named[id]:
		case !control(id):
			f.addf(place(r.sheet, r.places["controls"], r.n), "names %q, which is no control: use identifiers such as COM-01, with commas between", clip(id))
		default:
			fw.Pairs = append(fw.Pairs, Pair{item, id})
		}
		named[id] = true
	}
}
