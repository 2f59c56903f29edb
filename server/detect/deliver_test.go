package detect_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/detect/detecttest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

const hookSecret = "0123456789abcdef0123456789abcdef"

// receiver is a webhook's other side.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	got    []*http.Request
	bodies [][]byte
}

func newReceiver(t *testing.T, status int) *receiver {
	r := &receiver{status: status}
	r.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got, r.bodies = append(r.got, req), append(r.bodies, body)
		if r.status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(r.status)
		_, _ = w.Write(bytes.Repeat([]byte("x"), 200<<10)) // more than anybody reads
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

func trusting(certs ...*x509.Certificate) func(*detect.Config) {
	return func(c *detect.Config) { c.Anchors = certs }
}

func hook(name, url string) detect.Route {
	return detect.Route{Name: name, Kind: detect.Webhook, URL: url, Severity: fleet.High, Secret: hookSecret}
}

func setRoutes(b *detecttest.Bench, routes ...detect.Route) {
	b.Helper()
	if _, err := b.SetDestinations(as("karl"), routes); err != nil {
		b.Fatal(err)
	}
}

func deliver(b *detecttest.Bench) {
	b.Helper()
	if err := b.DeliverNow(context.Background()); err != nil {
		b.Fatal(err)
	}
}

// said lists the events of types that the engine published.
func said(b *detecttest.Bench, want int, types ...string) (evs []fleet.Event) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := b.Bus.Flush(ctx); err != nil {
		b.Fatal(err)
	}
	stream, err := b.Bus.JetStream().Stream(ctx, "EVENTS")
	if err != nil {
		b.Fatal(err)
	}
	info, err := stream.Info(ctx)
	if err != nil {
		b.Fatal(err)
	}
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq && seq > 0; seq++ {
		msg, err := stream.GetMsg(ctx, seq)
		if err != nil {
			b.Fatal(err)
		}
		for line := range bytes.Lines(msg.Data) {
			var ev fleet.Event
			if err := json.Unmarshal(line, &ev); err != nil {
				b.Fatal(err)
			}
			for _, typ := range types {
				if ev.Type == typ {
					evs = append(evs, ev)
				}
			}
		}
	}
	if len(evs) != want {
		b.Fatalf("%d events of %v, want %d", len(evs), types, want)
	}
	return evs
}

func TestWebhookIsSignedAndDeliveredOnce(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		r := newReceiver(t, http.StatusNoContent)
		b := detecttest.Open(t, db, []detect.Rule{duplicates(), logins()}, trusting(r.Certificate()))
		setRoutes(b, hook("pager", r.URL+"/in"))
		b.Feed(duplicate(b, "d1"))
		deliver(b)
		deliver(b)
		if r.count() != 1 {
			t.Fatalf("%d requests", r.count())
		}
		req, body := r.got[0], r.bodies[0]
		if req.Header.Get(detect.HeaderSignature) != detect.Sign(hookSecret, req.Header.Get(detect.HeaderTimestamp), body) || req.URL.Path != "/in" {
			t.Errorf("%v", req.Header)
		}
		var msg detect.Message
		if err := json.Unmarshal(body, &msg); err != nil || msg.Alert.Subject.ID != "d1" || msg.Alert.Severity != fleet.Critical {
			t.Errorf("%v: %s", err, body)
		}
		al, err := b.Alert(context.Background(), msg.Alert.ID)
		if err != nil || al.Notified == nil || len(al.Deliveries) != 1 || al.Deliveries[0].State != "delivered" {
			t.Errorf("%v: %+v", err, al)
		}
		said(b, 1, "alert.delivered")
		b.Feed(duplicate(b, "d1"))
		deliver(b)
		if r.count() != 1 {
			t.Error("a second event of an open alert was delivered again")
		}
	})
}

