package posture

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/xuri/excelize/v2"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// shelf is an engine whose fleet fails COM-10 and nothing else, on each database.
type shelf struct {
	*Service
	t   *testing.T
	db  *store.DB
	clk *clock.Fake
	ctx context.Context
}

func shelves(t *testing.T, fn func(t *testing.T, s *shelf)) {
	t.Helper()
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		clk, w := clock.NewFake(start), newWorld()
		w.types["lock"] = &fleet.DeviceType{Name: "lock", Baseline: fleet.Baseline{Firmware: "2"}}
		w.device("d1", "lock", clk.Now()).Inventory = inventory("1")
		s := engine(t, db, w, clk, nil)
		mustSweep(t, s)
		clk.Advance(time.Minute)
		fn(t, &shelf{s, t, db, clk, access.With(context.Background(), access.Principal{Kind: access.Person, ID: "p1", Name: "mara"})})
	})
}

const oscal = `{"catalog":{"uuid":"7b4f1c52-0c3c-4d6e-9a55-1f2f3a4b5c6d","metadata":{"title":"House rules","last-modified":"2026-11-01T00:00:00Z","version":"3","oscal-version":"1.1.2"},"controls":[%s]}}`

func (s *shelf) take(in Import, ids ...string) Imported {
	s.t.Helper()
	var controls []string
	for _, id := range ids {
		controls = append(controls, fmt.Sprintf(`{"id":%q,"title":"Rule %s"}`, id, id))
	}
	in.Data = []byte(fmt.Sprintf(oscal, strings.Join(controls, ",")))
	out, err := s.ImportFramework(s.ctx, in)
	if err != nil {
		s.t.Fatal(err)
	}
	s.clk.Advance(time.Minute)
	return out
}

func (s *shelf) link(framework, item, control string) {
	s.t.Helper()
	if _, err := s.SetMapping(s.ctx, framework, Map{Item: item, Control: control, Relation: catalogue.Subset, Why: "same thing"}); err != nil {
		s.t.Fatal(err)
	}
	s.clk.Advance(time.Minute)
}

