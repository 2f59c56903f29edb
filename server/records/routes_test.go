package records_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/thingward/thingward/server/api/apitest"
	"github.com/thingward/thingward/server/records"
)

// client calls the routes.
type client struct {
	t    *testing.T
	send apitest.Caller
}

func newClient(t *testing.T, r *rig) *client {
	t.Helper()
	return &client{t, apitest.Open(t, r.bus, r.clock, apitest.Rules{}, r.Routes)}
}

func (c *client) raw(name, method, path, media string, body []byte, header ...string) *httptest.ResponseRecorder {
	return c.send(name, method, path, string(body), append(header, "Content-Type", media)...)
}

// call sends JSON, wants a status and a piece of the answer, and decodes it.
func (c *client) call(name, method, path, body string, status int, want string, header ...string) (out map[string]any) {
	c.t.Helper()
	w := c.raw(name, method, path, "application/json", []byte(body), header...)
	if w.Code != status || !strings.Contains(w.Body.String(), want) {
		c.t.Errorf("%s %s: %d %s, want %d and %s", method, path, w.Code, w.Body, status, want)
	}
	_ = json.Unmarshal(w.Body.Bytes(), &out)
	return out
}

func TestRoutes(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		c := newClient(t, r)
		c.call("anna", "GET", "/record-kinds", "", 200, `"control":"TSP-01"`)
		c.call("anna", "GET", "/record-kinds/policy", "", 200, `2020-12`)
		c.call("anna", "GET", "/record-kinds/nope", "", 404, `record kinds`)
		c.call("anna", "GET", "/duties?kind=policy", "", 200, `"state":"missing"`)
		rec := c.call("anna", "POST", "/records", `{"kind":"policy","body":{"scope":"  All that is connected.  "}}`, 201, `"scope":"All that is connected."`)
		id, _ := rec["id"].(string)
		c.call("anna", "GET", "/records/"+id, "", 200, `"versions":[`)
		c.call("anna", "PUT", "/records/"+id, `{"body":{"scope":"x","colour":1}}`, 422, `"path":"colour"`)
		c.call("anna", "PUT", "/records/"+id, `{"body":{"scope":"short"}}`, 412, `changed by someone else`, "If-Match", `"7"`)
		c.call("anna", "PUT", "/records/"+id, `{"owner":"anna","body":{"scope":"short"}}`, 200, `"state":"draft"`, "If-Match", `"1"`)
		c.call("anna", "POST", "/records/"+id+"/submit", `{}`, 422, `at least 10`)
		c.call("anna", "PUT", "/records/"+id, `{"body":{"scope":"All that is connected."}}`, 200, `"owner":"anna"`)
		c.call("anna", "POST", "/records/"+id+"/evidence", `{"link":"http://insecure.example"}`, 422, `"path":"link"`)
		link := c.call("anna", "POST", "/records/"+id+"/evidence", `{"link":"https://example.com/minutes"}`, 201, `"link"`)
		lid, _ := link["id"].(string)
		if w := c.raw("anna", "DELETE", "/records/"+id+"/evidence/"+lid, "", nil); w.Code != 204 {
			t.Errorf("delete: %d %s", w.Code, w.Body)
		}
		w := c.raw("anna", "POST", "/records/"+id+"/evidence?name=a.txt&media=text/plain", "application/octet-stream", []byte("minutes"))
		var e records.Evidence
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != 201 || e.Size != 7 {
			t.Fatalf("attach: %d %s", w.Code, w.Body)
		}
		w = c.raw("anna", "GET", "/records/"+id+"/evidence/"+e.ID, "", nil)
		if w.Body.String() != "minutes" || w.Header().Get("Content-Disposition") != "attachment; filename=a.txt" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("file: %v %s", w.Header(), w.Body)
		}
		c.call("anna", "POST", "/records/"+id+"/submit", `{"dryRun":true}`, 200, `"state":"submitted"`)
		c.call("anna", "POST", "/records/"+id+"/submit", `{}`, 200, `"digest":`)
		c.call("anna", "POST", "/records/"+id+"/approve", `{}`, 403, `may not approve`)
		c.call("bert", "POST", "/records/"+id+"/approve", `{}`, 200, `"state":"approved"`)
		c.call("anna", "POST", "/records/"+id+"/acknowledge", `{}`, 200, `"id"`)
		c.call("carl", "POST", "/records/"+id+"/acknowledge", `{}`, 403, `need not acknowledge`)
		c.call("anna", "GET", "/records/"+id, "", 200, `{"account":"bert"}`)
		c.call("anna", "GET", "/records?kind=policy&state=approved", "", 200, `"total":1`)
		c.call("anna", "GET", "/records?kind=%00", "", 200, `"total":0`)
		c.call("anna", "GET", "/records/%00", "", 404, `no id`)
		c.call("anna", "GET", "/records?sort=colour", "", 422, `"path":"sort"`)
		c.call("anna", "GET", "/duties?state=current", "", 200, `"TSP-01"`)
		c.call("anna", "GET", "/duties/summary", "", 200, `"missing":`)
		c.call("anna", "GET", "/duties/calendar?from=2026-03-01T00:00:00Z&to=2028-01-01T00:00:00Z", "", 200, `"what":"record"`)
		c.call("anna", "GET", "/duties/calendar?from=2026-03-01T00:00:00Z&to=2020-01-01T00:00:00Z", "", 422, `"path":"to"`)
		c.call("anna", "GET", "/register-kinds", "", 200, `"supplier"`)
		c.call("anna", "POST", "/register", `{"kind":"link","name":"x","facts":{}}`, 422, `"path":"facts.accountable"`)
		entry := c.call("anna", "POST", "/register", `{"kind":"supplier","name":"Locks Ltd","owner":"olga","facts":{"critical":true}}`, 201, `"critical":true`)
		eid, _ := entry["id"].(string)
		c.call("anna", "POST", "/register", `{"kind":"supplier","name":"Locks Ltd","facts":{}}`, 409, `already`)
		c.call("anna", "GET", "/register?kind=supplier&q=locks", "", 200, `"total":1`)
		c.call("anna", "PUT", "/register/"+eid, `{"name":"Locks Ltd","facts":{"critical":false}}`, 200, `false`)
		c.call("anna", "POST", "/register/"+eid+"/retire", `{"reason":""}`, 422, `"path":"reason"`)
		c.call("anna", "POST", "/register/"+eid+"/retire", `{"reason":"bankrupt"}`, 200, `"retired"`)
		c.call("anna", "GET", "/items", "", 200, `"total":0`)
		c.call("anna", "PUT", "/items/"+eid, `{}`, 404, `no item`)
		c.call("anna", "POST", "/items/"+eid+"/close", `{"outcome":"x"}`, 404, `no item`)
		out := c.raw("anna", "GET", "/records/export", "", nil).Body.String()
		c.call("anna", "POST", "/records/import?dryRun=true", out, 200, `"dryRun":true`)
		c.call("anna", "POST", "/records/import", `{"format":"other"}`, 422, `thingward-records/1`)
	})
}
