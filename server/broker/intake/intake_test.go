package intake_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/intake"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
)

const patience = 20 * time.Second

// world is a broker with a gateway d1 and an intake before it.
type world struct {
	t    testing.TB
	bus  *bus.Bus
	b    *broker.Service
	s    *intake.Service
	cert *x509.Certificate
	got  chan fleet.Message
}

func newWorld(t testing.TB, limits broker.Limits) *world {
	t.Helper()
	w := &world{t: t, bus: bustest.Open(t), got: make(chan fleet.Message, 5000)}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(protocol.IdentityURI(protocol.SubjectDevice, "d1"))
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), URIs: []*url.URL{u}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if w.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.b, err = broker.New(ctx, broker.Config{Bus: w.bus, Clock: clock.Real{}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Directory: w, Certificates: w, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c, done := context.WithTimeout(context.Background(), patience)
		defer done()
		if err := w.b.Close(c); err != nil {
			t.Error(err)
		}
		cancel()
	})
	go func() { _ = w.b.Run(ctx) }()
	go func() {
		_ = w.b.Ingest(ctx, "test", func(_ context.Context, list []fleet.Message) error {
			for _, m := range list {
				w.got <- m
			}
			return nil
		})
	}()
	w.open()
	return w
}

// open makes the intake, as a start of the server does.
func (w *world) open() {
	w.t.Helper()
	var err error
	if w.s, err = intake.New(w.t.Context(), intake.Config{Broker: w.b, Bus: w.bus, Clock: clock.Real{}, Log: slog.New(slog.NewTextHandler(w.t.Output(), nil))}); err != nil {
		w.t.Fatal(err)
	}
}

// Client is the broker's directory.
func (w *world) Client(_ context.Context, kind, id string) (broker.Client, error) {
	return broker.Client{Kind: kind, ID: id, Name: id, State: fleet.Active, Type: &fleet.DeviceType{Name: "gateway", Version: "1", Streams: map[string]fleet.Stream{"air": {}}}}, nil
}

// Usable is the broker's judge of certificates.
func (w *world) Usable(_ context.Context, c *x509.Certificate) error {
	if c.SerialNumber.Int64() != 1 {
		return fleet.Errorf(fleet.CodeForbidden, "the certificate was revoked")
	}
	return nil
}

type response struct {
	Stored, Duplicates, Refused int
	Results                     []struct {
		Index              int
		ID, Status, Detail string
	}
	Detail     string
	Code       string
	RetryAfter int
	Errors     []fleet.FieldError
}

// send sends a batch; headers are pairs.
func (w *world) send(body string, headers ...string) (int, response, http.Header) {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/api/v1/ingest", strings.NewReader(body))
	r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, PeerCertificates: []*x509.Certificate{w.cert}}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.s.ServeHTTP(rec, r)
	var out response
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		w.t.Fatalf("%d %s: %v", rec.Code, rec.Body, err)
	}
	return rec.Code, out, rec.Header()
}

func (w *world) messages(n int) (out []string) {
	w.t.Helper()
	for range n {
		select {
		case m := <-w.got:
			out = append(out, m.Topic+" "+string(m.Payload))
		case <-time.After(patience):
			w.t.Fatalf("%d of %d messages", len(out), n)
		}
	}
	return out
}

const batch = `[{"id":"a","stream":"air","payload":{"co2":1}},{"id":"b","topic":"things/d1/event","payload":{"name":"x"}},{"stream":"air","time":"2026-11-01T10:00:00Z","payload":{"co2":2}},
	{"id":"c","topic":"things/d2/telemetry/air","payload":3},{"stream":"air","payloadBase64":"AAEC","contentType":"application/cbor"}]`

