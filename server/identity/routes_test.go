package identity_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store/storetest"
)

// door lets everyone in as one person who may do what need says.
type door struct{ may func(access.Permission) bool }

func (door) Authenticate(*http.Request) (access.Principal, error) {
	return access.Principal{Kind: access.Person, ID: "p1", Name: "pat"}, nil
}

func (d door) Decide(_ context.Context, _ access.Principal, need access.Permission, _ access.Resource) access.Decision {
	return access.Decision{Allowed: d.may(need)}
}

// call asks the API and reads the answer into out.
func (w *world) call(method, path, body string, out any) int {
	w.t.Helper()
	d := door{func(access.Permission) bool { return true }}
	r, err := api.New(api.Config{Version: "test", Auth: d, Policy: d, Events: w.bus, Clock: w.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Routes(r)
	req := httptest.NewRequestWithContext(context.Background(), method, api.Prefix+path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, req)
	if out != nil {
		if err := json.Unmarshal(rec.Body.Bytes(), out); err != nil {
			w.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
		}
	}
	return rec.Code
}

func TestRoutesOfClaimsAndCertificates(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	s := w.subj.add(t, protocol.SubjectDevice, "lock-1")
	var claim struct{ Claim, User, Expires string }
	if code := w.call("POST", "/claims", `{"device":"lock-1","hours":2}`, &claim); code != 200 || claim.User != s.ID || len(claim.Claim) != 52 {
		t.Fatalf("%d %+v", code, claim)
	}
	for body, want := range map[string]int{`{}`: 422, `{"device":"lock-1","account":"x"}`: 422, `{"device":"nobody"}`: 404, `{"device":"lock-1","hours":1000}`: 422} {
		if code := w.call("POST", "/claims", body, nil); code != want {
			t.Errorf("%s: %d", body, code)
		}
	}
	_, cert := w.enrolled(protocol.SubjectDevice, "lock-2")
	_, _ = w.enrolled(protocol.SubjectDevice, "lock-3")
	var page struct {
		Items []fleet.Certificate
		Next  string
	}
	seen := 0
	for next := ""; ; next = page.Next {
		page.Items, page.Next = nil, ""
		if code := w.call("GET", "/certificates?limit=1&after="+next, "", &page); code != 200 || len(page.Items) != 1 {
			t.Fatalf("%d %+v", code, page)
		}
		if seen++; page.Next == "" || seen > 5 {
			break
		}
	}
	if seen != 3 { // two devices and the server
		t.Errorf("%d certificates on all pages", seen)
	}
	serial := identity.SerialOf(cert.Leaf)
	for query, want := range map[string]int{"subject=lock-2": 1, "subject=nobody": 0, "state=active": 3, "state=revoked": 0, "expiring=30": 0, "expiring=400": 3, "q=" + serial[3:12]: 1, "q=OCK-2": 1, "q=%25": 0} {
		if code := w.call("GET", "/certificates?"+query, "", &page); code != 200 || len(page.Items) != want {
			t.Errorf("%s: %d, %d items", query, code, len(page.Items))
		}
	}
	if code := w.call("GET", "/certificates?state=odd", "", nil); code != 422 {
		t.Errorf("unknown state: %d", code)
	}
	var one struct {
		fleet.Certificate
		PEM      string
		Evidence map[string]any
	}
	if code := w.call("GET", "/certificates/"+serial, "", &one); code != 200 || one.Serial != serial || !strings.HasPrefix(one.PEM, "-----BEGIN") || one.Evidence["method"] != "claim" {
		t.Errorf("%d %+v", code, one)
	}
	var revoked struct {
		Certificate fleet.Certificate
		Effects     []identity.Effect
	}
	if code := w.call("POST", "/certificates/"+serial+"/revoke", `{"reason":"lost","dryRun":true}`, &revoked); code != 200 || revoked.Certificate.State != fleet.CertificateActive || len(revoked.Effects) == 0 {
		t.Errorf("dry run: %d %+v", code, revoked)
	}
	if code := w.call("POST", "/certificates/"+serial+"/revoke", `{"reason":"lost"}`, &revoked); code != 200 || revoked.Certificate.State != fleet.CertificateRevoked {
		t.Errorf("%d %+v", code, revoked)
	}
	if code := w.call("POST", "/certificates/"+serial+"/revoke", `{"reason":"lost"}`, nil); code != 409 {
		t.Errorf("again: %d", code)
	}
}

func TestRoutesOfIdentityAndManufacturers(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	lock, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
	var f struct {
		Root, Issuing identity.AuthorityFacts
		CRL           struct{ Number, Revoked int }
		OCSPURL       string
		Counts        identity.Counts
		Policy        identity.Policy
	}
	if code := w.call("GET", "/identity", "", &f); code != 200 || f.Counts.Active != 2 || f.CRL.Number != 1 || f.OCSPURL != w.plain+"/ocsp" || f.Policy.MinTLS != "1.3" || f.Root.Fingerprint == f.Issuing.Fingerprint {
		t.Errorf("%d %+v", code, f)
	}
	body, err := json.Marshal(map[string]any{"name": "maker-one", "pem": newFactory(t).anchors(), "serials": []map[string]string{{"serial": "A-1", "type": "lock"}}})
	if err != nil {
		t.Fatal(err)
	}
	var m identity.Manufacturer
	if code := w.call("POST", "/manufacturers", string(body), &m); code != 200 || m.Serials != 1 {
		t.Errorf("%d %+v", code, m)
	}
	if code := w.call("POST", "/manufacturers", `{"name":"maker-one","serials":[{"serial":"A-2","type":"lock"}]}`, &m); code != 200 || m.Serials != 2 || len(m.Anchors) != 1 {
		t.Errorf("more serial numbers: %d %+v", code, m)
	}
	var page struct{ Items []identity.Manufacturer }
	if code := w.call("GET", "/manufacturers", "", &page); code != 200 || len(page.Items) != 1 {
		t.Errorf("%d %+v", code, page)
	}
	ends, err := w.Expires(context.Background(), "device", []string{"none", lock.ID})
	if err != nil || len(ends) != 1 || !ends[lock.ID].Equal(cert.Leaf.NotAfter) {
		t.Errorf("%v, %v", ends, err)
	}
	n := 0
	if err := w.Each(context.Background(), func(fleet.Certificate) error { n++; return nil }); err != nil || n != 2 {
		t.Errorf("%d certificates, %v", n, err)
	}
}