func TestDeliveryIsTriedAgainAcrossRestarts(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		r := newReceiver(t, http.StatusInternalServerError)
		b := detecttest.Open(t, db, []detect.Rule{duplicates()}, trusting(r.Certificate()))
		setRoutes(b, hook("pager", r.URL))
		b.Feed(duplicate(b, "d1"))
		deliver(b)
		deliver(b) // not due yet
		b.Restart()
		if r.count() != 1 {
			t.Fatalf("%d attempts", r.count())
		}
		r.answer(http.StatusOK)
		b.Clock.Advance(6 * time.Second)
		deliver(b)
		al := b.Raised()[0]
		if r.count() != 2 || al.Notified == nil || r.got[0].Header.Get(detect.HeaderDelivery) != r.got[1].Header.Get(detect.HeaderDelivery) {
			t.Errorf("%d attempts, %+v", r.count(), al)
		}
	})
}

func TestFifthFailureIsReported(t *testing.T) {
	for _, status := range []int{http.StatusBadGateway, http.StatusFound} {
		r := newReceiver(t, status)
		b := detecttest.Open(t, storetest.Open(t), []detect.Rule{duplicates()}, trusting(r.Certificate()))
		setRoutes(b, hook("pager", r.URL+"/secret-path"))
		b.Feed(duplicate(b, "d1"))
		for range 8 {
			deliver(b)
			b.Clock.Advance(time.Hour)
		}
		if r.count() != 5 {
			t.Errorf("%d: %d attempts", status, r.count())
		}
		ev := said(b, 1, "alert.undelivered")[0]
		if reason := ev.Data["reason"].(string); !strings.Contains(reason, fmt.Sprint(status)) || strings.Contains(reason, "secret-path") {
			t.Errorf("%q", reason)
		}
		if al := b.Raised()[0]; al.Notified != nil {
			t.Errorf("%+v", al)
		}
	}
}

func TestAnUntrustedReceiverGetsNothing(t *testing.T) {
	r := newReceiver(t, http.StatusOK)
	b := detecttest.Open(t, storetest.Open(t), []detect.Rule{duplicates()})
	setRoutes(b, hook("pager", r.URL))
	b.Feed(duplicate(b, "d1"))
	deliver(b)
	al, err := b.Alert(context.Background(), b.Raised()[0].ID)
	if err != nil || r.count() != 0 || al.Deliveries[0].State != "pending" || !strings.Contains(al.Deliveries[0].Error, "certificate") {
		t.Errorf("%v, %d, %+v", err, r.count(), al.Deliveries)
	}
}