func (s *shelf) view(id string, by catalogue.Provenance, at time.Time) FrameworkView {
	s.t.Helper()
	v, err := s.Framework(s.ctx, id, by, at)
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// said is each item's controls, as "item: control status".
func said(v FrameworkView) (out []string) {
	for _, item := range v.Items {
		for _, c := range item.Controls {
			out = append(out, item.ID+": "+c.ID+" "+string(c.Status))
		}
	}
	return out
}

func (s *shelf) audited(typ string) (n int) {
	s.t.Helper()
	for _, ev := range audittest.Recorded(s.t, s.db) {
		if ev.Type == typ {
			n++
		}
	}
	return n
}

func (s *shelf) refused(err error, code fleet.Code, part string) {
	s.t.Helper()
	if fleet.CodeOf(err) != code || !strings.Contains(err.Error(), part) {
		s.t.Errorf("error is %v, want %s with %q", err, code, part)
	}
}

func TestShippedFrameworksRollUp(t *testing.T) {
	shelves(t, func(t *testing.T, s *shelf) {
		list, err := s.ListFrameworks(s.ctx)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, f := range list {
			ids = append(ids, fmt.Sprint(f.ID, f.Provenances))
			if f.Source == "" || f.Date == "" || f.Imported || f.Items == 0 {
				t.Errorf("%+v", f)
			}
		}
		if want := []string{"owasp-iot-2018[source product]", "etsi-en-303-645[product]", "eu-cra-annex-i[product]", "iec-62443-4-2[product]", "nistir-8259a[product]"}; !slices.Equal(ids, want) {
			t.Errorf("frameworks are %v, want %v", ids, want)
		}
		v := s.view("owasp-iot-2018", "", time.Time{})
		if len(v.Items) != 10 || v.Mapped != 10 || v.Unmapped != 0 || v.Provenance != catalogue.Product || v.Items[6].Worst != fleet.Fail {
			t.Errorf("OWASP by us: %d mapped, I7 is %s", v.Mapped, v.Items[6].Worst)
		}
		if v = s.view("owasp-iot-2018", catalogue.Source, time.Time{}); v.Mapped != 8 || v.Unmapped != 2 || v.Items[1].Mapped || v.Items[8].Mapped {
			t.Errorf("OWASP by the source maps %d items", v.Mapped)
		}
		if v = s.view("iec-62443-4-2", "", time.Time{}); v.Unmapped != 8 || v.Met != 0 || len(v.References) == 0 {
			t.Errorf("IEC: %d unmapped, %d met", v.Unmapped, v.Met)
		}
		if v = s.view("nistir-8259a", catalogue.Operator, time.Time{}); v.Mapped != 0 || v.Unmapped != 6 || v.Met != 0 {
			t.Errorf("without operators' mappings something counts: %+v", v)
		}
		_, err = s.Framework(s.ctx, "nothing", "", time.Time{})
		s.refused(err, fleet.CodeNotFound, "/frameworks lists")
		_, err = s.Framework(s.ctx, "nistir-8259a", "", s.clk.Now().Add(time.Hour))
		s.refused(err, fleet.CodeInvalid, "at: is still to come")
	})
}

func TestOperatorsMappings(t *testing.T) {
	shelves(t, func(t *testing.T, s *shelf) {
		before := s.clk.Now()
		s.clk.Advance(time.Minute)
		s.link("nistir-8259a", "3", "COM-10")
		during := s.clk.Now()
		s.clk.Advance(time.Minute)
		if got := said(s.view("nistir-8259a", catalogue.Operator, time.Time{})); !slices.Equal(got, []string{"3: COM-10 fail"}) {
			t.Errorf("operator says %v", got)
		}
		if v := s.view("nistir-8259a", catalogue.Product, time.Time{}); slices.ContainsFunc(v.Items[2].Controls, func(m MarkedMapping) bool { return m.By != "" }) {
			t.Error("an operator's mapping counts as ours")
		}
		s.link("nistir-8259a", "3", "com-10") // said anew: still one
		v := s.view("nistir-8259a", catalogue.Operator, time.Time{})
		if m := v.Items[2].Controls; len(m) != 1 || m[0].By != "mara" || m[0].Relation != catalogue.Subset {
			t.Errorf("mappings are %+v", m)
		}
		if err := s.RemoveMapping(s.ctx, "nistir-8259a", "3", "COM-10"); err != nil {
			t.Fatal(err)
		}
		s.refused(s.RemoveMapping(s.ctx, "nistir-8259a", "3", "COM-10"), fleet.CodeNotFound, "no operator mapped")
		if n := s.audited("framework.mapped"); n != 3 {
			t.Errorf("%d entries, want 3", n)
		}
		for at, want := range map[time.Time]int{before: 0, during: 1} { // looking back seals the log
			if v := s.view("nistir-8259a", catalogue.Operator, at); v.Mapped != want || v.AsOf == nil {
				t.Errorf("at %s %d items are mapped, want %d", at, v.Mapped, want)
			}
		}
		for _, c := range []struct {
			m    Map
			part string
		}{
			{Map{Item: "9", Control: "COM-10", Why: "x"}, `item: nistir-8259a has no item "9"`},
			{Map{Item: "1", Control: "COM-99", Why: "x"}, "control: there is no control"},
			{Map{Item: "1", Control: "COM-10"}, "why: is missing"},
			{Map{Item: "1", Control: "COM-10", Why: "a\x00"}, "why: want at most"},
			{Map{Item: "1", Control: "COM-10", Why: "x", Relation: "superset"}, "relation: want"},
		} {
			_, err := s.SetMapping(s.ctx, "nistir-8259a", c.m)
			s.refused(err, fleet.CodeInvalid, c.part)
		}
	})
}

func TestImportAndItsEditions(t *testing.T) {
	shelves(t, func(t *testing.T, s *shelf) {
		if out := s.take(Import{DryRun: true}, "a", "b"); !out.Created || !out.DryRun || out.ID != "house-rules" {
			t.Errorf("plan is %+v", out)
		}
		if list, err := s.ListFrameworks(s.ctx); err != nil || len(list) != 5 || s.audited("framework.imported") != 0 {
			t.Errorf("a dry run changed something: %d, %v", len(list), err)
		}
		if out := s.take(Import{Summary: "What we ask of ourselves."}, "a", "b"); !out.Created || !out.Changed || len(out.Added) != 2 {
			t.Errorf("import is %+v", out)
		}
		s.link("house-rules", "a", "COM-10")
		s.link("house-rules", "b", "COM-10")
		first := s.clk.Now()
		s.clk.Advance(time.Minute)
		if out := s.take(Import{Summary: "What we ask of ourselves."}, "a", "b"); out.Created || out.Changed {
			t.Errorf("the same again is %+v", out)
		}
		out := s.take(Import{}, "b", "c")
		if out.Created || !out.Changed || !slices.Equal(out.Added, []string{"c"}) || !slices.Equal(out.Removed, []string{"a"}) || out.Ended != 1 {
			t.Errorf("the next edition is %+v", out)
		}
		if got := said(s.view("house-rules", "", time.Time{})); !slices.Equal(got, []string{"b: COM-10 fail"}) {
			t.Errorf("now it says %v", got)
		}
		if got := said(s.view("house-rules", "", first)); !slices.Equal(got, []string{"a: COM-10 fail", "b: COM-10 fail"}) {
			t.Errorf("then it said %v", got)
		}
		if err := s.DeleteFramework(s.ctx, "house-rules"); err != nil {
			t.Fatal(err)
		}
		_, err := s.Framework(s.ctx, "house-rules", "", time.Time{})
		s.refused(err, fleet.CodeNotFound, "house-rules")
		if v := s.view("house-rules", "", first); len(v.Items) != 2 || v.Mapped != 2 {
			t.Errorf("deleted, its past is %+v", v)
		}
		s.refused(s.DeleteFramework(s.ctx, "house-rules"), fleet.CodeNotFound, "no imported framework")
		s.refused(s.DeleteFramework(s.ctx, "owasp-iot-2018"), fleet.CodeConflict, "comes with the program")
		for _, c := range []struct {
			in   Import
			part string
		}{
			{Import{ID: "owasp-iot-2018"}, "comes with the program"},
			{Import{ID: "csa-iot-v1"}, "comes with the program"},
			{Import{ID: "Über"}, "id: want 1 to 64"},
			{Import{Date: "soon"}, "date: want a date"},
			{Import{Name: strings.Repeat("x", 300)}, "name: want at most"},
			{Import{Source: "a\nb"}, "source: want"},
		} {
			c.in.Data = []byte(fmt.Sprintf(oscal, `{"id":"a","title":"b"}`))
			_, err := s.ImportFramework(s.ctx, c.in)
			s.refused(err, fleet.CodeInvalid, c.part)
		}
		_, err = s.ImportFramework(s.ctx, Import{Data: []byte(`{"catalog":{}}`)})
		s.refused(err, fleet.CodeInvalid, "oscal-version")
	})
}

func TestWorkbookBringsMappings(t *testing.T) {
	shelves(t, func(t *testing.T, s *shelf) {
		f := excelize.NewFile()
		for i, row := range [][]any{{"id", "title", "controls"}, {"1", "Radio", "COM-10, COM-08"}, {"2", "Other", ""}} {
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
		b, err := f.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		in := Import{Data: b.Bytes(), ID: "ours", Name: "Ours"}
		out, err := s.ImportFramework(s.ctx, in)
		if err != nil || out.Mappings != 2 || !slices.Equal(out.Provenances, []catalogue.Provenance{catalogue.Operator}) {
			t.Fatalf("%+v, %v", out, err)
		}
		s.clk.Advance(time.Minute)
		if out, err = s.ImportFramework(s.ctx, in); err != nil || out.Mappings != 0 || out.Changed {
			t.Errorf("the same again is %+v, %v", out, err)
		}
		v := s.view("ours", "", time.Time{})
		if got := said(v); !slices.Equal(got, []string{"1: COM-08 not-assessed", "1: COM-10 fail"}) || v.Unmapped != 1 {
			t.Errorf("it says %v", got)
		}
	})
}

func TestProfiles(t *testing.T) {
	shelves(t, func(t *testing.T, s *shelf) {
		none := s.clk.Now()
		s.clk.Advance(time.Minute)
		if s.ActiveProfile() != "" || s.Weight("SOP-01") != NeutralWeight || len(s.Weights()) != 160 {
			t.Error("without a profile something weighs more")
		}
		if err := s.ChooseProfile(s.ctx, "health", "we run a hospital"); err != nil {
			t.Fatal(err)
		}
		if s.ActiveProfile() != "health" || s.Weight("SOP-01") != 3 || s.Weight("CRD-01") != 1 || s.Weights()["LBT-01"] != 3 {
			t.Errorf("weights are %v", s.Weights())
		}
		s.refused(s.ChooseProfile(s.ctx, "health", "again"), fleet.CodeConflict, "already")
		s.refused(s.ChooseProfile(s.ctx, "mining", "x"), fleet.CodeInvalid, "id: there is no profile")
		s.refused(s.ChooseProfile(s.ctx, "retail", " "), fleet.CodeInvalid, "reason: say")
		health := s.clk.Now()
		s.clk.Advance(time.Minute)
		if err := s.ChooseProfile(s.ctx, "", "all the same"); err != nil || s.Weight("SOP-01") != 1 {
			t.Errorf("%v, weight %d", err, s.Weight("SOP-01"))
		}
		for at, want := range map[time.Time]int{none: 1, health: 3, s.clk.Now(): 1} {
			if w, err := s.WeightsAt(s.ctx, at); err != nil || w["SOP-01"] != want {
				t.Errorf("at %s SOP-01 weighed %d, want %d, %v", at, w["SOP-01"], want, err)
			}
		}
		if n := s.audited("profile.chosen"); n != 2 { // looking back, below, seals the log
			t.Errorf("%d entries, want 2", n)
		}
		if err := s.ChooseProfile(s.ctx, "industrial", "we bought a factory"); err != nil {
			t.Fatal(err)
		}
		again := engine(t, s.db, newWorld(), s.clk, nil)
		if again.ActiveProfile() != "industrial" || again.Weight("LBT-01") != 3 {
			t.Errorf("after a restart %q weighs", again.ActiveProfile())
		}
		s.clk.Advance(time.Minute)
		for at, want := range map[time.Time]int{none: 1, health: 3} {
			v, err := s.ControlAt(s.ctx, "SOP-01", at)
			if err != nil || v.Weight != want {
				t.Errorf("at %s SOP-01 is shown with weight %d, want %d, %v", at, v.Weight, want, err)
			}
			o, err := s.OverviewAt(s.ctx, at)
			if err != nil || (*o.Score.Weighted == *o.Score.Pass) != (want == 1) {
				t.Errorf("at %s the score is %v weighed and %v plain, %v", at, *o.Score.Weighted, *o.Score.Pass, err)
			}
		}
	})
}

func TestFrameworkRoutes(t *testing.T) {
	shelves(t, func(t *testing.T, s *shelf) {
		r, err := api.New(api.Config{Version: "test", Auth: anyone{}, Policy: anyone{}, Events: newWorld(), Clock: s.clk, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()})
		if err != nil {
			t.Fatal(err)
		}
		s.Routes(r)
		file := fmt.Sprintf(oscal, `{"id":"a.1","title":"b"}`)
		for _, c := range []struct {
			method, path, body string
			status             int
			want               string
		}{
			{"GET", "/frameworks", "", 200, `"id":"eu-cra-annex-i"`},
			{"GET", "/frameworks/owasp-iot-2018?provenance=source", "", 200, `"provenance":"source"`},
			{"GET", "/frameworks/owasp-iot-2018?provenance=mine", "", 422, "provenance"},
			{"GET", "/frameworks/none", "", 404, "/frameworks lists"},
			{"POST", "/frameworks?dryRun=true", file, 200, `"dryRun":true`},
			{"POST", "/frameworks?id=ours&name=Ours", file, 200, `"created":true`},
			{"POST", "/frameworks", `{"catalog":{"controls":[{"id":"a"}]}}`, 422, `"path":"catalog.metadata.oscal-version"`},
			{"POST", "/frameworks", strings.Repeat(" ", 9<<20), 413, ""},
			{"PUT", "/frameworks/ours/mappings", `{"item":"a.1","control":"COM-10","why":"it is"}`, 200, `"status":"fail"`},
			{"PUT", "/frameworks/ours/mappings", `{"item":"a.2","control":"COM-10","why":"it is"}`, 422, `"path":"item"`},
			{"GET", "/frameworks/ours", "", 200, `"provenance":"operator"`},
			{"GET", "/controls/COM-10/mappings", "", 200, `"framework":"ours","frameworkName":"Ours","item":"a.1","name":"b","provenance":"operator"`},
			{"GET", "/controls/com-10/mappings", "", 200, `"item":"5.5-1"`},
			{"GET", "/controls/XXX-10/mappings", "", 404, "no control"},
			{"DELETE", "/frameworks/ours/mappings/a.1/COM-10", "", 204, ""},
			{"DELETE", "/frameworks/ours", "", 204, ""},
			{"DELETE", "/frameworks/ours", "", 404, "no imported framework"},
			{"GET", "/profiles", "", 200, `"id":"smart-city"`},
			{"PUT", "/posture/profile", `{"id":"retail","reason":"shops"}`, 200, `"active":true`},
			{"PUT", "/posture/profile", `{"id":"none","reason":"shops"}`, 422, `"path":"id"`},
		} {
			s.clk.Advance(time.Minute)
			req := httptest.NewRequest(c.method, "https://localhost"+api.Prefix+c.path, strings.NewReader(c.body))
			req.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			r.ServeHTTP(w, req)
			if w.Code != c.status || !bytes.Contains(w.Body.Bytes(), []byte(c.want)) {
				t.Errorf("%s %s: %d %.400s", c.method, c.path, w.Code, w.Body)
			}
		}
	})
}
