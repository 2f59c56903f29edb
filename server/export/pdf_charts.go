package export

import (
	"fmt"
	"slices"
	"time"
)

// inBars is the order of statuses in bars, worst first; what does not apply is counted beside, not drawn.
var inBars = []string{"fail", "stale", "unknown", "not-assessed", "excepted", "pass"}

// statusBar is all applicable controls as one bar, with its legend.
func (r *report) statusBar() {
	r.heading("Controls by status")
	f, x, y, h := r.p.figures, margin, r.GetY()+1.6, 8.0
	for _, s := range inBars {
		if f.Applicable == 0 {
			break
		}
		w := inner * float64(f.Counts[s]) / float64(f.Applicable)
		r.block(s, x, y, max(w-0.4, 0), h)
		x += w
	}
	r.SetXY(margin, y+h+4)
	r.legend(f.Counts)
}

// legend names each status with its number.
func (r *report) legend(counts map[string]int) {
	width, y := inner/float64(len(statuses)), r.GetY()
	for i, s := range statuses {
		r.SetXY(margin+float64(i)*width, y)
		r.state(s, width, 4.5)
		r.SetXY(margin+float64(i)*width+4.6, y+4.3)
		r.ink(inkFirst)
		r.SetFont("inter", "B", 12)
		r.CellFormat(width, 6, fmt.Sprint(counts[s]), "", 0, "L", false, 0, "")
	}
	r.SetXY(margin, y+11)
}

func (r *report) heading(text string) {
	r.ink(inkFirst)
	r.SetFont("inter", "B", 10)
	r.SetX(margin)
	r.CellFormat(inner, 6, text, "", 1, "L", false, 0, "")
}

// trend is the score over time. Times without data stay gaps.
func (r *report) trend() {
	points := slices.DeleteFunc(slices.Clone(r.p.snap.Trend), func(t Point) bool { return t.At.After(r.p.at) })
	r.heading("Trend")
	if len(points) < 2 {
		r.paragraph("There is one reading so far, or none: a trend needs two.")
		return
	}
	const height = 38.0
	left, top, width := margin+9, r.GetY()+2, inner-9
	r.SetFont("inter", "", 7.5)
	r.SetLineWidth(0.15)
	for _, pc := range []float64{0, 25, 50, 75, 100} {
		y := top + height*(1-pc/100)
		r.ink(inkLine)
		r.Line(left, y, left+width, y)
		r.ink(inkThird)
		r.SetXY(margin, y-2)
		r.CellFormat(8, 4, fmt.Sprintf("%.0f", pc), "", 0, "R", false, 0, "")
	}
	from, span := points[0].At, points[len(points)-1].At.Sub(points[0].At)
	place := func(t time.Time, pc float64) (float64, float64) {
		return left + width*float64(t.Sub(from))/float64(max(span, 1)), top + height*(1-pc/100)
	}
	r.series(points, place, func(p Point) *float64 { return &p.Coverage }, inkThird, []float64{1.2, 0.9})
	r.series(points, place, func(p Point) *float64 { return p.Pass }, accent, nil)
	r.ink(inkThird)
	r.SetFont("inter", "", 7.5)
	r.SetXY(left, top+height+1)
	r.CellFormat(width/2, 4, from.UTC().Format("2006-01-02"), "", 0, "L", false, 0, "")
	r.CellFormat(width/2, 4, points[len(points)-1].At.UTC().Format("2006-01-02"), "", 0, "R", false, 0, "")
	r.SetXY(left, top+height+5.5)
	r.trendKey()
	r.SetXY(margin, top+height+11)
}

func (r *report) trendKey() {
	for _, k := range []struct {
		word string
		c    colour
		dash []float64
	}{{"passing, % of applicable", accent, []float64{}}, {"coverage, % measured", inkThird, []float64{1.2, 0.9}}} {
		x, y := r.GetXY()
		r.ink(k.c)
		r.SetLineWidth(0.6)
		r.SetDashPattern(k.dash, 0)
		r.Line(x, y+2, x+8, y+2)
		r.SetDashPattern([]float64{}, 0)
		r.SetXY(x+10, y)
		r.ink(inkSecond)
		r.SetFont("inter", "", 8)
		r.CellFormat(52, 4, k.word, "", 0, "L", false, 0, "")
	}
}

