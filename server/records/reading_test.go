package records_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/records"
)

// tally is a kind that reads files of its evidence: "found 3" in a file that ends in .tally.
func tally() records.Kind {
	files := func(b records.Body) (rows []map[string]any) {
		all, _ := b["scans"].([]any)
		for _, e := range all {
			row, _ := e.(map[string]any)
			rows = append(rows, row)
		}
		return rows
	}
	return records.Kind{
		Name: "tally", Title: "Tally", Purpose: "Says what was found.", About: records.System, Life: 90 * day, Files: records.Files{Least: 1, What: "the tally"},
		Form: []records.Field{
			{Name: "day", Title: "Day", Type: records.Date, Performed: true},
			{Name: "total", Title: "Total", Type: records.Number, Optional: true, Measured: true},
			{Name: "scans", Title: "Scans", Type: records.Rows, Fields: []records.Field{
				{Name: "file", Title: "File", Type: records.Text}, {Name: "found", Title: "Found", Type: records.Number, Optional: true, Measured: true},
			}},
		},
		Reading: &records.Reading{
			Format: "a tally", Least: 1,
			Takes: func(name, _ string) bool { return strings.HasSuffix(name, ".tally") },
			Read: func(r io.Reader) ([]records.Fact, []records.Fault) {
				raw, _ := io.ReadAll(r)
				n, found := strings.CutPrefix(string(raw), "found ")
				if _, err := strconv.Atoi(n); err != nil || !found {
					return nil, []records.Fault{{Path: "line[0]", Message: "is no tally: write it again"}}
				}
				return []records.Fact{{Name: "found", Label: "Found", Value: n}}, nil
			},
			Fill: func(b records.Body, read []records.Evidence) {
				total := 0.0
				for _, e := range read {
					n, _ := strconv.ParseFloat(e.Said("found"), 64)
					total += n
					for _, row := range files(b) {
						if row["file"] == e.Name {
							row["found"] = n
						}
					}
				}
				if len(read) > 0 {
					b["total"] = total
				}
			},
			Check: func(b records.Body, _ records.Object, read []records.Evidence) (faults []records.Fault) {
				for i, row := range files(b) {
					if row["found"] == nil {
						faults = append(faults, records.Fault{Path: fmt.Sprintf("scans[%d].file", i), Message: "is not attached: attach it"})
					}
				}
				return faults
			},
			Example: []records.ExampleFile{{Name: "a.tally", Media: "text/plain", Content: "found 3"}},
		},
		Example: records.Body{"day": "-3d", "scans": []any{map[string]any{"file": "a.tally"}}},
	}
}

func tallied(t *testing.T, fn func(t *testing.T, r *rig)) {
	engines(t, func(t *testing.T, r *rig) {
		r.kinds = append(r.kinds, tally())
		r.open()
		fn(t, r)
	})
}