// TestBatch shows what becomes of each message, and that the batch sent again does nothing again, by key or by ids, after a
// restart too.
func TestBatch(t *testing.T) {
	w := newWorld(t, broker.Limits{})
	check := func(code, stored, duplicates, refused, wantCode, wantStored, wantDuplicates, wantRefused int) {
		t.Helper()
		if code != wantCode || stored != wantStored || duplicates != wantDuplicates || refused != wantRefused {
			t.Fatalf("%d: %d stored, %d duplicates, %d refused; want %d: %d %d %d", code, stored, duplicates, refused, wantCode, wantStored, wantDuplicates, wantRefused)
		}
	}
	code, a, h := w.send(batch, "Idempotency-Key", "k1")
	check(code, a.Stored, a.Duplicates, a.Refused, 207, 4, 0, 1)
	if a.Results[3].Status != "refused" || a.Results[3].Detail != "not authorized" || a.Results[0].Status != "stored" || h.Get("Idempotent-Replayed") != "" {
		t.Errorf("%+v", a.Results)
	}
	want := []string{`things/d1/telemetry/air {"co2":1}`, `things/d1/event {"name":"x"}`, `things/d1/telemetry/air {"co2":2,"time":"2026-11-01T10:00:00Z"}`, "things/d1/telemetry/air \x00\x01\x02"}
	if got := w.messages(4); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q", got)
	}
	for range 2 {
		code, a, h = w.send(batch, "Idempotency-Key", `"k1"`)
		check(code, a.Stored, a.Duplicates, a.Refused, 207, 4, 0, 1)
		if h.Get("Idempotent-Replayed") != "true" {
			t.Error("it is not said that this was answered before")
		}
		w.open()
	}
	if code, p, _ := w.send(`[{"stream":"air","payload":9}]`, "Idempotency-Key", "k1"); code != 422 || !strings.Contains(p.Detail, "another batch") {
		t.Errorf("%d %+v", code, p)
	}
	code, a, _ = w.send(`[{"id":"a","stream":"air","payload":{"co2":1}},{"id":"b","stream":"air","payload":7},{"id":"d","stream":"air","payload":8}]`)
	check(code, a.Stored, a.Duplicates, a.Refused, 207, 1, 1, 1)
	if a.Results[1].Status != "conflict" {
		t.Errorf("%+v", a.Results)
	}
	if got := w.messages(1); got[0] != "things/d1/telemetry/air 8" {
		t.Errorf("%q", got)
	}
	if l := w.b.Sessions(t.Context(), broker.Filter{}); len(l) != 1 || l[0].Protocol != "HTTPS" || l[0].Transport != "https" {
		t.Errorf("sessions %+v", l)
	}
}

func pack(t testing.TB, body []byte) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLinesAndGzip(t *testing.T) {
	w := newWorld(t, broker.Limits{})
	lines := "{\"stream\":\"air\",\"payload\":1}\n\n{\"stream\":\"air\",\"payload\":2}\n"
	if code, a, _ := w.send(pack(t, []byte(lines)), "Content-Type", "application/x-ndjson; charset=utf-8", "Content-Encoding", "gzip"); code != 200 || a.Stored != 2 {
		t.Errorf("%d %+v", code, a)
	}
}

