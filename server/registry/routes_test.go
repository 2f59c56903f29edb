package registry_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

// everyone lets anyone in.

type everyone struct{}

func (everyone) Authenticate(*http.Request) (access.Principal, error) {
	return access.Principal{Kind: access.Person, ID: "p", Name: "pia"}, nil
}

func (everyone) Decide(_ context.Context, _ access.Principal, _ access.Permission, on access.Resource) access.Decision {
	return access.Decision{Allowed: on.Site != "closed", Policies: []string{"test"}}
}

func TestRoutes(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		router, err := api.New(api.Config{Version: "test", Auth: everyone{}, Policy: everyone{}, Events: r.bus, Bus: r.bus, Clock: r.clock, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		r.Routes(router)
		call := func(method, path, body string, header ...string) *httptest.ResponseRecorder {
			req := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
			req.Header.Set("Content-Type", "application/json")
			for i := 0; i+1 < len(header); i += 2 {
				req.Header.Set(header[i], header[i+1])
			}
			w := httptest.NewRecorder()
			router.ServeHTTP(w, req)
			return w
		}
		for _, c := range []struct {
			method, path, body string
			status             int
			want               string
		}{
			{"PUT", "/types", string(example(t, "camera")), 200, `"created":true`},
			{"PUT", "/types?dryRun=true", "title: x", 422, `"path":"line 1:1"`},
			{"GET", "/types/camera/manifest", "", 200, "tm:ThingModel"},
			{"GET", "/types?limit=1", "", 200, `"total":3`},
			{"GET", "/types/nope", "", 404, "thingward type list"},
			{"POST", "/systems", `{"name":"doors","owner":"Ann"}`, 201, `"owner":"Ann"`},
			{"POST", "/sites", `{"name":"closed"}`, 201, `"name":"closed"`},
			{"POST", "/sites", `{"name":"open","system":"doors","latitude":91}`, 422, `"path":"latitude"`},
			{"GET", "/sites", "", 200, `"total":1`},
			{"POST", "/devices", `{"type":"camera","name":"cam-1"}`, 201, `"state":"registered"`},
			{"POST", "/devices", `{"type":"camera","name":"cam-2","site":"closed"}`, 403, "may not device:write"},
			{"POST", "/devices", `{"type":"camera","name":"cam-2","colour":"red"}`, 422, "colour"},
			{"GET", "/devices/cam-1", "", 200, `"certificateExpires"`},
			{"GET", "/devices?q=cam&connected=false", "", 200, `"cam-1"`},
			{"GET", "/devices?status=odd", "", 422, "status"},
			{"POST", "/devices/cam-1/quarantine", `{"reason":"odd","dryRun":true}`, 200, `"dryRun":true`},
			{"POST", "/devices/cam-1/quarantine", `{"reason":"odd"}`, 200, `"state":"quarantined"`},
			{"GET", "/devices/cam-1/twin", "", 200, `"drift":[]`},
			{"PUT", "/devices/cam-1/twin/desired", `{"properties":{"resolution":"1920x1080"}}`, 200, `"desiredVersion":1`},
			{"POST", "/devices/cam-1/commands/restart", ``, 409, "only an active device"},
			{"POST", "/devices/cam-1/release", `{}`, 200, `"state":"active"`},
			{"POST", "/devices/cam-1/commands/restart", ``, 202, `"queued":true`},
			{"POST", "/devices/cam-1/commands/takeSnapshot", `{"quality":96}`, 422, `"path":"input.quality"`},
			{"POST", "/devices/cam-1/commands/takeSnapshot", `[]`, 422, "object"},
			{"GET", "/devices/ghost", "", 404, "ghost"},
		} {
			w := call(c.method, c.path, c.body)
			if w.Code != c.status || !bytes.Contains(w.Body.Bytes(), []byte(c.want)) {
				t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
			}
		}
		etag := call("GET", "/devices/cam-1", "").Header().Get("ETag")
		if w := call("PUT", "/devices/cam-1", `{"assignee":"Bo"}`, "If-Match", etag); w.Code != 200 {
			t.Errorf("If-Match %s: %d %s", etag, w.Code, w.Body)
		}
		if w := call("PUT", "/devices/cam-1", `{"assignee":"Cy"}`, "If-Match", etag); w.Code != 412 {
			t.Errorf("outdated If-Match: %d %s", w.Code, w.Body)
		}
	})
}