// TestFilesAreRead attaches a file: what it says is in the form, whoever types what, and goes with the file.
func TestFilesAreRead(t *testing.T) {
	tallied(t, func(t *testing.T, r *rig) {
		k := tally()
		_, err := r.Create(as("anna"), records.Start{Kind: "tally", Object: "doors", Body: r.filled(k, "total", 0.0)})
		faulty(t, err, fleet.CodeInvalid, "total")
		rec := r.must(r.Create(as("anna"), records.Start{Kind: "tally", Object: "doors", Body: r.filled(k)}))
		_, err = r.Submit(as("anna"), rec.ID, records.Step{})
		faulty(t, err, fleet.CodeInvalid, "evidence", "evidence", "scans[0].file")
		_, err = r.Attach(as("anna"), rec.ID, "a.tally", "text/plain", []byte("%PDF-1.7"))
		faulty(t, err, fleet.CodeInvalid, "file.line[0]")
		if got, err := r.Get(context.Background(), rec.ID); err != nil || len(got.Evidence) != 0 || r.rows("records_evidence") != 0 || r.rows("records_chunk") != 0 {
			t.Fatalf("a file that was refused is kept: %+v %v", got.Evidence, err)
		}
		if n := len(r.published("record.refused")); n != 3 {
			t.Errorf("%d refusals are reported, want 3", n)
		}
		e, err := r.Attach(as("anna"), rec.ID, "a.tally", "text/plain", []byte("found 4"))
		if err != nil || e.Said("found") != "4" || e.Said("other") != "" {
			t.Fatalf("%+v %v", e, err)
		}
		got, err := r.Get(context.Background(), rec.ID)
		if err != nil || got.Body["total"] != 4.0 || scan(got.Body, 0)["found"] != 4.0 || got.Evidence[0].Said("found") != "4" {
			t.Fatalf("%v %+v %v", got.Body, got.Evidence, err)
		}
		for _, n := range []float64{0, 5} {
			_, err = r.Change(as("anna"), rec.ID, "", "", r.filled(k, "total", n, "scans", []any{map[string]any{"file": "a.tally", "found": n}}))
			faulty(t, err, fleet.CodeInvalid, "total", "scans[0].found")
		}
		_, err = r.Change(as("anna"), rec.ID, "", "", r.filled(k, "scans", []any{map[string]any{"file": "b.tally", "found": 4.0}}))
		faulty(t, err, fleet.CodeInvalid, "scans[0].found")
		_, err = r.Change(as("anna"), rec.ID, "", "", r.filled(k, "total", []any{4.0}))
		if fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Fatal(err)
		}
		r.must(r.Change(as("anna"), rec.ID, "", "", got.Body)) // what was read may come back as it is
		r.must(r.Change(as("anna"), rec.ID, "", "", r.filled(k)))
		if _, err := r.Attach(as("anna"), rec.ID, "notes.txt", "text/plain", []byte("%PDF")); err != nil {
			t.Fatal(err)
		}
		if err := r.Remove(as("anna"), rec.ID, e.ID); err != nil {
			t.Fatal(err)
		}
		if got, err = r.Get(context.Background(), rec.ID); err != nil || got.Body["total"] != nil || scan(got.Body, 0)["found"] != nil {
			t.Errorf("what a removed file said is still there: %v %v", got.Body, err)
		}
		_, err = r.Submit(as("anna"), rec.ID, records.Step{})
		faulty(t, err, fleet.CodeInvalid, "evidence", "scans[0].file")
		if held, detail, err := r.TryIncomplete(context.Background(), "tally"); err != nil || !held {
			t.Error(held, detail, err)
		}
	})
}

func scan(b records.Body, i int) map[string]any {
	row, _ := b["scans"].([]any)[i].(map[string]any)
	return row
}

