package engagement_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api/apitest"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/engagement"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// routes serves the engagements. Auditors alone may write, and others answer.
func (w *world) routes() apitest.Caller {
	w.t.Helper()
	return apitest.Open(w.t, bustest.Open(w.t), w.clock, apitest.Rules{
		Who: func(name string) access.Principal {
			a := w.who[name]
			return access.Principal{Kind: a.Kind, ID: a.ID, Name: a.Name, Roles: a.Roles}
		},
		May: func(p access.Principal, need access.Permission) bool {
			return need == access.EngagementRead || p.Has(access.Auditor) == (need == access.EngagementWrite)
		},
	}, w.Routes)
}

const body = `{"title":"Audit","from":"2026-01-01T00:00:00Z","to":"2026-11-20T00:00:00Z","ends":"2026-12-31T00:00:00Z","auditors":["ben"],"scope":{"domains":["COM"]}}`

func TestRoutes(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db)
		call := w.routes()
		if _, err := w.log.Seal(context.Background()); err != nil {
			t.Fatal(err)
		}
		made := call("ada", "POST", "/engagements", body)
		var e engagement.Engagement
		if err := json.Unmarshal(made.Body.Bytes(), &e); err != nil || made.Code != 200 || made.Header().Get("ETag") != `"1"` {
			t.Fatalf("%d %s, %v", made.Code, made.Body, err)
		}
		if _, err := w.log.Seal(context.Background()); err != nil {
			t.Fatal(err)
		}
		at := "/engagements/" + e.ID
		for _, c := range []struct {
			who, method, path, body string
			status                  int
			want                    string
		}{
			{"olga", "POST", "/engagements", body, 403, "may not engagement:write"},
			{"ada", "POST", "/engagements", `{"title":"x"}`, 422, "from"},
			{"ada", "POST", "/engagements", `[`, 400, "JSON"},
			{"olga", "GET", "/engagements?limit=1", "", 200, `"openRequests":0`},
			{"olga", "GET", "/engagements?after=rubbish", "", 422, `"path":"after"`},
			{"olga", "GET", at, "", 200, `"controls":["COM-01","COM-02"]`},
			{"olga", "GET", "/engagements/none", "", 404, "thingward engagement list"},
			{"ada", "POST", at + "/samples", `{"control":"COM-01","size":2,"seed":"public-draw"}`, 200, `"population":500`},
			{"ada", "POST", at + "/samples", `{"control":"COM-01","size":100000}`, 422, "size"},
			{"ada", "POST", at + "/requests", `{"text":"Show it","due":"2026-12-01T00:00:00Z"}`, 200, `"state":"asked"`},
			{"ada", "POST", at + "/requests/1/answer", `{"text":"no"}`, 403, "may not engagement:answer"},
			{"olga", "POST", at + "/requests/1/answer", `{"text":"here","records":["r1"]}`, 200, `"state":"answered"`},
			{"olga", "POST", at + "/requests/9/answer", `{"text":"here"}`, 404, "no request 9"},
			{"olga", "POST", at + "/requests/1/judge", `{"verdict":"accepted"}`, 403, "may not engagement:write"},
			{"ben", "POST", at + "/requests/1/judge", `{"verdict":"maybe"}`, 422, "verdict"},
			{"ben", "POST", at + "/requests/1/judge", `{"verdict":"accepted"}`, 200, `"state":"accepted"`},
			{"ben", "POST", at + "/conclusions", `{"control":"COM-01","conclusion":"met"}`, 200, `"by":"ben"`},
			{"ben", "POST", at + "/conclusions", `{"control":"COM-01","conclusion":"great"}`, 422, "conclusion"},
			{"ben", "POST", at + "/sign", `{"statement":"x"}`, 409, "conclusions.COM-02"},
			{"ben", "POST", at + "/conclusions", `{"control":"COM-02","conclusion":"not-tested","text":"nothing there"}`, 200, `"not-tested"`},
			{"ben", "POST", at + "/sign", `{"statement":"I have looked."}`, 200, `"intact":true`},
			{"ada", "PUT", at, body, 409, "does not change any more"},
		} {
			rec := call(c.who, c.method, c.path, c.body)
			if rec.Code != c.status || !bytes.Contains(rec.Body.Bytes(), []byte(c.want)) {
				t.Errorf("%s %s by %s: %d %s", c.method, c.path, c.who, rec.Code, rec.Body)
			}
		}
	})
}

func TestOutdatedChangeIsRefused(t *testing.T) {
	w := open(t, storetest.Open(t))
	call := w.routes()
	e := w.opened()
	if rec := call("ada", "PUT", "/engagements/"+e.ID, body, "If-Match", `"1"`); rec.Code != 200 || rec.Header().Get("ETag") != `"2"` {
		t.Errorf("%d %s %s", rec.Code, rec.Header().Get("ETag"), rec.Body)
	}
	if rec := call("ada", "PUT", "/engagements/"+e.ID, body, "If-Match", `"1"`); rec.Code != 412 {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

// FuzzDraft hands anything to the route that opens engagements: it answers with a problem, or opens what can be read back.
func FuzzDraft(f *testing.F) {
	for _, s := range []string{body, `{}`, `{"title":"x","from":"0001-01-01T00:00:00Z"}`, `{"scope":{"domains":[""]}}`, `[`} {
		f.Add(s)
	}
	w := open(f, storetest.Open(f))
	call := w.routes()
	f.Fuzz(func(t *testing.T, s string) {
		rec := call("ada", "POST", "/engagements", s)
		if rec.Code >= 500 {
			t.Fatalf("%q: %d %s", s, rec.Code, rec.Body)
		}
		if rec.Code >= 300 {
			return
		}
		var e engagement.Engagement
		if err := json.Unmarshal(rec.Body.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if got, err := w.Engagement(context.Background(), e.ID); err != nil || got.Title != e.Title {
			t.Errorf("%q: read back %q, %v", s, got.Title, err)
		}
	})
}
