package export

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"strings"

	"codeberg.org/go-pdf/fpdf"
)

// The report's typeface is Inter, under the SIL Open Font License (font/OFL.txt).
//
//go:embed font/Inter-Regular.ttf
var fontRegular []byte

//go:embed font/Inter-SemiBold.ttf
var fontSemiBold []byte

// Millimetres on A4.
const (
	pageWidth  = 210.0
	margin     = 18.0
	inner      = pageWidth - 2*margin
	pageBottom = 275.0 // where the text ends; the footer stands below
)

// report draws the PDF. It holds what it draws in memory, so lists are cut where a person stops reading, and say so.
type report struct {
	*fpdf.Fpdf
	p *pack
}

// writePDF makes the report for people.
func (p *pack) writePDF(ctx context.Context) error {
	r := &report{fpdf.New("P", "mm", "A4", ""), p}
	r.AddUTF8FontFromBytes("inter", "", fontRegular)
	r.AddUTF8FontFromBytes("inter", "B", fontSemiBold)
	r.SetTitle("Posture as of "+stamp(p.at), true)
	r.SetAuthor("Thingward "+p.Version, true)
	r.SetSubject(p.scopeText(), true)
	r.SetCreationDate(p.job.Created.UTC())
	r.SetModificationDate(p.job.Created.UTC())
	r.SetCatalogSort(true)
	r.SetMargins(margin, margin, margin)
	r.SetAutoPageBreak(false, 0)
	r.SetCellMargin(0)
	r.AliasNbPages("{pages}")
	r.SetFooterFunc(r.footer)
	for _, part := range []func() error{r.front, r.domains, r.frameworks, r.controls, r.reasons, r.findings, r.exceptions, r.records, r.risks, r.proof} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := part(); err != nil {
			return err
		}
	}
	if err := r.Error(); err != nil {
		return err
	}
	return p.file("posture.pdf", "application/pdf", func(w io.Writer) error { return r.Output(w) })
}

// footer names the page, the moment, and the checkpoint that everything on it stands under.
func (r *report) footer() {
	r.ink(inkLine)
	r.SetLineWidth(0.2)
	r.Line(margin, 281, pageWidth-margin, 281)
	r.ink(inkThird)
	r.SetFont("inter", "", 7.5)
	r.SetXY(margin, 282.5)
	left := "As of " + stamp(r.p.at)
	if cp := r.p.checkpoint; cp != nil {
		left += fmt.Sprintf("  ·  audit log sealed to entry %d, root %s", cp.Size, cp.Root)
	} else {
		left += "  ·  not proved by an audit log"
	}
	r.CellFormat(inner-16, 5, left, "", 0, "L", false, 0, "")
	r.SetX(margin + inner - 12) // to the right by hand: the number of pages is put in later
	r.CellFormat(12, 5, fmt.Sprintf("%d / {pages}", r.PageNo()), "", 0, "L", false, 0, "")
}

// room begins a new page where fewer millimetres are left.
func (r *report) room(mm float64) bool {
	if r.GetY()+mm <= pageBottom {
		return false
	}
	r.AddPage()
	return true
}

// section heads a part of the report.
func (r *report) section(title, text string) {
	if r.PageNo() == 0 || r.GetY() > 200 {
		r.AddPage()
	} else {
		r.Ln(8)
	}
	r.ink(inkFirst)
	r.SetFont("inter", "B", 14)
	r.SetX(margin)
	r.CellFormat(inner, 8, title, "", 1, "L", false, 0, "")
	if text != "" {
		r.paragraph(text)
	}
	r.Ln(2)
}

func (r *report) paragraph(text string) {
	r.ink(inkSecond)
	r.SetFont("inter", "", 9.5)
	for _, l := range r.wrap(text, inner) {
		r.room(5)
		r.SetX(margin)
		r.CellFormat(inner, 5, l, "", 1, "L", false, 0, "")
	}
}

// wrap breaks text into lines that fit, breaking a word that does not. It always gives one line.
func (r *report) wrap(text string, width float64) (out []string) {
	for part := range strings.SplitSeq(drawable(text), "\n") {
		now := ""
		for _, word := range strings.Fields(part) {
			for r.GetStringWidth(word) > width {
				cut := r.fits(word, width)
				if now != "" {
					out, now = append(out, now), ""
				}
				out, word = append(out, word[:cut]), word[cut:]
			}
			joined := strings.TrimSpace(now + " " + word)
			if now != "" && r.GetStringWidth(joined) > width {
				out, joined = append(out, now), word
			}
			now = joined
		}
		out = append(out, now)
	}
	return out
}