// TestFaults shows that a faulty batch is refused whole, with the messages and fields named.
func TestFaults(t *testing.T) {
	w := newWorld(t, broker.Limits{})
	bomb := pack(t, bytes.Repeat([]byte(" "), 64<<20))
	for _, c := range []struct {
		name, body string
		code       int
		path       string
		headers    []string
	}{
		{"no JSON", "{", 422, "", nil},
		{"no messages", "[]", 422, "", nil},
		{"too many", "[" + strings.Repeat("1,", 1000) + "1]", 422, "", nil},
		{"unknown field", `[{"stream":"air","payload":1,"qos":2}]`, 422, "messages[0]", nil},
		{"two topics", `[{"stream":"air","payload":1},{"stream":"air","topic":"x","payload":1}]`, 422, "messages[1].topic", nil},
		{"no topic", `[{"payload":1}]`, 422, "messages[0].topic", nil},
		{"wildcard", `[{"topic":"things/+/event","payload":1}]`, 422, "messages[0].topic", nil},
		{"no payload", `[{"stream":"air"}]`, 422, "messages[0].payload", nil},
		{"time without object", `[{"stream":"air","payload":1,"time":"2026-11-01T10:00:00Z"}]`, 422, "messages[0].time", nil},
		{"two times", `[{"stream":"air","payload":{"time":1},"time":"2026-11-01T10:00:00Z"}]`, 422, "messages[0].time", nil},
		{"ids twice", `[{"id":"a","stream":"air","payload":1},{"id":"a","stream":"air","payload":2}]`, 422, "messages[1].id", nil},
		{"long id", `[{"id":"` + strings.Repeat("a", 129) + `","stream":"air","payload":1}]`, 422, "messages[0].id", nil},
		{"media type", `[]`, 415, "", []string{"Content-Type", "text/plain"}},
		{"encoding", `[]`, 415, "", []string{"Content-Encoding", "br"}},
		{"no gzip", `[]`, 422, "", []string{"Content-Encoding", "gzip"}},
		{"too large", strings.Repeat(" ", 4<<20+1), 413, "", nil},
		{"gzip bomb", bomb, 413, "", []string{"Content-Encoding", "gzip"}},
		{"key", batch, 422, "", []string{"Idempotency-Key", "two words"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, p, _ := w.send(c.body, c.headers...)
			if code != c.code || p.Detail == "" || (c.path != "" && (len(p.Errors) != 1 || p.Errors[0].Path != c.path)) {
				t.Errorf("%d %+v", code, p)
			}
		})
	}
	w.send(`[{"stream":"air","payload":"last"}]`)
	if got := w.messages(1); got[0] != `things/d1/telemetry/air "last"` {
		t.Errorf("a refused batch was stored: %q", got)
	}
}

func TestWhoMaySend(t *testing.T) {
	w := newWorld(t, broker.Limits{})
	own := *w.cert
	own.SerialNumber = big.NewInt(2)
	w.cert = &own
	if code, p, _ := w.send(batch); code != 403 || p.Code != "forbidden" || p.Detail != "not authorized" {
		t.Errorf("%d %+v", code, p)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/ingest", strings.NewReader(batch))
	rec := httptest.NewRecorder()
	w.s.ServeHTTP(rec, r)
	if rec.Code != 401 {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

// TestRate shows that a sender over its rate hears how long to wait, and loses nothing.
func TestRate(t *testing.T) {
	w := newWorld(t, broker.Limits{Device: broker.Rate{Messages: 1, Burst: 1}})
	two := `[{"id":"%d","stream":"air","payload":1},{"id":"%d","stream":"air","payload":2}]`
	if code, a, _ := w.send(fmt.Sprintf(two, 1, 2)); code != 200 || a.Stored != 2 {
		t.Fatalf("%d %+v", code, a)
	}
	code, p, h := w.send(fmt.Sprintf(two, 3, 4), "Idempotency-Key", "k")
	if code != 429 || p.RetryAfter < 1 || h.Get("Retry-After") == "" {
		t.Fatalf("%d %+v", code, p)
	}
	if code, a, _ := w.send(fmt.Sprintf(two, 1, 2)); code != 200 || a.Duplicates != 2 { // nothing new: nothing to wait for
		t.Fatalf("%d %+v", code, a)
	}
}

// FuzzBatch checks that no body does harm: it is taken, or refused with a reason.
func FuzzBatch(f *testing.F) {
	f.Add("application/json", batch)
	f.Add("application/x-ndjson", "{\"stream\":\"air\",\"payload\":1}\n{}")
	f.Add("", "")
	w := newWorld(f, broker.Limits{Device: broker.Rate{Messages: 1e9, Burst: 1e9, Bytes: 1e12}})
	f.Fuzz(func(t *testing.T, kind, body string) {
		w.t = t
		code, a, _ := w.send(body, "Content-Type", kind)
		switch {
		case code == 200 || code == 207:
			if a.Stored+a.Duplicates+a.Refused != len(a.Results) || len(a.Results) == 0 {
				t.Errorf("%+v", a)
			}
		case code < 400 || code >= 500 || a.Detail == "":
			t.Errorf("%d %+v", code, a)
		}
	})
}