// TestWhatWasReadIsApproved takes what was read through submission, approval, export and the next version, and finds it altered.
func TestWhatWasReadIsApproved(t *testing.T) {
	tallied(t, func(t *testing.T, r *rig) {
		k := tally()
		rec := r.must(r.Create(as("anna"), records.Start{Kind: "tally", Object: "doors", Owner: "carl", Body: r.filled(k)}))
		e, err := r.Attach(as("anna"), rec.ID, "a.tally", "text/plain", []byte("found 4"))
		if err != nil {
			t.Fatal(err)
		}
		// What stands in the database counts for nothing: the file is read anew.
		r.tamper(`UPDATE records_evidence SET facts = '[{"name":"found","label":"Found","value":"0"}]'`)
		r.tamper(`UPDATE records_record SET body = '{"day":"2026-02-26","scans":[{"file":"a.tally","found":0}],"total":0}' WHERE id = ?`, rec.ID)
		sub := r.must(r.Submit(as("anna"), rec.ID, records.Step{}))
		if sub.Body["total"] != 4.0 || sub.Evidence[0].Said("found") != "4" {
			t.Fatalf("%v %+v", sub.Body, sub.Evidence)
		}
		facts := `[{"name":"found","label":"Found","value":"4"}]`
		r.tamper(`UPDATE records_evidence SET facts = '[{"name":"found","label":"Found","value":"0"}]' WHERE id = ?`, e.ID)
		_, err = r.Approve(as("bert"), rec.ID, records.Step{})
		faulty(t, err, fleet.CodeConflict)
		r.tamper("UPDATE records_evidence SET facts = ? WHERE id = ?", facts, e.ID)
		r.must(r.Approve(as("bert"), rec.ID, records.Step{}))
		if d := r.duty("tally", "doors"); d.State(r.clock.Now()) != records.Current || d.InForce.Evidence[0].Said("found") != "4" {
			t.Fatalf("%+v", d.InForce)
		}
		for _, altered := range []string{"", "no JSON", `[{"name":"found","label":"Found","value":"0"}]`} {
			r.tamper("UPDATE records_evidence SET facts = ? WHERE id = ?", altered, e.ID)
			if d := r.duty("tally", "doors"); d.State(r.clock.Now()) != records.Changed {
				t.Errorf("%q: not noticed", altered)
			}
			r.tamper("UPDATE records_evidence SET facts = ? WHERE id = ?", facts, e.ID)
			r.tamper("UPDATE records_record SET altered = '' WHERE id = ?", rec.ID)
		}
		var out bytes.Buffer
		if err := r.Export(context.Background(), "tally", &out); err != nil || !strings.Contains(out.String(), `"value":"4"`) {
			t.Fatal(out.String(), err)
		}
		next := r.must(r.Create(as("anna"), records.Start{Kind: "tally", Object: "doors", From: rec.ID}))
		if next.Body["total"] != nil || scan(next.Body, 0)["found"] != nil || scan(next.Body, 0)["file"] != "a.tally" {
			t.Errorf("what a file said was copied without it: %v", next.Body)
		}
		r.must(r.Withdraw(as("anna"), next.ID, records.Step{Reason: "not now"}))
		in, err := r.Import(as("anna"), out.Bytes(), false)
		if err != nil || len(in.Records) != 1 {
			t.Fatal(in, err)
		}
		if got, err := r.Get(context.Background(), in.Records[0].ID); err != nil || got.Body["total"] != nil {
			t.Errorf("what a file said was imported without it: %v %v", got.Body, err)
		}
	})
}

// TestReadingChanges meets evidence that was attached, or submitted, before its kind read it as it does now.
func TestReadingChanges(t *testing.T) {
	tallied(t, func(t *testing.T, r *rig) {
		k := tally()
		read := k.Reading.Read
		rec := r.must(r.Create(as("anna"), records.Start{Kind: "tally", Object: "doors", Owner: "carl", Body: r.filled(k)}))
		if _, err := r.Attach(as("anna"), rec.ID, "a.tally", "text/plain", []byte("found 4")); err != nil {
			t.Fatal(err)
		}
		r.tamper("UPDATE records_evidence SET facts = ''")
		r.must(r.Submit(as("anna"), rec.ID, records.Step{}))
		k.Reading.Read = func(in io.Reader) ([]records.Fact, []records.Fault) {
			facts, faults := read(in)
			return append(facts, records.Fact{Name: "more", Label: "More", Value: "yes"}), faults
		}
		r.kinds[len(r.kinds)-1] = k
		r.open()
		_, err := r.Approve(as("bert"), rec.ID, records.Step{})
		faulty(t, err, fleet.CodeInvalid, "evidence")
		r.must(r.Reject(as("bert"), rec.ID, records.Step{Reason: "Read it anew."}))
		r.must(r.Submit(as("anna"), rec.ID, records.Step{}))
		if got := r.must(r.Approve(as("bert"), rec.ID, records.Step{})); got.Evidence[0].Said("more") != "yes" {
			t.Errorf("%+v", got.Evidence)
		}
		next := r.must(r.Create(as("anna"), records.Start{Kind: "tally", Object: "heating", Owner: "carl", Body: r.filled(k)}))
		if _, err := r.Attach(as("anna"), next.ID, "a.tally", "text/plain", []byte("found 4")); err != nil {
			t.Fatal(err)
		}
		k.Reading.Read = func(io.Reader) ([]records.Fact, []records.Fault) {
			return nil, []records.Fault{{Path: "line[0]", Message: "is of no use any more: write it anew"}}
		}
		_, err = r.Submit(as("anna"), next.ID, records.Step{})
		faulty(t, err, fleet.CodeInvalid, "evidence")
	})
}

