package posture

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/api"
)

// send makes a request with a body and decodes the answer.
func (s *site) send(method, path string, body any, want int, out any) {
	s.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	req := httptest.NewRequest(method, "https://localhost"+api.Prefix+path, bytes.NewReader(b))
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	s.r.ServeHTTP(rec, req)
	if rec.Code != want {
		s.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	if out != nil {
		if err := json.Unmarshal(rec.Body.Bytes(), out); err != nil {
			s.t.Fatal(err)
		}
	}
}

type anything = map[string]any

func TestExceptionRoutes(t *testing.T) {
	s := newSite(t)
	ask := anything{"control": "com-10", "scope": anything{"type": "lock"}, "justification": "vendor delivers in spring", "compensating": "segment is walled off", "ends": start.Add(time.Hour)}
	var e Exception
	s.send("POST", "/exceptions", ask, 201, &e)
	if e.State != ExceptionRequested || e.Requester != "mara" || e.StillFailing != 3 {
		t.Errorf("%+v", e)
	}
	s.send("POST", "/exceptions/"+e.ID+"/approve", anything{}, 403, nil) // everybody here is mara
	s.send("POST", "/exceptions/"+e.ID+"/refuse", anything{"reason": "no"}, 403, nil)
	if _, err := s.ApproveException(as(t.Context(), "otto"), e.ID, "agreed"); err != nil {
		t.Fatal(err)
	}
	var v ControlView
	s.call("GET", "/controls/COM-10", 200, &v)
	if v.Status != fleet.Excepted || len(v.Exceptions) != 1 || v.Evaluations[0].Counts.Excepted != 3 || v.Evaluations[0].Failing[0].Exception != e.ID || v.Weight != 1 {
		t.Errorf("%+v", v)
	}
	var o Overview
	s.call("GET", "/posture", 200, &o)
	if o.Counts[fleet.Excepted] != 1 || o.Score.Excepted != 1 || *o.Score.WithExceptions <= *o.Score.Pass {
		t.Errorf("%+v", o.Score)
	}
	var list struct {
		Items []Exception
		Total int
	}
	for path, n := range map[string]int{"": 1, "?state=approved": 1, "?state=ended": 0, "?q=SPRING": 1, "?q=nothing": 0, "?control=com-10": 1, "?control=COM-01": 0} {
		if s.call("GET", "/exceptions"+path, 200, &list); list.Total != n {
			t.Errorf("%s: %d", path, list.Total)
		}
	}
	s.send("POST", "/exceptions/"+e.ID+"/withdraw", anything{"reason": "mended"}, 200, &e)
	if e.State != ExceptionWithdrawn {
		t.Errorf("%+v", e)
	}
	s.call("GET", "/exceptions/none", 404, nil)
	delete(ask, "ends")
	s.send("POST", "/exceptions", ask, 422, nil)
}

func TestFindingRoutes(t *testing.T) {
	s := newSite(t)
	var list struct {
		Items []Finding
		Next  string
		Total int
	}
	s.call("GET", "/findings?control=COM-10&limit=2", 200, &list)
	if len(list.Items) != 2 || list.Total != 3 || list.Next == "" {
		t.Fatalf("%+v", list)
	}
	one := list.Items[0].ID
	s.call("GET", "/findings?control=COM-10&limit=2&after="+list.Next, 200, &list)
	if len(list.Items) != 1 {
		t.Errorf("%+v", list)
	}
	var d FindingDetail
	s.send("PUT", "/findings/"+one, anything{"owner": "lou"}, 200, &d)
	s.send("POST", "/findings/"+one+"/notes", anything{"text": "ordered"}, 201, nil)
	s.call("GET", "/findings/"+one, 200, &d)
	if d.Owner != "lou" || len(d.Log) != 1 || d.Remedy == "" {
		t.Errorf("%+v", d)
	}
	var got assigned
	s.send("POST", "/findings/assign", anything{"filter": anything{"owner": "-"}, "owner": "sam"}, 200, &got)
	if got.Assigned != 2 {
		t.Errorf("%+v", got)
	}
	var sum FindingSummary
	s.call("GET", "/findings/summary", 200, &sum)
	if sum.Open != 3 || sum.Unowned != 0 || len(sum.Owners) != 2 || len(sum.Domains) != 1 {
		t.Errorf("%+v", sum)
	}
	s.call("GET", "/findings/none", 404, nil)
	s.call("GET", "/findings?after=nonsense", 422, nil)
	s.call("GET", "/findings?at=2030-01-01T00:00:00Z", 422, nil)
	s.send("POST", "/findings/assign", anything{"owner": "sam"}, 422, nil)
	s.send("PUT", "/findings/"+one, anything{}, 422, nil)
	s.send("DELETE", "/findings/"+one, anything{}, 405, nil) // no person closes a finding
}

func TestPastAndAheadRoutes(t *testing.T) {
	s := newSite(t)
	clk, _ := s.Clock.(*clock.Fake)
	clk.Advance(time.Hour)
	at := start.Add(time.Minute).Format(time.RFC3339)
	var o Overview
	s.call("GET", "/posture?at="+at, 200, &o)
	if o.AsOf == nil || o.AsOf.Altered || o.Counts[fleet.Fail] != 1 || o.AsOf.Checkpoint.Note == "" {
		t.Errorf("%+v", o.AsOf)
	}
	var list struct {
		Items []ControlSummary
		Total int
		AsOf  *AsOf
	}
	s.call("GET", "/controls?status=fail&at="+at, 200, &list)
	if list.Total != 1 || list.AsOf == nil || list.Items[0].ID != "COM-10" {
		t.Errorf("%+v", list)
	}
	var v ControlView
	s.call("GET", "/controls/COM-10?at="+at, 200, &v)
	if v.Status != fleet.Fail || v.Entry == nil || !v.Entry.Bound || v.Evaluations[0].Counts.Fail != 3 || len(v.Evaluations[0].Failing) != 3 {
		t.Errorf("%+v", v)
	}
	var p Proof
	s.call("GET", "/posture/proof?at="+at, 200, &p)
	if len(p.Entries) == 0 || p.Altered {
		t.Errorf("%+v", p)
	}
	s.call("GET", "/posture/proof", 422, nil)
	s.call("GET", "/posture?at=2030-01-01T00:00:00Z", 422, nil)
	var a WhatIfAnswer
	s.send("POST", "/posture/what-if", anything{"at": start.Add(48 * time.Hour)}, 200, &a)
	if a.Note == "" || len(s.w.published("posture.assumed")) != 1 {
		t.Errorf("%+v", a)
	}
	var ahead struct{ Items []Expiry }
	s.call("GET", "/posture/expiries?days=30", 200, &ahead)
}

func TestWhoAsksForAControlWaitsForNoOtherSelfTest(t *testing.T) {
	gates := []Gate{
		{ID: "COM-02/a", Control: "COM-02", Obligation: "plaintext-password-refused", Title: "First", Probes: []string{"first"}},
		{ID: "SNT-15/b", Control: "SNT-15", Obligation: "not-the-default", Title: "Second", Probes: []string{"second"}},
	}
	s := newSite(t, gates...)
	s.w.probes["second"] = ProbeResult{Attempted: true, Held: true, Detail: "refused", At: start}
	s.mu.Lock()
	s.ready = false // the first sweep still tests everything
	s.mu.Unlock()
	var v ControlView
	s.call("POST", "/controls/SNT-15/run", 200, &v)
	if got := v.Evaluations[0]; got.Status != fleet.Pass {
		t.Errorf("%+v", got)
	}
	expect(t, s.Service, "COM-02", fleet.NotAssessed) // nobody asked
}
