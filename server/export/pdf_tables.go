package export

import (
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
)

const (
	findingsShown = 200 // the rest is in the other files
	listShown     = 120
)

// col is a column of a printed table; width in millimetres.
type col struct {
	head  string
	width float64
	right bool
}

// grid prints rows under a head that is repeated on every page. A cell that is a fleet.Status is printed with its glyph.
type grid struct {
	r    *report
	cols []col
}

func (r *report) grid(cols ...col) *grid {
	g := &grid{r, cols}
	r.room(20)
	g.head()
	return g
}

func (g *grid) head() {
	r := g.r
	r.SetX(margin)
	r.SetFont("inter", "B", 8)
	for _, c := range g.cols {
		r.SetFillColor(surface.r, surface.g, surface.b)
		r.SetTextColor(inkSecond.r, inkSecond.g, inkSecond.b)
		r.CellFormat(c.width, 6, c.head, "", 0, align(c), true, 0, "")
	}
	r.Ln(6)
}

func align(c col) string {
	if c.right {
		return "R"
	}
	return "L"
}

// row prints a row; text that does not fit goes on in further lines, up to four.
func (g *grid) row(cells ...any) {
	const lineHeight, most = 4.2, 4
	r := g.r
	r.SetFont("inter", "", 8)
	lines, tall := make([][]string, len(cells)), 1
	for i, c := range cells {
		if s, ok := c.(string); ok {
			lines[i] = r.wrap(s, g.cols[i].width-2.2)
			if len(lines[i]) > most {
				lines[i] = lines[i][:most]
				lines[i][most-1] = r.cut(lines[i][most-1], g.cols[i].width-2.2)
			}
			tall = max(tall, len(lines[i]))
		}
	}
	height := float64(tall)*lineHeight + 1.6
	if r.room(height) {
		g.head()
	}
	x, y := margin, r.GetY()
	for i, c := range cells {
		r.SetXY(x, y+0.8)
		if s, ok := c.(fleet.Status); ok {
			r.state(string(s), g.cols[i].width, lineHeight)
		}
		r.ink(inkFirst)
		r.SetFont("inter", "", 8)
		for k, l := range lines[i] {
			r.SetXY(x, y+0.8+float64(k)*lineHeight)
			r.CellFormat(g.cols[i].width-1, lineHeight, l, "", 0, align(g.cols[i]), false, 0, "")
		}
		x += g.cols[i].width
	}
	r.ink(inkLine)
	r.SetLineWidth(0.1)
	r.Line(margin, y+height, margin+inner, y+height)
	r.SetXY(margin, y+height)
}

// rest says how many rows stand only in the other files.
func (r *report) rest(shown, all int) {
	if all > shown {
		r.Ln(1)
		r.paragraph(fmt.Sprintf("%d more stand in the tables.", all-shown))
	}
}

func (r *report) controls() error {
	r.section("Controls", "Every control with its status, since when, and the entry of the audit log that holds its last change; the proofs are in proofs.json.")
	g := r.grid(col{"Control", 16, false}, col{"Title", 84, false}, col{"Status", 28, false}, col{"Since", 28, false}, col{"Log entry", 18, true})
	for _, c := range r.p.controls {
		entry := "–"
		if c.Proof != nil {
			entry = fmt.Sprint(c.Proof.Index)
		}
		since := "–"
		if !c.Since.IsZero() {
			since = c.Since.UTC().Format("2006-01-02 15:04")
		}
		g.row(c.ID, c.Title, fleet.Status(c.Status), since, entry)
	}
	return nil
}

// reasons explains every control that neither passes nor is not applicable.
func (r *report) reasons() error {
	var open []Control
	for _, c := range r.p.controls {
		if c.Status != string(fleet.Pass) && c.Status != string(fleet.NotApplicable) {
			open = append(open, c)
		}
	}
	if len(open) == 0 {
		return nil
	}
	r.section("What does not pass, and what clears it", "")
	g := r.grid(col{"Control", 16, false}, col{"Status", 27, false}, col{"Why", 66, false}, col{"Clears when", 65, false})
	for _, c := range open {
		clears := c.ClearsWhen
		if c.Status == string(fleet.NotAssessed) {
			clears = firstOf(c.Missing, clears)
		}
		why, _, _ := strings.Cut(c.Reason, " Clears when: ") // the next column says it
		g.row(c.ID, fleet.Status(c.Status), why, clears)
	}
	return nil
}