func TestASlowRouteDelaysNoOther(t *testing.T) {
	hold := make(chan struct{})
	slow := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer slow.Close()
	defer close(hold)
	quick := newReceiver(t, http.StatusOK)
	b := detecttest.Open(t, storetest.Open(t), []detect.Rule{duplicates()}, trusting(slow.Certificate(), quick.Certificate()))
	setRoutes(b, hook("aslow", slow.URL), hook("quick", quick.URL))
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	for i := range 3 {
		if err := b.Bus.Publish(duplicate(b, fmt.Sprint("d", i))); err != nil {
			t.Fatal(err)
		}
	}
	for quick.count() < 3 {
		time.Sleep(5 * time.Millisecond) // the test's own time limit ends it
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// mailbox is a mail server.
type mailbox struct {
	mu       sync.Mutex
	from     string
	to       []string
	messages []string
	tls      []bool
	users    []string
}

func (m *mailbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secured := c.TLSConnectionState()
	return &mailSession{m: m, secured: secured}, nil
}

type mailSession struct {
	m       *mailbox
	secured bool
}

func (s *mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "mail-password" {
			return errors.New("wrong password")
		}
		s.m.mu.Lock()
		defer s.m.mu.Unlock()
		s.m.users = append(s.m.users, user)
		return nil
	}), nil
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error { s.m.from = from; return nil }
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.m.to = append(s.m.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.messages, s.m.tls = append(s.m.messages, string(body)), append(s.m.tls, s.secured)
	return err
}
func (s *mailSession) Reset()        {}
func (s *mailSession) Logout() error { return nil }

// startMail serves mail on the loopback address; implicit means TLS from the first byte, a nil config means none.
func startMail(t *testing.T, config *tls.Config, implicit bool) (*mailbox, string) {
	t.Helper()
	m := &mailbox{}
	s := smtp.NewServer(m)
	s.Domain, s.TLSConfig = "localhost", config
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if implicit {
		l = tls.NewListener(l, config)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return m, addr
}

func TestMail(t *testing.T) {
	certs := httptest.NewTLSServer(nil) // for its certificate, which names 127.0.0.1
	defer certs.Close()
	config := &tls.Config{Certificates: certs.TLS.Certificates, MinVersion: tls.VersionTLS12}
	for _, test := range []struct {
		name, scheme string
		config       *tls.Config
		implicit     bool
		user         bool
	}{
		{"starttls", "smtp", config, false, true},
		{"implicit tls", "smtps", config, true, true},
		{"in clear on loopback", "smtp", nil, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, addr := startMail(t, test.config, test.implicit)
			b := detecttest.Open(t, storetest.Open(t), []detect.Rule{duplicates()}, trusting(certs.Certificate()), func(c *detect.Config) { c.ConsoleURL = "https://fleet.example:8443/" })
			r := detect.Route{Name: "duty", Kind: detect.SMTP, URL: test.scheme + "://" + addr, Severity: fleet.Low, From: "thingward@example.com", Address: "duty@example.com, boss@example.com"}
			if test.user {
				r.User, r.Secret = "thingward", "mail-password"
			}
			setRoutes(b, r)
			ev := duplicate(b, "d1")
			ev.Initiator.Name = "evil\r\nBcc: everyone@example.com"
			b.Feed(ev)
			deliver(b)
			if len(m.messages) != 1 || len(m.to) != 2 || m.from != "thingward@example.com" || m.tls[0] != (test.config != nil) || (len(m.users) == 1) != test.user {
				t.Fatalf("%+v", m)
			}
			text := strings.ReplaceAll(m.messages[0], "=\r\n", "") // quoted-printable folds lines so
			if strings.Contains(text, "\nBcc:") || !strings.Contains(text, "[critical] Duplicate: evil") || !strings.Contains(text, "https://fleet.example:8443/alerts/"+b.Raised()[0].ID) {
				t.Errorf("%s", text)
			}
		})
	}
}

// responder answers in place of the registry.
type responder struct {
	mu   sync.Mutex
	held map[string]string
	err  error
}

func (r *responder) Quarantine(_ context.Context, device, reason string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	r.held[device] = reason
	return nil
}

func TestQuarantineByPolicy(t *testing.T) {
	r := &responder{held: map[string]string{}}
	b := detecttest.Open(t, storetest.Open(t), []detect.Rule{duplicates(), logins()}, func(c *detect.Config) {
		c.Responder, c.Quarantine = r, map[string]bool{"TSP-03/test": true}
	})
	r.err = errors.New("the database is busy")
	b.Feed(duplicate(b, "d1"))
	deliver(b)
	r.err = nil
	b.Restart() // the answer survives
	b.Clock.Advance(time.Minute)
	deliver(b)
	if !strings.Contains(r.held["d1"], "TSP-03/test") {
		t.Errorf("%v", r.held)
	}
	r.err = fleet.Errorf(fleet.CodeConflict, "it is quarantined")
	b.Feed(duplicate(b, "d2"))
	deliver(b)
	for _, al := range b.Raised() {
		al, err := b.Alert(context.Background(), al.ID)
		if err != nil || al.Deliveries[0].State != "delivered" || al.Notified != nil {
			t.Errorf("%v %+v", err, al)
		}
	}
}

func TestWithoutPolicyNothingIsQuarantined(t *testing.T) {
	r := &responder{held: map[string]string{}}
	b := detecttest.Open(t, storetest.Open(t), []detect.Rule{duplicates()}, func(c *detect.Config) { c.Responder = r })
	b.Feed(duplicate(b, "d1"))
	deliver(b)
	if len(r.held) != 0 {
		t.Errorf("%v", r.held)
	}
}
