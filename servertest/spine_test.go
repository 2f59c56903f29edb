package servertest_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"github.com/thingward/thingward/agent"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// device starts a device's agent and returns it once it is online.
func device(t *testing.T, s *servertest.Server, id, claim string) *agent.Agent {
	t.Helper()
	a, err := agent.New(agent.Config{
		Dir: t.TempDir(), Server: "https://" + s.Addr.HTTPS, Broker: s.Addr.MQTTS, Root: s.Root, Device: id, Claim: claim, Heartbeat: time.Second,
		Inventory: func() protocol.Inventory {
			return protocol.Inventory{Firmware: "2.4.1", RootServices: []string{}, OpenPorts: []protocol.Port{}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = a.Run(ctx) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	servertest.Eventually(t, "the agent is online", a.Online)
	return a
}

// client is an MQTT client of another maker, connected with a certificate.
func client(ctx context.Context, s *servertest.Server, cert *tls.Certificate, name string, took chan<- *paho.Publish) (*paho.Client, error) {
	d := tls.Dialer{Config: s.TLS(*cert)}
	conn, err := d.DialContext(ctx, "tcp", s.Addr.MQTTS)
	if err != nil {
		return nil, err
	}
	cfg := paho.ClientConfig{ClientID: name, Conn: packets.NewThreadSafeConn(conn), PacketTimeout: 20 * time.Second}
	if took != nil {
		cfg.OnPublishReceived = []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) { took <- p.Packet; return true, nil }}
	}
	c := paho.NewClient(cfg)
	_, err = c.Connect(ctx, &paho.Connect{ClientID: name, KeepAlive: 30, CleanStart: true})
	return c, err
}

func TestADeviceEnrolsSpeaksIsCutOffAndAllOfItIsProvable(t *testing.T) {
	s := servertest.Start(t)
	s.ApplyTypes()
	id, claim := s.Device("door-lock", "lock-one")
	a := device(t, s, id, claim)

	if err := a.Telemetry("power", []byte(`{"battery": 71.5}`)); err != nil {
		t.Fatal(err)
	}
	servertest.Eventually(t, "telemetry can be read", func() bool {
		_, body := s.Call(http.MethodGet, "/devices/lock-one/telemetry?property=battery", nil, nil)
		return strings.Contains(string(body), "71.5")
	})
	servertest.Eventually(t, "the inventory is known", func() bool {
		_, body := s.Call(http.MethodGet, "/devices/lock-one/twin", nil, nil)
		return strings.Contains(string(body), `"2.4.1"`)
	})

	// A foreign topic is refused and the refusal is an event.
	if err := a.Publish(protocol.TelemetryTopic("01900000-0000-7000-8000-000000000000", "power"), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	servertest.Eventually(t, "the refusal is an event", func() bool { return has(s, "/events?type=publish.refused", id) })

	// The claim is used up.
	if _, err := agentWith(t, s, id, claim); err == nil || !strings.Contains(err.Error(), "refused (401)") {
		t.Errorf("a used claim: %v", err)
	}

	revoke(t, s, id)
	servertest.Eventually(t, "the session is cut", func() bool { return !a.Online() })
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if c, err := client(ctx, s, a.Certificate(), id, nil); err == nil {
		_ = c.Disconnect(&paho.Disconnect{})
		t.Error("a revoked certificate connected")
	}
	var verified struct{ OK bool }
	s.MustCall(http.MethodPost, "/audit/verify", map[string]any{}, &verified)
	if !verified.OK {
		t.Error("the audit log does not verify")
	}
}

func has(s *servertest.Server, path, want string) bool {
	status, body := s.Call(http.MethodGet, path, nil, nil)
	return status == http.StatusOK && strings.Contains(string(body), want)
}

func agentWith(t *testing.T, s *servertest.Server, id, claim string) (*agent.Agent, error) {
	t.Helper()
	a, err := agent.New(agent.Config{Dir: t.TempDir(), Server: "https://" + s.Addr.HTTPS, Broker: s.Addr.MQTTS, Root: s.Root, Device: id, Claim: claim})
	if err != nil {
		t.Fatal(err)
	}
	return a, a.Enrol(context.Background())
}

func revoke(t *testing.T, s *servertest.Server, id string) {
	t.Helper()
	var list struct {
		Items []struct{ Serial, State string }
	}
	s.MustCall(http.MethodGet, "/certificates?subject="+id, nil, &list)
	if len(list.Items) == 0 {
		t.Fatal("the device has no certificate")
	}
	for _, c := range list.Items {
		s.MustCall(http.MethodPost, "/certificates/"+c.Serial+"/revoke", map[string]any{"reason": "test"}, nil)
	}
}

func TestQuarantineLeavesTheTwinOnly(t *testing.T) {
	s := servertest.Start(t)
	s.ApplyTypes()
	id, claim := s.Device("thermostat", "thermo-one")
	a := device(t, s, id, claim)
	s.MustCall(http.MethodPost, "/devices/thermo-one/quarantine", map[string]any{"reason": "test"}, nil)
	servertest.Eventually(t, "the quarantine is an event", func() bool { return has(s, "/events?type=device.quarantined", id) })
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := client(ctx, s, a.Certificate(), id+"-tool", nil)
	if err != nil {
		t.Fatalf("a quarantined device keeps its twin: %v", err)
	}
	if resp, err := c.Publish(ctx, &paho.Publish{Topic: protocol.ReportedTopic(id), QoS: 1, Payload: []byte(`{"properties":{}}`)}); err != nil || resp.ReasonCode >= 0x80 {
		t.Errorf("twin: %+v, %v", resp, err)
	}
	if resp, err := c.Publish(ctx, &paho.Publish{Topic: protocol.TelemetryTopic(id, "climate"), QoS: 1, Payload: []byte(`{"temperature":20}`)}); err == nil && resp.ReasonCode < 0x80 {
		t.Errorf("telemetry of a quarantined device was taken: %+v", resp)
	}
}

// TestKilledWhilePublishingLosesNothingAcknowledged kills the server at random moments under load.
func TestKilledWhilePublishingLosesNothingAcknowledged(t *testing.T) {
	p := servertest.NewProcess(t)
	s := p.Start()
	s.ApplyTypes()
	id, claim := s.Device("air-quality", "air-one")
	a, err := agentWith(t, s, id, claim)
	if err != nil {
		t.Fatal(err)
	}
	acked := map[string]bool{}
	for round := range 4 {
		publishUntilKilled(t, s, p, a, id, round, acked)
		s = p.Start()
	}
	if len(acked) == 0 {
		t.Fatal("nothing was acknowledged: the test tested nothing")
	}
	servertest.Eventually(t, fmt.Sprintf("all %d acknowledged readings are stored", len(acked)), func() bool { return len(missing(s, acked)) == 0 })
	var verified struct{ OK bool }
	s.MustCall(http.MethodPost, "/audit/verify", map[string]any{}, &verified)
	if !verified.OK {
		t.Error("the audit log does not verify after kills")
	}
	t.Logf("%d acknowledged readings over 4 kills, none missing", len(acked))
}

// publishUntilKilled publishes readings with distinct times and values, and kills the server in the middle.
func publishUntilKilled(t *testing.T, s *servertest.Server, p *servertest.Process, a *agent.Agent, id string, round int, acked map[string]bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := client(ctx, s, a.Certificate(), id, nil)
	if err != nil {
		t.Fatal(err)
	}
	killed := make(chan struct{})
	defer func() { <-killed }()
	for i := 0; ; i++ {
		at := time.Now().UTC().Truncate(time.Microsecond)
		value := fmt.Sprintf("%d", 1000*round+i+1)
		body := fmt.Sprintf(`{"time":%q,"co2":%s}`, at.Format(time.RFC3339Nano), value)
		resp, err := c.Publish(ctx, &paho.Publish{Topic: protocol.TelemetryTopic(id, "air"), QoS: 1, Payload: []byte(body)})
		if err != nil || resp == nil {
			if i <= 5+4*round {
				close(killed)
				t.Fatalf("refused before the kill: %v", err)
			}
			return
		}
		acked[value] = true
		if i == 5+4*round { // the kill falls anywhere in what follows
			go func() { defer close(killed); p.Kill(); cancel() }()
		}
		time.Sleep(2 * time.Millisecond) // the device type allows no flood
	}
}

func missing(s *servertest.Server, acked map[string]bool) []string {
	var out struct {
		Series []struct {
			Points [][2]float64
		}
	}
	if status, _ := s.Call(http.MethodGet, "/devices/air-one/telemetry?property=co2&points=1000", nil, &out); status != http.StatusOK {
		return []string{"all"}
	}
	seen := map[string]bool{}
	for _, series := range out.Series {
		for _, pt := range series.Points {
			seen[fmt.Sprintf("%d", int(pt[1]))] = true
		}
	}
	var gone []string
	for v := range acked {
		if !seen[v] {
			gone = append(gone, v)
		}
	}
	return gone
}

// TestKilledWhileEnrollingLosesNoCertificate kills the server while devices enrol: whoever got a certificate finds it in
// the list, in use, with its audit entry.
func TestKilledWhileEnrollingLosesNoCertificate(t *testing.T) {
	p := servertest.NewProcess(t)
	s := p.Start()
	s.ApplyTypes()
	type pending struct{ id, claim string }
	var all []pending
	for i := range 60 {
		id, claim := s.Device("thermostat", fmt.Sprintf("thermo-%03d", i))
		all = append(all, pending{id, claim})
	}
	got := map[string]string{}
	for _, d := range all {
		dir := t.TempDir()
		a, err := agent.New(agent.Config{Dir: dir, Server: "https://" + s.Addr.HTTPS, Broker: s.Addr.MQTTS, Root: s.Root, Device: d.id, Claim: d.claim})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		err = a.Enrol(ctx)
		cancel()
		if err != nil {
			break
		}
		got[d.id] = fmt.Sprintf("%x", a.Certificate().Leaf.SerialNumber)
		if len(got) == 8 { // the kill falls anywhere in what follows
			go p.Kill()
		}
	}
	p.Kill()
	if len(got) == 0 || len(got) == len(all) {
		t.Fatalf("%d of %d enrolled before the kill: the kill came at no useful moment", len(got), len(all))
	}
	s = p.Start()
	for id, serial := range got {
		if !has(s, "/certificates?subject="+id, strings.TrimLeft(serial, "0")) {
			t.Errorf("device %s holds certificate %s, which the server does not know", id, serial)
		}
	}
	var verified struct{ OK bool }
	s.MustCall(http.MethodPost, "/audit/verify", map[string]any{}, &verified)
	if !verified.OK {
		t.Error("the audit log does not verify")
	}
}

func TestSetupKilledHalfWayGoesOn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	for i := range 6 {
		ctx, cancel := context.WithCancel(context.Background())
		if i < 5 {
			time.AfterFunc(time.Duration(i*15)*time.Millisecond, cancel)
		}
		err := servertest.SetupIn(ctx, dir)
		cancel()
		if err == nil {
			break
		}
		if i == 5 {
			t.Fatal(err)
		}
	}
	if err := servertest.SetupIn(context.Background(), dir); !errors.Is(err, servertest.ErrSetUp) {
		t.Errorf("second setup: %v", err)
	}
	servertest.StartOn(t, dir)
}