func (r *report) findings() error {
	f := r.p.figures
	if f.Findings == 0 {
		r.section("Findings", "No finding is open.")
		return nil
	}
	var parts []string
	for _, s := range []string{"critical", "high", "medium", "low", "info"} {
		if f.Severities[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", f.Severities[s], s))
		}
	}
	r.section("Findings", fmt.Sprintf("%d are open: %s. %d are overdue, %d under an approved exception.", f.Findings, strings.Join(parts, ", "), f.Overdue, f.Accepted))
	g, n := r.grid(col{"Control", 16, false}, col{"Severity", 17, false}, col{"Subject", 36, false}, col{"What is wrong", 63, false}, col{"Owner", 20, false}, col{"Due", 22, false}), 0
	err := r.p.findings.each(func(f Finding) error {
		n++
		if n > findingsShown {
			return nil
		}
		due := day(f.Due)
		if f.Overdue {
			due += ", overdue"
		}
		if f.State == "excepted" {
			due = "excepted"
		}
		g.row(f.Control, f.Severity, f.Kind+" "+firstOf(f.Name, f.Subject), f.Title+": "+f.Reason, firstOf(f.Owner, "nobody"), due)
		return nil
	})
	r.rest(findingsShown, n)
	return err
}

func (r *report) exceptions() error {
	if r.p.exceptions.n == 0 {
		return nil
	}
	r.section("Exceptions", "Testing goes on under an exception; the score never counts it as passing.")
	g, n := r.grid(col{"Control", 16, false}, col{"State", 20, false}, col{"Justification", 48, false}, col{"Compensating control", 48, false}, col{"Approver", 20, false}, col{"Ends", 22, false}), 0
	err := r.p.exceptions.each(func(e Exception) error {
		if n++; n <= listShown {
			g.row(e.Control, e.State, e.Justification, e.Compensating, firstOf(e.Approver, "–"), day(e.Ends))
		}
		return nil
	})
	r.rest(listShown, n)
	return err
}

func (r *report) records() error {
	if r.p.records.n == 0 {
		return nil
	}
	f := r.p.figures
	r.section("Records", fmt.Sprintf("%d are owed or in force; %d are in force, %d are missing, waiting, expired or altered. Those that are not in force come here.", f.Records, f.Current, f.Owed))
	g, n := r.grid(col{"Kind", 60, false}, col{"Object", 48, false}, col{"State", 22, false}, col{"Owner", 22, false}, col{"Expires", 22, false}), 0
	err := r.p.records.each(func(d Record) error {
		if d.State == "current" || d.State == "not-owed" {
			return nil
		}
		if n++; n <= listShown {
			g.row(d.Title, d.About+" "+d.Object, d.State, firstOf(d.Owner, "nobody"), day(d.Expires))
		}
		return nil
	})
	r.rest(listShown, n)
	return err
}

func (r *report) risks() error {
	if r.p.risks.n == 0 {
		return nil
	}
	r.section("Risks", fmt.Sprintf("%d risks, %d of them undecided. Likelihood and impact are on the five levels of NIST SP 800-30.", r.p.figures.Risks, r.p.figures.Undecided))
	g, n := r.grid(col{"Risk", 60, false}, col{"Asset", 34, false}, col{"L × I", 14, false}, col{"Level", 20, false}, col{"Decision", 22, false}, col{"Ends", 24, false}), 0
	err := r.p.risks.each(func(k Risk) error {
		if n++; n <= listShown {
			g.row(k.Title, k.Asset, fmt.Sprintf("%d × %d", k.Likelihood, k.Impact), k.Level, firstOf(k.Decision, "none"), day(k.Ends))
		}
		return nil
	})
	r.rest(listShown, n)
	return err
}

// proof tells how to check all this without the server.
func (r *report) proof() error {
	r.section("Proof", fmt.Sprintf("%d of %d controls carry the proof that their last change is in the audit log.", r.p.figures.Proved, r.p.figures.Total))
	if cp := r.p.checkpoint; cp != nil {
		r.small("Checkpoint", fmt.Sprintf("%d entries, signed %s.\n%s", cp.Size, stamp(cp.Time), strings.TrimSpace(cp.Note)))
		r.Ln(2)
		r.small("Key", cp.Key)
		r.Ln(2)
	}
	r.small("How to verify", strings.Join(howToVerify, "\n"))
	return nil
}

func day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format(time.DateOnly)
}
