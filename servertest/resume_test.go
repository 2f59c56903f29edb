package servertest_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"
	"github.com/smallstep/pkcs7"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/servertest"
)

// est sends a body to an EST operation as a client without the agent would, and returns the answer.
func est(t *testing.T, s *servertest.Server, user, claim, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+s.Addr.HTTPS+"/.well-known/est/simpleenroll", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/pkcs10")
	req.SetBasicAuth(user, claim)
	resp, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: s.TLS(), DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// request makes a key and a certificate request for it in base64.
func request(t *testing.T) (*ecdsa.PrivateKey, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	return key, base64.StdEncoding.EncodeToString(csr)
}

// enrol gets a certificate over EST for a device or an account.
func enrol(t *testing.T, s *servertest.Server, user, claim string) *tls.Certificate {
	t.Helper()
	key, csr := request(t)
	status, answer := est(t, s, user, claim, csr)
	if status != http.StatusOK {
		t.Fatalf("enrolment of %s: %d %s", user, status, answer)
	}
	der, err := base64.StdEncoding.DecodeString(strings.NewReplacer("\r", "", "\n", "").Replace(answer))
	if err != nil {
		t.Fatal(err)
	}
	p7, err := pkcs7.Parse(der)
	if err != nil || len(p7.Certificates) == 0 {
		t.Fatalf("the answer holds no certificate: %v", err)
	}
	leaf := p7.Certificates[0]
	return &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
}

// application makes a service account that may listen, with its certificate.
func application(t *testing.T, s *servertest.Server, name string) *tls.Certificate {
	t.Helper()
	var a struct{ ID string }
	s.MustCall(http.MethodPost, "/accounts", map[string]any{"name": name, "kind": "service", "roles": []string{"application"}}, &a)
	s.MustCall(http.MethodPost, "/grants", map[string]any{"name": "all", "account": name, "kinds": []string{"telemetry", "event", "reported"}, "classes": []string{"confidential", "restricted"}, "purpose": "test"}, nil)
	var c struct{ User, Claim string }
	s.MustCall(http.MethodPost, "/claims", map[string]any{"account": name}, &c)
	return enrol(t, s, c.User, c.Claim)
}

// listener is a subscriber whose session waits for it while it is away.
type listener struct {
	client  *paho.Client
	resumed bool
	took    chan *paho.Publish
}

func listen(ctx context.Context, t *testing.T, s *servertest.Server, cert *tls.Certificate) *listener {
	t.Helper()
	conn, err := (&tls.Dialer{Config: s.TLS(*cert)}).DialContext(ctx, "tcp", s.Addr.MQTTS)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{took: make(chan *paho.Publish, 10_000)}
	l.client = paho.NewClient(paho.ClientConfig{
		ClientID: "listener", Conn: packets.NewThreadSafeConn(conn), PacketTimeout: 20 * time.Second,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) { l.took <- p.Packet; return true, nil }},
	})
	day := uint32(86_400)
	ack, err := l.client.Connect(ctx, &paho.Connect{ClientID: "listener", KeepAlive: 30, CleanStart: false, Properties: &paho.ConnectProperties{SessionExpiryInterval: &day}})
	if err != nil {
		t.Fatal(err)
	}
	l.resumed = ack.SessionPresent
	return l
}

// TestASubscriberThatIsAwayWhileTheServerIsKilledGetsEveryAcknowledgedMessage publishes from three devices while the
// subscriber is away, kills the server twice, and lets the subscriber come back.
func TestASubscriberThatIsAwayWhileTheServerIsKilledGetsEveryAcknowledgedMessage(t *testing.T) {
	p := servertest.NewProcess(t)
	s := p.Start()
	s.ApplyTypes()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	app := application(t, s, "billing")
	l := listen(ctx, t, s, app)
	if _, err := l.client.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: "things/+/telemetry/#", QoS: 1}}}); err != nil {
		t.Fatal(err)
	}
	if err := l.client.Disconnect(&paho.Disconnect{}); err != nil {
		t.Fatal(err)
	}
	devices := map[string]*tls.Certificate{}
	for i := range 3 {
		id, claim := s.Device("air-quality", fmt.Sprintf("air-%d", i))
		devices[id] = enrol(t, s, id, claim)
	}
	acked := map[string][]int{}
	for round := range 2 {
		for id, cert := range devices {
			acked[id] = append(acked[id], publishSome(ctx, t, s, cert, id, round*100)...)
		}
		p.Kill() // right after the last acknowledgement
		s = p.Start()
	}
	l = listen(ctx, t, s, app)
	if !l.resumed {
		t.Fatal("the session was lost")
	}
	compare(ctx, t, l, acked)
}

// publishSome publishes twenty readings that count up from first and returns those that were acknowledged.
func publishSome(ctx context.Context, t *testing.T, s *servertest.Server, cert *tls.Certificate, id string, first int) []int {
	t.Helper()
	c, err := client(ctx, s, cert, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	var acked []int
	for n := first; n < first+20; n++ {
		resp, err := c.Publish(ctx, &paho.Publish{Topic: protocol.TelemetryTopic(id, "air"), QoS: 1, Payload: fmt.Appendf(nil, `{"co2":%d}`, 400+n)})
		if err != nil || resp.ReasonCode >= 0x80 {
			t.Fatalf("reading %d: %v, %v", n, resp, err)
		}
		acked = append(acked, 400+n)
	}
	return acked
}

// compare takes messages until each device's acknowledged ones have come, in their order; repeats are allowed.
func compare(ctx context.Context, t *testing.T, l *listener, acked map[string][]int) {
	t.Helper()
	total, got, have := 0, map[string][]int{}, 0
	for _, list := range acked {
		total += len(list)
	}
	for have < total {
		select {
		case <-ctx.Done():
			t.Fatalf("%d of %d acknowledged messages came: %v", have, total, got)
		case m := <-l.took:
			topic, ok := protocol.ParseTopic(m.Topic)
			var v struct{ CO2 int }
			if err := json.NewDecoder(bytes.NewReader(m.Payload)).Decode(&v); err != nil || !ok {
				t.Fatalf("%s %s: %v", m.Topic, m.Payload, err)
			}
			if !slices.Contains(got[topic.Device], v.CO2) {
				got[topic.Device], have = append(got[topic.Device], v.CO2), have+1
			}
		}
	}
	for id, want := range acked {
		if !slices.Equal(got[id], want) {
			t.Errorf("device %s: got %v, want %v", id, got[id], want)
		}
	}
}