// series draws a stepped line, broken where a value is missing.
func (r *report) series(points []Point, place func(time.Time, float64) (float64, float64), value func(Point) *float64, c colour, dash []float64) {
	r.ink(c)
	r.SetLineWidth(0.5)
	if dash != nil {
		r.SetDashPattern(dash, 0)
	}
	open, drawn := false, false
	var y0 float64
	for _, p := range points {
		v := value(p)
		if v == nil {
			open = false
			continue
		}
		x, y := place(p.At, *v)
		if !open {
			r.MoveTo(x, y)
		} else {
			r.LineTo(x, y0)
			r.LineTo(x, y)
			drawn = true
		}
		open, y0 = true, y
	}
	if drawn {
		r.DrawPath("D")
	}
	r.SetDashPattern([]float64{}, 0)
}

// bars draws one row: a name, a bar of statuses as long as the row's share of the longest, and the figure.
func (r *report) bar(id, name string, counts map[string]int, passing, applicable, most int) {
	const row = 6.6
	r.room(row)
	y := r.GetY()
	r.SetXY(margin, y)
	r.ink(inkThird)
	r.SetFont("inter", "B", 8)
	r.CellFormat(12, row, id, "", 0, "L", false, 0, "")
	r.ink(inkFirst)
	r.SetFont("inter", "", 8.5)
	r.CellFormat(72, row, r.short(name, 70), "", 0, "L", false, 0, "")
	x, unit := margin+86, 60/float64(max(most, 1))
	for _, s := range inBars {
		w := float64(counts[s]) * unit
		r.block(s, x, y+1.8, max(w-0.3, 0), 3)
		x += w
	}
	r.SetXY(margin+148, y)
	r.ink(inkSecond)
	r.SetFont("inter", "", 8)
	text := fmt.Sprintf("%d of %d", passing, applicable)
	if len(counts) == 0 {
		text = "no control relates"
	}
	if n := counts["not-applicable"]; n > 0 {
		text += fmt.Sprintf(", %d n/a", n)
	}
	r.CellFormat(26, row, text, "", 0, "R", false, 0, "")
	r.SetXY(margin, y+row)
}

func (r *report) domains() error {
	r.AddPage()
	r.section("Domains", "Each bar is a domain's applicable controls, worst first. Failing is tall and solid, stale striped, unknown dotted, excepted upright stripes, not assessed an outline, passing low and solid. The figure is passing of applicable.")
	most := 0
	for _, d := range r.p.figures.Domains {
		most = max(most, d.Applicable)
	}
	for _, d := range r.p.figures.Domains {
		r.bar(d.ID, d.Name, d.Counts, d.Passing, d.Applicable, most)
	}
	return nil
}

// frameworks draws every other framework that relates to the chosen controls, OWASP's list among them.
func (r *report) frameworks() error {
	status := map[string]string{}
	for _, c := range r.p.controls {
		status[c.ID] = c.Status
	}
	for _, f := range r.p.frameworks {
		related, most := 0, 0
		for _, i := range f.Items {
			related += len(i.Controls)
			most = max(most, len(i.Controls))
		}
		if related == 0 {
			continue
		}
		r.section(f.Name, fmt.Sprintf("%d items, and the controls that relate to each (%s mapping). A control may relate to several items.", len(f.Items), firstOf(f.Provenance, "its")))
		for _, i := range f.Items {
			counts, applicable := map[string]int{}, 0
			for _, m := range i.Controls {
				counts[status[m.Control]]++
				if status[m.Control] != "not-applicable" {
					applicable++
				}
			}
			r.bar(i.ID, i.Name, counts, counts["pass"], applicable, most)
		}
	}
	return nil
}
