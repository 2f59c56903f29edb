// Package probe tries on the running system what controls forbid: it speaks to the process's own listeners as a stranger
// would, asks the policies in force, reads the API's own description and looks at process and host through the kernel.
// Tries that need a domain's inside are handed in.
//
// Attempts at listeners come from addresses in 127.84.0.0/16, a new one each time, so that whoever reads the events of
// refusals can tell self-tests from attacks and no counter takes them for one.
package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/posture"
)

// Target is a listener of this process as it is documented.
type Target struct {
	Name       string // mqtts, https, ocsp, ops …
	Network    string // tcp or udp
	Address    string // as bound
	TLS        bool   // or DTLS on udp
	Plain      string // why it needs no TLS; only where TLS is false
	ClientCert bool   // a client certificate is required before anything else
	MQTT       bool   // speaks MQTT on the connection itself
	WebSocket  string // path of MQTT over WebSocket; empty: none
	API        bool   // serves the API and EST
}

// Decider asks the policies in force.
type Decider interface {
	Decide(ctx context.Context, p access.Principal, need access.Permission, on access.Resource) access.Decision
}

// Publisher is the event intake.
type Publisher interface {
	Publish(ev fleet.Event) error
}

// Config says what can be tried. What is left out makes its probes unknown names (posture.ErrNoProbe), never passes.
type Config struct {
	Clock   clock.Clock
	Targets []Target
	Roots   *x509.CertPool // trust anchors of the server's certificates
	Host    string         // a name in them; localhost when empty
	// Identity gives a certificate of a client without any right, and its account's id, for tries after the handshake.
	Identity func(ctx context.Context) (cert tls.Certificate, id string, err error)
	Policy   Decider
	OpenAPI  func() ([]byte, error) // the API's description
	Events   Publisher
	Watch    func(fn func(fleet.Event)) (stop func(), err error) // events as they happen
	Proc     string                                              // the kernel's view of processes; /proc when empty
	Root     string                                              // prefix of the host's files; empty outside of tests
	Tries    map[string]Try                                      // tries that need a domain's inside
}

// Try makes one try.
type Try func(ctx context.Context) (posture.ProbeResult, error)

// Prober makes tries by name.
type Prober struct {
	Config
	tries map[string]Try
	own   sync.Mutex // one session of the client with an identity at a time

	mu   sync.Mutex
	next uint16
}

// patience is how long a listener may take to answer a try.
const patience = 3 * time.Second

// New makes a Prober.
func New(c Config) *Prober {
	if c.Host == "" {
		c.Host = "localhost"
	}
	if c.Proc == "" {
		c.Proc = "/proc"
	}
	p := &Prober{Config: c, tries: map[string]Try{}}
	for _, group := range []map[string]Try{p.network(), p.client(), p.description(), p.policy(), p.kernel(), p.event(), c.Tries} {
		for name, try := range group {
			p.tries[name] = try
		}
	}
	return p
}

// Names lists what can be tried here.
func (p *Prober) Names() (names []string) {
	for name := range p.tries {
		names = append(names, name)
	}
	return names
}

// Probe makes a try.
func (p *Prober) Probe(ctx context.Context, name string) (posture.ProbeResult, error) {
	try := p.tries[name]
	if try == nil {
		return posture.ProbeResult{}, posture.ErrNoProbe
	}
	r, err := try(ctx)
	if r.At.IsZero() {
		r.At = p.Clock.Now()
	}
	return r, err
}

// held is a try whose rule held, broke one whose rule did not.
func held(format string, args ...any) posture.ProbeResult {
	return posture.ProbeResult{Attempted: true, Held: true, Detail: fmt.Sprintf(format, args...)}
}

func broke(format string, args ...any) posture.ProbeResult {
	return posture.ProbeResult{Attempted: true, Detail: fmt.Sprintf(format, args...)}
}

// none is a try for which there is nothing here.
func none(format string, args ...any) posture.ProbeResult {
	return posture.ProbeResult{None: true, Detail: fmt.Sprintf(format, args...)}
}

// unclear is a try that came to no result.
func unclear(format string, args ...any) posture.ProbeResult {
	return posture.ProbeResult{Detail: fmt.Sprintf(format, args...)}
}

// Refused makes a Try of something that must be refused: try attempts it and gives the error it got. An error with one of
// fleet's codes (but not "unavailable") is a refusal; none means that the rule does not hold; any other is no result.
func Refused(what string, try func(ctx context.Context) error) Try {
	return func(ctx context.Context) (posture.ProbeResult, error) {
		err := try(ctx)
		switch fleet.CodeOf(err) {
		case fleet.CodeInvalid, fleet.CodeForbidden, fleet.CodeConflict, fleet.CodeUnauthenticated, fleet.CodeNotFound:
			return held("%s was refused", what), nil
		default:
			if err == nil {
				return broke("%s was accepted", what), nil
			}
			return unclear("%s ended without a result", what), err
		}
	}
}

// Shown makes a Try of something that must be seen: see reports whether it was. An error is no result.
func Shown(what string, see func(ctx context.Context) (bool, error)) Try {
	return func(ctx context.Context) (posture.ProbeResult, error) {
		ok, err := see(ctx)
		switch {
		case err != nil:
			return unclear("%s ended without a result", what), err
		case ok:
			return held("%s", what), nil
		default:
			return broke("not seen: %s", what), nil
		}
	}
}

// dial connects to a target as a stranger. The address it comes from is a new one of 127.84.0.0/16 where the target can be
// reached from there, else whatever the system chooses.
func (p *Prober) dial(ctx context.Context, t Target) (net.Conn, string, error) {
	address := reachable(t.Address)
	d := net.Dialer{Timeout: patience}
	if from := p.source(address); from != nil {
		d.LocalAddr = from
	}
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil && d.LocalAddr != nil {
		d.LocalAddr = nil
		conn, err = d.DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return nil, "", fmt.Errorf("%s does not answer: %w", t.Name, err)
	}
	_ = conn.SetDeadline(time.Now().Add(patience)) // of the connection, which knows no other clock
	from, _, _ := net.SplitHostPort(conn.LocalAddr().String())
	return conn, from, nil
}

// source is the next address to come from, nil where the target is no IPv4 loopback address.
func (p *Prober) source(address string) net.Addr {
	host, _, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); ip == nil || ip.To4() == nil || !ip.IsLoopback() {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next++
	return &net.TCPAddr{IP: net.IPv4(127, 84, byte(p.next>>8), byte(p.next))}
}

// From tells whether an address is one that tries come from.
func From(address string) bool {
	ip := net.ParseIP(address).To4()
	return ip != nil && ip[0] == 127 && ip[1] == 84
}

// reachable turns the address a listener is bound to into one that can be dialled.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// each makes a try at each target that fits and puts the results together: the first that does not hold decides, then the
// first without a result. what says what held, of the targets named.
func (p *Prober) each(ctx context.Context, fits func(Target) bool, what string, try func(ctx context.Context, t Target) posture.ProbeResult) (posture.ProbeResult, error) {
	names := ""
	result := posture.ProbeResult{}
	for _, t := range p.Targets {
		if t.Network == "udp" || !fits(t) {
			continue
		}
		r := try(ctx, t)
		switch {
		case r.Attempted && !r.Held:
			return r, nil
		case !r.Attempted && result.Detail == "":
			result = r
		}
		if names != "" {
			names += ", "
		}
		names += t.Name
	}
	switch {
	case names == "":
		return unclear("there is no listener to try"), nil
	case result.Detail != "":
		return result, nil
	default:
		return held("%s: %s", names, what), nil
	}
}
