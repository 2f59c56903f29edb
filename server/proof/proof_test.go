package proof_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/proof"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// byHeader takes the caller's role from the test's own header; what it may is decided as the product's policies do.
type byHeader struct{}

func (byHeader) Authenticate(r *http.Request) (access.Principal, error) {
	role := r.Header.Get("Role")
	if role == "" {
		return access.Principal{}, fleet.Errorf(fleet.CodeUnauthenticated, "sign in first")
	}
	return access.Principal{Kind: access.Person, ID: "id-of-" + role, Name: role, Roles: []access.Role{access.Role(role)}}, nil
}

func (byHeader) Decide(_ context.Context, p access.Principal, need access.Permission, _ access.Resource) access.Decision {
	return access.Decision{Allowed: need != access.AuditRead || p.Has(access.Auditor)}
}

func (byHeader) Publish(fleet.Event) error { return nil }

type world struct {
	t   *testing.T
	db  *store.DB
	log *audit.Log
	srv *httptest.Server
}

func open(t *testing.T, entries int) *world {
	t.Helper()
	clk := clock.NewFake(start)
	w := &world{t: t, db: storetest.Open(t)}
	w.log = audittest.Open(t, w.db, nil, clk)
	r, err := api.New(api.Config{Auth: byHeader{}, Policy: byHeader{}, Events: byHeader{}, Clock: clk, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s, err := proof.New(context.Background(), proof.Config{Audit: w.log})
	if err != nil {
		t.Fatal(err)
	}
	s.Routes(r)
	w.srv = httptest.NewServer(r)
	t.Cleanup(w.srv.Close)
	w.record(entries)
	return w
}

func (w *world) record(n int) {
	w.t.Helper()
	err := w.db.Change(context.Background(), func(tx *store.Tx) error {
		tx.Audited()
		for i := range n {
			ev := fleet.NewEvent("site.created", start, fleet.Party{Kind: "person", ID: "alice"}, fleet.Party{Kind: "site", ID: fmt.Sprint("s", i)}, map[string]any{"site": i, "name": "x"})
			if err := w.log.Record(tx, ev); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.log.Seal(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// ask returns the status and decodes the body into out.
func (w *world) ask(role, method, path string, out any) int {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, w.srv.URL+api.Prefix+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Role", role)
	res, err := w.srv.Client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if out != nil {
		if err := json.NewDecoder(res.Body).Decode(out); err != nil {
			w.t.Fatal(err)
		}
	}
	return res.StatusCode
}

const (
	auditor  = string(access.Auditor)
	operator = string(access.SystemOperator)
)

type page struct {
	Items []struct {
		Index  int64
		Event  *fleet.Event
		Sealed bool
		Broken string
		Body   []byte
	}
	Next string
}

func TestOnlyAuditorsRead(t *testing.T) {
	w := open(t, 5)
	for _, path := range []string{"/audit", "/audit/2", "/audit/export"} {
		for role, want := range map[string]int{"": 401, operator: 403, string(access.SystemAdministrator): 403, auditor: 200} {
			if got := w.ask(role, "GET", path, nil); got != want {
				t.Errorf("%s as %q: %d, want %d", path, role, got, want)
			}
		}
	}
	for _, path := range []string{"/audit/checkpoint", "/audit/proof/2", "/audit/consistency?from=2"} {
		for role, want := range map[string]int{"": 401, operator: 200, auditor: 200} {
			if got := w.ask(role, "GET", path, nil); got != want {
				t.Errorf("%s as %q: %d, want %d", path, role, got, want)
			}
		}
	}
}

func TestNobodyWrites(t *testing.T) {
	w := open(t, 5)
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
		for _, path := range []string{"/audit", "/audit/2", "/audit/checkpoint", "/audit/proof/2", "/audit/export", "/audit/consistency"} {
			if got := w.ask(auditor, method, path, nil); got < 400 {
				t.Errorf("%s %s: %d", method, path, got)
			}
		}
	}
	w.record(0)
	if v, err := w.log.Verify(context.Background(), nil); err != nil || !v.OK || v.Size != 5 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestPagesLeadToTheFirstEntry(t *testing.T) {
	w := open(t, 25)
	next, seen := "", int64(25)
	for {
		var p page
		if status := w.ask(auditor, "GET", "/audit?limit=7&after="+next, &p); status != 200 {
			t.Fatal(status)
		}
		for _, e := range p.Items {
			seen--
			if e.Index != seen || e.Event == nil || !e.Sealed || e.Body != nil {
				t.Fatalf("entry %d: %+v", seen, e)
			}
		}
		if next = p.Next; next == "" {
			break
		}
	}
	if seen != 0 {
		t.Errorf("%d entries are on no page", seen)
	}
	for _, bad := range []string{"after=x", "after=" + api.Cursor("0"), "after=" + api.Cursor("-3"), "after=" + api.Cursor("a"), "limit=0", "limit=1001", "from=yesterday"} {
		if got := w.ask(auditor, "GET", "/audit?"+bad, nil); got != 422 && got != 400 {
			t.Errorf("%s: %d", bad, got)
		}
	}
}

// TestStrangerVerifiesAProof does what a browser does: raw key, note text, RFC 6962 hashes.
func TestStrangerVerifiesAProof(t *testing.T) {
	w := open(t, 21)
	var p struct {
		Index, Size          int64
		LeafHash, Checkpoint string
		Hashes               []tlog.Hash
		Body                 []byte
	}
	if status := w.ask(auditor, "GET", "/audit/proof/13", &p); status != 200 {
		t.Fatal(status)
	}
	var c struct {
		Size       int64
		Root       tlog.Hash
		Checkpoint string
		Key        string
		PublicKey  []byte
		Pending    int64
		Time       time.Time
	}
	if status := w.ask(operator, "GET", "/audit/checkpoint", &c); status != 200 {
		t.Fatal(status)
	}
	if c.Size != 21 || p.Size != 21 || c.Checkpoint != p.Checkpoint || c.Pending != 0 || !c.Time.Equal(start) || c.Key != w.log.Key {
		t.Fatalf("%+v", c)
	}
	text, sigs, _ := strings.Cut(c.Checkpoint, "\n\n")
	text += "\n"
	fields := strings.Fields(sigs)
	sig, err := base64.StdEncoding.DecodeString(fields[len(fields)-1])
	if err != nil || !ed25519.Verify(c.PublicKey, []byte(text), sig[4:]) {
		t.Errorf("signature: %v", err)
	}
	if lines := strings.Split(text, "\n"); lines[1] != "21" || lines[2] != c.Root.String() {
		t.Errorf("text %q", text)
	}
	if err := tlog.CheckRecord(p.Hashes, p.Size, c.Root, 13, tlog.RecordHash(p.Body)); err != nil {
		t.Error(err)
	}
	var q struct{ Body []byte }
	if w.ask(operator, "GET", "/audit/proof/13", &q); q.Body != nil {
		t.Error("an operator got an entry's body with its proof")
	}
	for path, want := range map[string]int{"/audit/proof/21": 404, "/audit/proof/-1": 422, "/audit/proof/x": 422, "/audit/proof/13?size=13": 422, "/audit/proof/13?size=99": 422, "/audit/proof/13?size=14": 200, "/audit/99": 404, "/audit/consistency?from=22": 422, "/audit/consistency": 422} {
		if got := w.ask(auditor, "GET", path, nil); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}

func TestConsistencyBetweenCheckpoints(t *testing.T) {
	w := open(t, 9)
	old, err := w.log.Checkpoint(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	w.record(8)
	now, err := w.log.Checkpoint(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		From, To int64
		Hashes   []tlog.Hash
	}
	if status := w.ask(operator, "GET", "/audit/consistency?from=9", &c); status != 200 || c.To != 17 {
		t.Fatalf("%d, %+v", status, c)
	}
	if err := tlog.CheckTree(c.Hashes, now.Size, now.Root, old.Size, old.Root); err != nil {
		t.Error(err)
	}
}

func TestVerifyTellsTheTruth(t *testing.T) {
	w := open(t, 12)
	if got := w.ask(operator, "GET", "/audit/verify", nil); got != 404 {
		t.Errorf("before any verification: %d", got)
	}
	var v struct {
		OK                    bool
		Size, Checked, Sealed int64
		Root                  string
		Broken                *provable.Broken
	}
	if status := w.ask(operator, "POST", "/audit/verify", &v); status != 200 || !v.OK || v.Checked != 12 || v.Sealed != 12 || v.Root == "" {
		t.Fatalf("%d, %+v", status, v)
	}
	w.record(0)
	if err := w.db.Keep(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE audit_entry SET body = ? WHERE idx = 7", []byte(`{"forged":true}`))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	v.OK, v.Root = true, ""
	if status := w.ask(operator, "POST", "/audit/verify", &v); status != 200 || v.OK || v.Broken == nil || v.Broken.Index != 7 || v.Root != "" {
		t.Fatalf("%d, %+v", status, v)
	}
	v.OK, v.Broken = true, nil
	if status := w.ask(operator, "GET", "/audit/verify", &v); status != 200 || v.OK || v.Broken == nil {
		t.Fatalf("%d, %+v", status, v)
	}
	var p page
	w.ask(auditor, "GET", "/audit?limit=20", &p)
	for _, e := range p.Items {
		if (e.Index == 7) != (e.Broken != "") || (e.Broken != "") != (e.Event == nil) {
			t.Errorf("entry %d: broken %q, event %v", e.Index, e.Broken, e.Event != nil)
		}
	}
	if got := w.ask(auditor, "GET", "/audit/proof/7", nil); got != 503 {
		t.Errorf("proof of a forged entry: %d", got)
	}
	w.record(0)
	var by page
	w.ask(auditor, "GET", "/audit?type=audit.verified&actor="+operator, &by)
	if len(by.Items) != 2 {
		t.Errorf("%d verifications are recorded", len(by.Items))
	}
}

// answer is the part of an HTTP answer that is not its body.
type answer struct {
	status int
	header http.Header
}

func TestExportVerifiesOffline(t *testing.T) {
	w := open(t, 40)
	get := func(query string) (res answer, file []byte, err error) {
		req, err := http.NewRequestWithContext(context.Background(), "GET", w.srv.URL+api.Prefix+"/audit/export"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Role", auditor)
		got, err := w.srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = got.Body.Close() }()
		var buf bytes.Buffer
		_, err = buf.ReadFrom(got.Body)
		return answer{got.StatusCode, got.Header}, buf.Bytes(), err
	}
	res, file, err := get("?from=3&to=30")
	if err != nil || res.header.Get("Content-Type") != "application/x-ndjson" || !strings.Contains(res.header.Get("Content-Disposition"), "audit-3-30.ndjson") {
		t.Fatalf("%v, %v", res.header, err)
	}
	out, err := provable.Verify(bytes.NewReader(file), w.log.Key, nil)
	if err != nil || out.Entries != 27 {
		t.Fatalf("%+v, %v", out, err)
	}
	if err := w.db.Keep(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec("DELETE FROM audit_entry WHERE idx = 20")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	res, file, err = get("")
	if err != nil || res.status != http.StatusServiceUnavailable || !bytes.Contains(file, []byte("audit verify")) {
		t.Errorf("an export without an entry: %d %s, %v", res.status, file, err)
	}
	if got := w.ask(auditor, "GET", "/audit/export?from=5000", nil); got != 422 {
		t.Errorf("a range beyond the log: %d", got)
	}
	big := open(t, 900)
	if err := big.db.Keep(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec("DELETE FROM audit_entry WHERE idx = 890")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	w = big
	if _, file, err := get(""); err == nil || len(file) == 0 {
		t.Errorf("an export that failed half-way ended as if it were whole, %d bytes", len(file))
	}
}

func TestLiveCheckpoints(t *testing.T) {
	w := open(t, 1)
	req, err := http.NewRequestWithContext(t.Context(), "GET", w.srv.URL+api.Prefix+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Role", operator)
	res, err := w.srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		switch {
		case lines.Text() == "event: hello":
			w.record(3)
		case strings.HasPrefix(lines.Text(), "data:") && strings.Contains(lines.Text(), `"root"`):
			if !strings.Contains(lines.Text(), `"size":4`) {
				t.Errorf("news: %s", lines.Text())
			}
			return
		}
	}
	t.Errorf("no news of a new checkpoint: %v", lines.Err())
}

func FuzzCursor(f *testing.F) {
	f.Add("WyIxMiJd")
	f.Add("!")
	f.Fuzz(func(t *testing.T, cursor string) {
		if before, err := proof.ParseBefore(cursor); err == nil && cursor != "" && before < 1 {
			t.Errorf("cursor %q gives %d", cursor, before)
		}
	})
}
