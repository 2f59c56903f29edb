package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api/apitest"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/export"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// routes serves the exports. Ada alone may read the audit log.
func (w *world) routes() apitest.Caller {
	w.t.Helper()
	return apitest.Open(w.t, bustest.Open(w.t), w.clock, apitest.Rules{May: func(p access.Principal, need access.Permission) bool {
		return need != access.AuditRead || p.Name == "ada"
	}}, w.Routes)
}

func TestRoutes(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := openOn(t, db, fleetOf{devices: 3, findings: 3})
		call := w.routes()
		order := func(who string) export.Job {
			rec := call(who, "POST", "/exports", `{"formats":["csv"],"scope":{"domains":["ABC"]}}`)
			var j export.Job
			if err := json.Unmarshal(rec.Body.Bytes(), &j); err != nil || rec.Code != 202 || j.State != "queued" || j.By != who {
				t.Fatalf("%d %s %v", rec.Code, rec.Body, err)
			}
			return j
		}
		ada, olga := order("ada"), order("olga")
		if rec := call("ada", "GET", "/exports/"+ada.ID+"/files/pack.zip", ""); rec.Code != 409 {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
		for range 2 {
			if _, err := w.Next(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			who, method, path, body string
			status                  int
			want                    string
		}{
			{"olga", "GET", "/exports?limit=1", "", 200, `"next":`},
			{"olga", "GET", "/exports/" + olga.ID, "", 200, `"state":"done"`},
			{"olga", "GET", "/exports/none", "", 404, "thingward export list"},
			{"olga", "GET", "/exports/" + olga.ID + "/files/controls.csv", "", 200, "ABC-01"},
			{"olga", "GET", "/exports/" + olga.ID + "/files/..%2F..%2Fthingward.db", "", 404, "no such file"},
			{"olga", "GET", "/exports/" + ada.ID + "/files/controls.csv", "", 403, "may not audit:read"},
			{"ada", "GET", "/exports/" + ada.ID + "/files/controls.csv", "", 200, "ABC-01"},
			{"olga", "POST", "/exports", `{"formats":["docx"]}`, 422, "formats"},
			{"olga", "POST", "/exports", `{}`, 422, "formats"},
			{"olga", "POST", "/exports", `[`, 400, "JSON"},
		} {
			rec := call(c.who, c.method, c.path, c.body)
			if rec.Code != c.status || !bytes.Contains(rec.Body.Bytes(), []byte(c.want)) {
				t.Errorf("%s %s by %s: %d %s", c.method, c.path, c.who, rec.Code, rec.Body)
			}
		}
		rec := call("olga", "GET", "/exports/"+olga.ID+"/files/pack.zip", "")
		if rec.Header().Get("Content-Type") != "application/zip" || !strings.Contains(rec.Header().Get("Content-Disposition"), `filename="pack.zip"`) || len(rec.Header().Get("X-Content-Sha256")) != 64 {
			t.Errorf("%v", rec.Header())
		}
	})
}
