package servertest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/thingward/thingward/servertest"
)

// names are the names of a list's items.
func names(t *testing.T, s *servertest.Server, path string) string {
	t.Helper()
	var list struct{ Items []struct{ Name string } }
	s.MustCall(http.MethodGet, path, nil, &list)
	var out []string
	for _, i := range list.Items {
		out = append(out, i.Name)
	}
	return strings.Join(out, " ")
}

// refusals asks for each path and wants 403 with the policy that decided.
func refusals(t *testing.T, s *servertest.Server, paths ...string) {
	t.Helper()
	for _, path := range paths {
		status, body := s.Call(http.MethodGet, path, nil, nil)
		var p struct{ Policies []string }
		if err := json.Unmarshal(body, &p); err != nil || status != http.StatusForbidden || len(p.Policies) == 0 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// live reads the live stream and hands over the data of each event of a kind.
func live(t *testing.T, s *servertest.Server, kind string) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+s.Addr.HTTPS+"/api/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Token)
	res, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: s.TLS()}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = res.Body.Close() })
	out := make(chan string, 1000)
	go func() {
		event := ""
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if e, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				event = e
			} else if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && event == kind {
				out <- data
			}
		}
	}()
	return out
}

// TestAccountsOfOneSite signs a local user and a gateway of one of two sites in: each sees what its role is for, there
// and nowhere else.
func TestAccountsOfOneSite(t *testing.T) {
	s := servertest.Start(t)
	s.ApplyTypes()
	ids := map[string]string{}
	for site, name := range map[string]string{"hall-1": "lock-here", "hall-2": "lock-there"} {
		s.MustCall(http.MethodPost, "/sites", map[string]any{"name": site}, nil)
		id, claim := s.Device("door-lock", name)
		s.MustCall(http.MethodPut, "/devices/"+name, map[string]any{"site": site}, nil)
		if err := device(t, s, id, claim).Telemetry("power", []byte(`{"battery": 71.5}`)); err != nil {
			t.Fatal(err)
		}
		servertest.Eventually(t, "telemetry can be read", func() bool { return has(s, "/devices/"+name+"/telemetry?property=battery", "71.5") })
		ids[name] = id
	}

	lou := s.As("lou", "person", "local-user", "hall-1")
	if got := names(t, lou, "/devices") + ", " + names(t, lou, "/sites"); got != "lock-here, hall-1" {
		t.Errorf("a local user sees %s", got)
	}
	for path, want := range map[string]string{
		"/devices/lock-here": ids["lock-here"], "/devices/lock-here/telemetry?property=battery": "71.5", "/devices/lock-here/twin": `"2.4.1"`,
		"/devices/lock-here/posture": `"control"`, "/sessions?device=" + ids["lock-here"]: `"state":"live"`, "/types": "door-lock", "/whoami": `"site":"hall-1"`,
	} {
		servertest.Eventually(t, "a local user reads "+path, func() bool { return has(lou, path, want) })
	}
	refusals(t, lou, "/devices/lock-there", "/devices/"+ids["lock-there"], "/devices/lock-there/telemetry", "/devices/lock-there/twin", "/devices/lock-there/posture",
		"/sessions?device="+ids["lock-there"], "/sessions", "/devices?site=hall-2", "/devices/nowhere", "/telemetry/rates",
		"/certificates?subject="+ids["lock-here"], "/alerts", "/events", "/posture", "/controls", "/accounts", "/audit", "/system")
	if status, body := lou.Call(http.MethodPost, "/devices/lock-here/quarantine", map[string]any{"reason": "test"}, nil); status != http.StatusForbidden {
		t.Errorf("a local user quarantines: %d %s", status, body)
	}
	servertest.Eventually(t, "refusals are events", func() bool { return has(s, "/events?type=access.refused", "telemetry:read") })

	news := live(t, lou, "device")
	s.MustCall(http.MethodPut, "/devices/lock-there", map[string]any{"assignee": "Ann"}, nil)
	s.MustCall(http.MethodPut, "/devices/lock-here", map[string]any{"assignee": "Bo"}, nil)
	for data := range news {
		if strings.Contains(data, ids["lock-there"]) {
			t.Errorf("news of another site: %s", data)
		}
		if strings.Contains(data, `"Bo"`) {
			break
		}
	}

	gateway := s.As("gate", "service", "gateway", "hall-1")
	if got := names(t, gateway, "/devices"); got != "lock-here" {
		t.Errorf("a gateway sees %s", got)
	}
	refusals(t, gateway, "/devices/lock-here/telemetry", "/devices/lock-there", "/devices/lock-there/telemetry", "/events")

	// Who moves to another site sees that one, with the session at hand.
	s.MustCall(http.MethodPut, "/accounts/lou/roles", map[string]any{"roles": []string{"local-user"}, "site": "hall-2"}, nil)
	servertest.Eventually(t, "the new site is seen", func() bool { return names(t, lou, "/devices") == "lock-there" })
	refusals(t, lou, "/devices/lock-here", "/devices/lock-here/telemetry")
}
