package risk_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/thingward/thingward/server/api/apitest"
	"github.com/thingward/thingward/server/risk"
	"github.com/thingward/thingward/server/store/storetest"
)

func open(t testing.TB, r *rig) apitest.Caller {
	t.Helper()
	return apitest.Open(t, r.bus, r.clock, apitest.Rules{}, r.Routes)
}

const entry = `{"title":"Lock opens","asset":"Lock","scopes":["device"],"threat":"Replay","likelihood":4,"impact":5,"owner":"ann","system":"doors"}`

func TestRoutes(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		call := open(t, r)
		w := call("ann", "POST", "/risks", entry)
		var made risk.View
		if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || w.Code != 201 || w.Header().Get("ETag") != `"1"` {
			t.Fatalf("%d %s, %v", w.Code, w.Body, err)
		}
		at := "/risks/" + made.ID
		for _, c := range []struct {
			who, method, path, body string
			status                  int
			want                    string
		}{
			{"ann", "GET", "/risks", "", 200, `"levelName":"very-high"`},
			{"ann", "GET", "/risks?overdue=true", "", 200, `"items":[]`},
			{"ann", "GET", "/risks?likelihood=4&impact=5", "", 200, `"total":1`},
			{"ann", "GET", "/risks?likelihood=4&impact=4", "", 200, `"total":0`},
			{"ann", "GET", "/risks?likelihood=4&impact=5&residual=true", "", 200, `"total":1`},
			{"ann", "GET", "/risks?residual=true", "", 422, `"path":"residual"`},
			{"ann", "GET", "/risks?likelihood=6", "", 422, "likelihood"},
			{"ann", "GET", "/risks?at=2025-01-01T00:00:00Z", "", 200, `"total":0,"asOf":{"at":"2025-01-01T00:00:00Z"}`},
			{"ann", "GET", "/risks?at=2027-01-01T00:00:00Z", "", 422, `"path":"at"`},
			{"ann", "GET", at + "?at=2026-03-01T08:00:00Z", "", 200, `"asOf":{"at":"2026-03-01T08:00:00Z"}`},
			{"ann", "GET", at + "?at=2025-01-01T00:00:00Z", "", 404, "ask for a time after that"},
			{"ann", "GET", "/risks?level=odd", "", 422, `"path":"level"`},
			{"ann", "GET", at, "", 200, `"what":"entered"`},
			{"ann", "GET", "/risks/none", "", 404, "thingward risk list"},
			{"ann", "POST", at + "/decide", `{"decision":"accept","reason":"x","ends":"2026-06-01T00:00:00Z"}`, 403, "ask another risk manager"},
			{"bob", "POST", at + "/decide", `{"decision":"accept","reason":"x"}`, 422, `"path":"ends"`},
			{"bob", "POST", at + "/decide", `{"decision":"accept","reason":"x","ends":"2026-06-01T00:00:00Z"}`, 200, `"decision":"accept"`},
			{"ann", "POST", at + "/mitigations", `{"title":"Counter","owner":"cleo","due":"2026-04-01T00:00:00Z"}`, 200, `"number":1`},
			{"ann", "POST", at + "/mitigations", `{"title":"Counter","owner":"cleo","due":"soon"}`, 422, "due"},
			{"bob", "POST", at + "/mitigations/1/move", `{"due":"2026-05-01T00:00:00Z","reason":"late"}`, 200, `"moved":[`},
			{"cleo", "POST", at + "/mitigations/1/finish", `{"outcome":"done"}`, 200, `"outcome":"done"`},
			{"ann", "POST", at + "/links", `{"kind":"device","id":"lock-1"}`, 200, `"kind":"device"`},
			{"ann", "POST", at + "/links", `{"kind":"moon","id":"x"}`, 422, "kind"},
			{"ann", "DELETE", at + "/links/device/device%2Flock-1", "", 200, `"links":[]`},
			{"ann", "GET", "/risks/matrix", "", 200, `"open":1`},
			{"ann", "GET", "/risks/matrix?at=2025-01-01T00:00:00Z", "", 200, `"open":0`},
			{"ann", "GET", "/risks/matrix?at=yesterday", "", 422, "at"},
			{"ann", "GET", "/risks/trend?days=3", "", 200, `"total":4`},
			{"ann", "GET", "/risks/trend?days=9999", "", 422, "days"},
			{"ann", "GET", "/risks/scales", "", 200, `"very-high"`},
			{"ann", "GET", "/risks/coverage", "", 200, `"missing":["gateway"`},
			{"ann", "POST", "/risks", `{"title":"x"}`, 422, "threat"},
			{"ann", "POST", "/risks", strings.Replace(entry, "ann", "ghost", 1), 422, `"path":"owner"`},
			{"ann", "POST", "/risks", `[`, 400, "JSON"},
			{"bob", "POST", at + "/close", `{"reason":"gone"}`, 200, `"state":"closed"`},
			{"ann", "PUT", at, entry, 409, "was closed"},
		} {
			w := call(c.who, c.method, c.path, c.body)
			if w.Code != c.status || !bytes.Contains(w.Body.Bytes(), []byte(c.want)) {
				t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
			}
		}
		if w := call("ann", "PUT", at, entry, "If-Match", `"1"`); w.Code != 412 {
			t.Errorf("an outdated If-Match: %d %s", w.Code, w.Body)
		}
	})
}

// FuzzEntry hands anything to the route that enters risks: it answers with a problem or enters what can be read back, and
// nothing crashes.
func FuzzEntry(f *testing.F) {
	f.Add(entry)
	f.Add(`{"title":"\u0000","scopes":[null],"likelihood":1e9}`)
	f.Add(`{"ends":"9999-12-31T23:59:59Z"}`)
	r := newRig(f, storetest.Open(f))
	call := open(f, r)
	f.Fuzz(func(t *testing.T, body string) {
		w := call("ann", "POST", "/risks", body)
		switch {
		case w.Code >= 500:
			t.Fatalf("%d %s", w.Code, w.Body)
		case w.Code == 201:
			var made risk.View
			if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || !made.Level.Valid() || made.Title == "" || len(made.Scopes) == 0 {
				t.Fatalf("%s, %v", w.Body, err)
			}
			if w := call("ann", "GET", "/risks/"+made.ID, ""); w.Code != 200 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}
	})
}

// FuzzList hands anything to a list's parameters.
func FuzzList(f *testing.F) {
	f.Add("-level", "", "open", "x")
	f.Add("title", "WyJ0aXRsZSIsImEiLCJiIl0", "all", "%_")
	r := newRig(f, storetest.Open(f))
	r.enter(nil)
	f.Fuzz(func(t *testing.T, sort, after, state, q string) {
		_, err := r.List(as("ann"), risk.Filter{Sort: sort, After: after, State: state, Query: q, Limit: 5})
		if err != nil && !strings.Contains(err.Error(), "not valid") {
			t.Fatal(err)
		}
	})
}
