package export

import (
	"fmt"

	"codeberg.org/go-pdf/fpdf"
)

// colour is an sRGB colour.
type colour struct{ r, g, b int }

func (c colour) hex() string { return fmt.Sprintf("%02X%02X%02X", c.r, c.g, c.b) }

// The report's inks, those of the console's light theme.
var (
	inkFirst  = colour{0x13, 0x18, 0x1C}
	inkSecond = colour{0x46, 0x51, 0x5A}
	inkThird  = colour{0x5C, 0x67, 0x70}
	inkLine   = colour{0xC6, 0xCD, 0xD2}
	surface   = colour{0xF1, 0xF3, 0xF3}
	accent    = colour{0x1B, 0x5B, 0xC7}
)

// palette gives each status its colour. Colour comes third, after shape and word: printed in grey or seen by somebody who
// does not tell red from green, the report says the same.
var palette = map[string]colour{
	"excepted": {0x65, 0x40, 0xBD}, "pass": {0x0E, 0x78, 0x60}, "fail": {0xBE, 0x33, 0x15}, "stale": {0x8A, 0x5F, 0x00}, "unknown": {0x4D, 0x59, 0x63}, "not-assessed": {0x72, 0x7E, 0x88}, "not-applicable": {0x87, 0x91, 0x9A},
}

// ink sets the colour of text, lines and fills.
func (r *report) ink(c colour) {
	r.SetTextColor(c.r, c.g, c.b)
	r.SetDrawColor(c.r, c.g, c.b)
	r.SetFillColor(c.r, c.g, c.b)
}

// mark draws the glyph of a status, size millimetres wide, with its middle at x, y.
func (r *report) mark(status string, x, y, size float64) {
	h := size / 2
	r.ink(palette[status])
	r.SetLineWidth(size / 9)
	r.SetLineCapStyle("round")
	switch status {
	case "pass":
		r.Circle(x, y, h, "F")
		r.white()
		r.Line(x-h*0.45, y+h*0.02, x-h*0.1, y+h*0.4)
		r.Line(x-h*0.1, y+h*0.4, x+h*0.5, y-h*0.38)
	case "fail":
		r.octagon(x, y, h)
		r.white()
		r.Line(x-h*0.38, y-h*0.38, x+h*0.38, y+h*0.38)
		r.Line(x-h*0.38, y+h*0.38, x+h*0.38, y-h*0.38)
	case "stale":
		r.Circle(x, y, h*0.92, "D")
		r.Line(x, y, x, y-h*0.55)
		r.Line(x, y, x+h*0.42, y+h*0.2)
	case "unknown":
		r.Rect(x-h*0.88, y-h*0.88, 2*h*0.88, 2*h*0.88, "D")
		r.SetFont("inter", "B", size*2.1)
		r.Text(x-r.GetStringWidth("?")/2, y+h*0.52, "?")
	case "excepted":
		r.Polygon([]fpdf.PointType{{X: x, Y: y - h}, {X: x + h, Y: y}, {X: x, Y: y + h}, {X: x - h, Y: y}}, "D")
		r.Polygon([]fpdf.PointType{{X: x, Y: y - h}, {X: x + h, Y: y}, {X: x, Y: y + h}}, "F")
	case "not-assessed":
		r.SetDashPattern([]float64{size / 5, size / 5}, 0)
		r.Circle(x, y, h*0.92, "D")
		r.SetDashPattern([]float64{}, 0)
	default:
		r.Line(x-h*0.5, y, x+h*0.5, y)
	}
	r.SetLineCapStyle("butt")
}

func (r *report) white() { r.SetDrawColor(255, 255, 255) }

// octagon fills a regular octagon.
func (r *report) octagon(x, y, h float64) {
	k := h * 0.41421
	pts := [][2]float64{{-k, -h}, {k, -h}, {h, -k}, {h, k}, {k, h}, {-k, h}, {-h, k}, {-h, -k}}
	r.MoveTo(x+pts[0][0], y+pts[0][1])
	for _, q := range pts[1:] {
		r.LineTo(x+q[0], y+q[1])
	}
	r.ClosePath()
	r.DrawPath("F")
}

// block fills a rectangle with a status's pattern: failing is solid and taller, stale striped, excepted striped upright, unknown dotted, not assessed
// an outline, so that a bar reads in grey too.
func (r *report) block(status string, x, y, w, h float64) {
	if w <= 0 {
		return
	}
	r.ink(palette[status])
	r.SetLineWidth(0.25)
	switch status {
	case "fail":
		r.Rect(x, y-h*0.2, w, h*1.4, "F")
	case "pass":
		r.Rect(x, y, w, h, "F")
	case "stale":
		r.ClipRect(x, y, w, h, false)
		for d := -h; d < w; d += 1.1 {
			r.Line(x+d, y+h, x+d+h, y)
		}
		r.ClipEnd()
		r.Rect(x, y, w, h, "D")
	case "unknown":
		r.ClipRect(x, y, w, h, false)
		for dx := 0.5; dx < w; dx += 1.1 {
			for dy := 0.5; dy < h; dy += 1.1 {
				r.Circle(x+dx, y+dy, 0.25, "F")
			}
		}
		r.ClipEnd()
		r.Rect(x, y, w, h, "D")
	case "excepted":
		for d := 0.5; d < w; d++ {
			r.Line(x+d, y, x+d, y+h)
		}
		r.Rect(x, y, w, h, "D")
	case "not-applicable":
		r.Line(x, y+h/2, x+w, y+h/2)
	default:
		r.Rect(x, y, w, h, "D")
	}
}

// state writes a status as glyph and word at the present place, in a cell.
func (r *report) state(status string, width, height float64) {
	x, y := r.GetXY()
	r.mark(status, x+2, y+height/2, 3)
	r.ink(palette[status])
	r.SetFont("inter", "B", 8)
	r.SetXY(x+4.6, y)
	r.CellFormat(width-4.6, height, statusWord(status), "", 0, "L", false, 0, "")
}
