package demo

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"github.com/thingward/thingward/protocol"
)

// firmware is what devices of a type run: the version their baseline asks for, and one that is too old.
var firmware = map[string][2]string{
	"thermostat": {"3.4.0", "3.0.9"}, "door-lock": {"2.4.1", "2.3.8"}, "camera": {"5.1.2", "4.9.0"}, "air-quality": {"1.8.3", "1.6.0"}, "gateway": {"6.1.0", "5.8.1"},
}

// Addresses that misbehaviour comes from, so that it can be told from the fleet (all on the loopback network).
const (
	thiefAddress    = "127.0.0.2"
	strangerAddress = "127.0.0.3"
	guesserAddress  = "127.0.0.4"
)

// act is one piece of misbehaviour. Each is done for real, from outside, through the same doors as everything else.
type act struct {
	name string
	do   func(*fleetPlan, context.Context) error
}

var acts = []act{
	{"a stolen certificate is used from another address", (*fleetPlan).stolenCertificate},
	{"six connection attempts with a foreign certificate", (*fleetPlan).foreignCertificate},
	{"a device publishes on another device's topic", (*fleetPlan).outsideACL},
	{"a message far above the size limit", (*fleetPlan).tooLarge},
	{"an unknown device asks for a certificate", (*fleetPlan).unknownDevice},
	{"someone guesses an operator's password", (*fleetPlan).guessPassword},
	{"a lock's housing is opened", (*fleetPlan).tamper},
}

// misbehave repeats the acts, one after the other.
func (f *fleetPlan) misbehave(ctx context.Context, say func(string, ...any)) {
	pause := 10 * time.Second
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		a := acts[i%len(acts)]
		if err := a.do(f, ctx); err != nil && ctx.Err() == nil {
			say("misbehaviour that did not go as planned: %s: %v", a.name, err)
		}
		if i == len(acts)-1 {
			pause = 2 * time.Minute
		}
	}
}

// victim is a device of a type that is enrolled; a different one in each round.
func (f *fleetPlan) victim(typ string) (*thing, error) {
	var fit []*thing
	for _, t := range f.things {
		select {
		case <-t.enrolled:
			if t.typ == typ {
				fit = append(fit, t)
			}
		default:
		}
	}
	if len(fit) == 0 {
		return nil, fmt.Errorf("no %s is enrolled yet", typ)
	}
	return fit[int(time.Now().Unix()/120)%len(fit)], nil
}

// connect opens an MQTT session from an address with a certificate; the refusal is what the demo is about, so it is
// returned apart from faults of the demo itself.
func (f *fleetPlan) connect(ctx context.Context, from, client string, cert *tls.Certificate) (c *paho.Client, refused error) {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(f.root)
	d := tls.Dialer{
		NetDialer: &net.Dialer{Timeout: 5 * time.Second, LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}},
		Config:    &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{*cert}},
	}
	conn, err := d.DialContext(ctx, "tcp", f.addr.MQTTS)
	if err != nil {
		return nil, err
	}
	c = paho.NewClient(paho.ClientConfig{ClientID: client, Conn: packets.NewThreadSafeConn(conn), PacketTimeout: 5 * time.Second})
	if _, err := c.Connect(ctx, &paho.Connect{ClientID: client, KeepAlive: 30, CleanStart: true}); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

func (f *fleetPlan) stolenCertificate(ctx context.Context) error {
	t, err := f.victim("door-lock")
	if err != nil {
		return err
	}
	for range 2 {
		if c, refused := f.connect(ctx, thiefAddress, t.id, t.agent.Certificate()); refused == nil {
			_ = c.Disconnect(&paho.Disconnect{})
			return fmt.Errorf("the thief got in as %s", t.name)
		}
	}
	return nil
}

func (f *fleetPlan) foreignCertificate(ctx context.Context) error {
	cert, err := selfSigned("stranger", "")
	if err != nil {
		return err
	}
	for range 6 {
		if c, refused := f.connect(ctx, strangerAddress, "stranger", cert); refused == nil {
			_ = c.Disconnect(&paho.Disconnect{})
			return fmt.Errorf("a stranger got in")
		}
	}
	return nil
}

func (f *fleetPlan) outsideACL(ctx context.Context) error {
	t, err := f.victim("camera")
	if err != nil {
		return err
	}
	lock, err := f.victim("door-lock")
	if err != nil {
		return err
	}
	c, refused := f.connect(ctx, "127.0.0.1", t.id+"-tool", t.agent.Certificate())
	if refused != nil {
		return fmt.Errorf("%s could not connect: %w", t.name, refused)
	}
	defer func() { _ = c.Disconnect(&paho.Disconnect{}) }()
	for range 10 {
		resp, err := c.Publish(ctx, &paho.Publish{Topic: protocol.CommandTopic(lock.id, "unlock"), QoS: 1, Payload: []byte(`{"seconds":30}`)})
		if resp == nil {
			return nil // cut off: that is an answer too
		}
		if resp.ReasonCode != packets.PubackNotAuthorized {
			return fmt.Errorf("a camera could send a command to a lock: %d, %w", resp.ReasonCode, err)
		}
	}
	return nil
}

func (f *fleetPlan) tooLarge(ctx context.Context) error {
	t, err := f.victim("thermostat")
	if err != nil {
		return err
	}
	for range 3 {
		c, refused := f.connect(ctx, "127.0.0.1", t.id+"-tool", t.agent.Certificate())
		if refused != nil {
			return fmt.Errorf("%s could not connect: %w", t.name, refused)
		}
		resp, err := c.Publish(ctx, &paho.Publish{Topic: protocol.TelemetryTopic(t.id, "climate"), QoS: 1, Payload: make([]byte, 400_000)})
		if err == nil && resp != nil && resp.ReasonCode == 0 {
			return fmt.Errorf("a message of 400 kB was taken")
		}
	}
	return nil
}

// unknownDevice asks for a certificate with a claim that nobody made, and then with a certificate of an unknown maker.
func (f *fleetPlan) unknownDevice(ctx context.Context) error {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(f.root)
	cert, err := selfSigned("Unknown Maker", "UM-0001")
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true, DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(strangerAddress)}}).DialContext,
		TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{*cert}},
	}}
	for _, withClaim := range []bool{true, false} {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+f.addr.HTTPS+"/.well-known/est/simpleenroll", http.NoBody)
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/pkcs10")
		if withClaim {
			req.SetBasicAuth("01900000-0000-7000-8000-000000000000", "not-a-claim")
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
		if resp.StatusCode < http.StatusBadRequest {
			return fmt.Errorf("an unknown device was answered %s", resp.Status)
		}
	}
	return nil
}

func (f *fleetPlan) guessPassword(ctx context.Context) error {
	guesser := *f.op
	guesser.token = ""
	transport := f.op.http.Transport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(guesserAddress)}}).DialContext
	guesser.http = &http.Client{Timeout: 10 * time.Second, Transport: transport}
	for i := range 5 {
		err := guesser.call(ctx, http.MethodPost, "/login", map[string]string{"user": operator, "password": fmt.Sprintf("Summer202%d!", i)}, nil)
		if err == nil {
			return fmt.Errorf("a guessed password was taken")
		}
	}
	return nil
}

// tamper lets a lock report what its own contact saw.
func (f *fleetPlan) tamper(context.Context) error {
	t, err := f.victim("door-lock")
	if err == nil {
		t.happens("tamper", map[string]any{})
	}
	return err
}

// selfSigned is a certificate that no authority of ours has issued.
func selfSigned(name, serial string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name, SerialNumber: serial}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