// TestUnsoundReadings are refused when the service begins.
func TestUnsoundReadings(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		for name, spoil := range map[string]func(k *records.Kind){
			"no reading":        func(k *records.Kind) { k.Reading = nil },
			"no format":         func(k *records.Kind) { k.Reading.Format = "" },
			"no example":        func(k *records.Kind) { k.Reading.Example = nil },
			"bad example":       func(k *records.Kind) { k.Reading.Example[0].Content = "%PDF" },
			"example not taken": func(k *records.Kind) { k.Reading.Example[0].Name = "a.txt" },
			"nothing measured":  func(k *records.Kind) { k.Form = k.Form[:1] },
			"must be typed":     func(k *records.Kind) { k.Form[1].Optional = false },
			"measured rows":     func(k *records.Kind) { k.Form[2].Measured, k.Form[2].Optional = true, true },
		} {
			k := tally()
			spoil(&k)
			_, err := records.New(context.Background(), records.Config{DB: r.db, Bus: r.bus, Audit: r.log, Clock: r.clock, Key: r.key, Kinds: []records.Kind{k}, World: r.world, Events: r})
			if err == nil || !strings.Contains(err.Error(), "tally") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestRoutesOfReadFiles speaks over HTTP: a file that is not what its name says is refused at its place; what one says is shown.
func TestRoutesOfReadFiles(t *testing.T) {
	tallied(t, func(t *testing.T, r *rig) {
		c := newClient(t, r)
		c.call("anna", "GET", "/record-kinds/tally", "", 200, `"reads":"a tally"`)
		c.call("anna", "GET", "/record-kinds/tally", "", 200, `"content":"found 3"`)
		c.call("anna", "GET", "/record-kinds/tally", "", 200, `"readOnly":true`)
		rec := c.call("anna", "POST", "/records", `{"kind":"tally","object":"doors","body":{"day":"`+start.Format(time.DateOnly)+`","scans":[{"file":"a.tally"}]}}`, 201, `"id"`)
		path := fmt.Sprintf("/records/%v", rec["id"])
		w := c.raw("anna", "POST", path+"/evidence?name=a.tally", "application/octet-stream", []byte("found many"))
		if w.Code != 422 || !strings.Contains(w.Body.String(), `"path":"file.line[0]"`) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		w = c.raw("anna", "POST", path+"/evidence?name=a.tally", "application/octet-stream", []byte("found 7"))
		var e records.Evidence
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != 201 || e.Said("found") != "7" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		c.call("anna", "GET", path, "", 200, `"read":[{"name":"found","label":"Found","value":"7"}]`)
		c.call("anna", "PUT", path, `{"body":{"total":1}}`, 422, `"path":"total"`)
		c.call("anna", "POST", path+"/submit", `{}`, 200, `"total":7`)
		c.call("bert", "POST", path+"/approve", `{}`, 200, `"state":"approved"`)
		if w = c.raw("anna", "POST", "/records/import", "application/octet-stream", make([]byte, 100<<20)); w.Code < 400 {
			t.Errorf("100 MB: %d", w.Code)
		}
		if !slices.ContainsFunc(r.published("record.refused"), func(ev fleet.Event) bool { return ev.Data["kind"] == "tally" && ev.Data["step"] == "evidence" }) {
			t.Error("the refused file is not reported")
		}
	})
}

// rows counts those of a table.
func (r *rig) rows(table string) (n int) {
	r.t.Helper()
	if err := r.db.QueryRow(context.Background(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		r.t.Fatal(err)
	}
	return n
}
