package export

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// writeCSV makes one file for each table: UTF-8, commas, RFC 4180.
func (p *pack) writeCSV(ctx context.Context) error {
	for _, t := range p.tables() {
		err := p.file(t.name+".csv", "text/csv; charset=utf-8", func(w io.Writer) error {
			return p.csvTable(ctx, t, w)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *pack) csvTable(ctx context.Context, t table, w io.Writer) error {
	out := csv.NewWriter(w)
	heads := make([]string, len(t.columns))
	for i, c := range t.columns {
		heads[i] = c.title
	}
	err := out.Write(heads)
	row := make([]string, len(t.columns))
	if err == nil {
		err = p.fill(ctx, CSV, t, func(cells ...any) error {
			for i, c := range cells {
				row[i] = cellText(c)
				if _, isText := c.(string); isText {
					row[i] = harmless(row[i])
				}
			}
			return out.Write(row)
		})
	}
	out.Flush()
	return errors.Join(err, out.Error())
}

// harmless makes text that a spreadsheet would take for a formula plain text, by the apostrophe that spreadsheets hide. Names
// of devices and reasons come from outside. Characters that steer a terminal or break XML are dropped.
func harmless(s string) string {
	s = clean(s)
	if trimmed := strings.TrimLeftFunc(s, unicode.IsSpace); trimmed != "" && strings.ContainsRune("=+-@|", rune(trimmed[0])) {
		return "'" + s
	}
	return s
}

// clean drops what no table needs: control characters other than line ends and tabs, and broken UTF-8.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if r == utf8.RuneError || unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF || (r >= 0x202A && r <= 0x202E) || (r >= 0x2066 && r <= 0x2069) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}