// fits is how many bytes of a word fit, at least one character.
func (r *report) fits(word string, width float64) int {
	last := 0
	for i := range word {
		if i > 0 && r.GetStringWidth(word[:i]) > width {
			break
		}
		last = i
	}
	if last == 0 {
		for i := range word {
			if i > 0 {
				return i
			}
		}
		return len(word)
	}
	return last
}

// short cuts text to one line, with an ellipsis.
func (r *report) short(text string, width float64) string {
	text = strings.Join(strings.Fields(drawable(text)), " ")
	if r.GetStringWidth(text) <= width {
		return text
	}
	return r.cut(text, width)
}

// cut ends text with an ellipsis, shortened where it would not fit.
func (r *report) cut(text string, width float64) string {
	if room := width - r.GetStringWidth("…"); r.GetStringWidth(text) > room {
		text = text[:r.fits(text, room)]
	}
	return strings.TrimRight(text, " .,;:") + "…"
}

// drawable leaves what the PDF writer can show: characters of the basic plane. Others become the replacement box, so that it
// is seen that something stands there.
func drawable(s string) string {
	return strings.Map(func(c rune) rune {
		if c > 0xFFFF {
			return '□'
		}
		return c
	}, clean(s))
}

// front is the first page: what this is, the figures, the bar of statuses and the trend.
func (r *report) front() error {
	f := r.p.figures
	r.AddPage()
	r.ink(inkThird)
	r.SetFont("inter", "B", 9)
	r.CellFormat(inner, 5, "Thingward "+r.p.Version, "", 1, "L", false, 0, "")
	r.ink(inkFirst)
	r.SetFont("inter", "B", 26)
	r.CellFormat(inner, 14, "Posture", "", 1, "L", false, 0, "")
	r.SetFont("inter", "", 10)
	r.ink(inkSecond)
	about := "As of " + r.p.at.UTC().Format("2 January 2006, 15:04:05 UTC") + ". Made for " + r.p.job.By + " on " + r.p.job.Created.UTC().Format("2 January 2006, 15:04 UTC") + ". Scope: " + r.p.scopeText() + "."
	if r.p.job.Order.Engagement != "" {
		about += " Engagement " + r.p.job.Order.Engagement + "."
	}
	r.paragraph(about)
	r.Ln(5)
	r.SetFont("inter", "", 11)
	r.ink(inkFirst)
	for _, l := range r.wrap(r.p.summaryText(), inner) {
		r.CellFormat(inner, 6, l, "", 1, "L", false, 0, "")
	}
	r.Ln(5)
	r.figureRow([][2]string{{share(f.Pass), "of applicable controls pass"}, {share(&f.Coverage), "of applicable are measured"}, {share(f.Fresh), "of measured are fresh"}, {share(f.With), "pass or are under exception"}})
	r.figureRow([][2]string{{fmt.Sprint(f.Findings), "findings open"}, {fmt.Sprint(f.Overdue), "of them overdue"}, {fmt.Sprint(f.Owed), "records owed"}, {fmt.Sprint(f.Devices), "devices"}})
	r.Ln(4)
	r.statusBar()
	r.Ln(6)
	r.trend()
	if len(r.p.notes) > 0 {
		r.Ln(4)
		r.small("What to know", strings.Join(r.p.notes, " "))
	}
	return nil
}

func (r *report) small(head, text string) {
	r.ink(inkFirst)
	r.SetFont("inter", "B", 9)
	r.room(16)
	r.SetX(margin)
	r.CellFormat(inner, 5, head, "", 1, "L", false, 0, "")
	r.ink(inkSecond)
	r.SetFont("inter", "", 8.5)
	for _, l := range r.wrap(text, inner) {
		r.room(4.4)
		r.SetX(margin)
		r.CellFormat(inner, 4.4, l, "", 1, "L", false, 0, "")
	}
}

func (r *report) figureRow(cells [][2]string) {
	width, y := inner/float64(len(cells)), r.GetY()
	for i, c := range cells {
		x := margin + float64(i)*width
		r.SetXY(x, y)
		r.ink(inkFirst)
		size := 17.0
		if len(c[0]) > 9 {
			size = 11
		}
		r.SetFont("inter", "B", size)
		r.CellFormat(width-3, 9, c[0], "", 0, "L", false, 0, "")
		r.SetXY(x, y+8.5)
		r.ink(inkThird)
		r.SetFont("inter", "", 8.5)
		r.CellFormat(width-3, 5, c[1], "", 0, "L", false, 0, "")
	}
	r.SetXY(margin, y+16)
}
