package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"
)

const (
	sheetRows = 1 << 20 // the most that a sheet can have; the rest goes on in another
	cellMost  = 32000   // characters; a cell holds 32767
)

// writeXLSX makes one workbook with a sheet for each table. Every cell that is text is stored as text, never as a formula.
func (p *pack) writeXLSX(ctx context.Context) (err error) {
	f := excelize.NewFile(excelize.Options{TmpDir: p.spoolDir})
	defer func() { err = errors.Join(err, f.Close()) }()
	b := &book{File: f, p: p}
	if err := b.looks(); err != nil {
		return err
	}
	for _, t := range p.tables() {
		if err := b.sheets(ctx, t); err != nil {
			return err
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		return err
	}
	f.SetActiveSheet(0)
	if err := f.SetDocProps(&excelize.DocProperties{Title: "Posture", Creator: "Thingward " + p.Version, Created: stamp(p.job.Created), Modified: stamp(p.job.Created), Description: "As of " + stamp(p.at)}); err != nil {
		return err
	}
	return p.file("posture.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", func(w io.Writer) error { return f.Write(w) })
}

// book is the workbook with its styles.
type book struct {
	*excelize.File
	p                          *pack
	head, plain, wrapped, when int
	marks                      map[string]int // style of a status word
}

func (b *book) looks() error {
	styles := []struct {
		to *int
		s  excelize.Style
	}{
		{&b.head, excelize.Style{Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F2A37"}}, Alignment: &excelize.Alignment{Vertical: "center"}}},
		{&b.plain, excelize.Style{NumFmt: 0, Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&b.wrapped, excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}},
		{&b.when, excelize.Style{CustomNumFmt: new("yyyy-mm-dd hh:mm:ss"), Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left"}}},
	}
	var err error
	for _, s := range styles {
		if *s.to, err = b.NewStyle(&s.s); err != nil {
			return err
		}
	}
	b.marks = map[string]int{}
	for status, c := range palette {
		if b.marks[statusWord(status)], err = b.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Color: c.hex()}, Alignment: &excelize.Alignment{Vertical: "top"}}); err != nil {
			return err
		}
	}
	return nil
}

// sheets writes a table into as many sheets as it needs.
func (b *book) sheets(ctx context.Context, t table) error {
	var sw *excelize.StreamWriter
	n, row := 0, sheetRows
	begin := func() (err error) {
		if sw != nil {
			if err := sw.Flush(); err != nil {
				return err
			}
		}
		n++
		sw, row, err = b.sheet(t, n)
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	values := make([]any, len(t.columns))
	err := b.p.fill(ctx, XLSX, t, func(cells ...any) error {
		if row >= sheetRows {
			if err := begin(); err != nil {
				return err
			}
		}
		row++
		for i, c := range cells {
			values[i] = b.cell(c)
		}
		return sw.SetRow(fmt.Sprintf("A%d", row), values)
	})
	if err != nil {
		return err
	}
	return sw.Flush()
}

func (b *book) sheet(t table, n int) (*excelize.StreamWriter, int, error) {
	name := t.name
	if n > 1 {
		name = fmt.Sprintf("%s %d", t.name, n)
	}
	if _, err := b.NewSheet(name); err != nil {
		return nil, 0, err
	}
	if err := b.printed(name); err != nil {
		return nil, 0, err
	}
	sw, err := b.NewStreamWriter(name)
	if err != nil {
		return nil, 0, err
	}
	for i, c := range t.columns {
		if err := sw.SetColWidth(i+1, i+1, c.width); err != nil {
			return nil, 0, err
		}
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, 0, err
	}
	heads := make([]any, len(t.columns))
	for i, c := range t.columns {
		heads[i] = excelize.Cell{StyleID: b.head, Value: c.title}
	}
	return sw, 1, sw.SetRow("A1", heads, excelize.RowOpts{Height: 20})
}

// printed makes a sheet come out of a printer one page wide, on A4 across, with its head on every page.
func (b *book) printed(sheet string) error {
	across, a4, wide, high, fit := "landscape", 9, 1, 0, true
	return errors.Join(
		b.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &across, Size: &a4, FitToWidth: &wide, FitToHeight: &high}),
		b.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}),
		b.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + sheet + "'!$1:$1", Scope: sheet}),
	)
}

// cell is a value with its style. Text is an inline string, which no spreadsheet evaluates whatever it begins with.
func (b *book) cell(v any) any {
	switch v := v.(type) {
	case string:
		s := clean(v)
		if r := []rune(s); len(r) > cellMost {
			s = string(r[:cellMost]) + "…"
		}
		if mark, ok := b.marks[s]; ok {
			return excelize.Cell{StyleID: mark, Value: s}
		}
		return excelize.Cell{StyleID: b.wrapped, Value: s}
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return excelize.Cell{StyleID: b.when, Value: v.UTC()}
	case bool:
		return excelize.Cell{StyleID: b.plain, Value: cellText(v)}
	default:
		return excelize.Cell{StyleID: b.plain, Value: v}
	}
}
