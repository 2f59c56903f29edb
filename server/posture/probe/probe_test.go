package probe

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
)

// TestTriesHoldAndBreak makes each try at a server without faults and at one with the fault that it is there to find.
func TestTriesHoldAndBreak(t *testing.T) {
	for name, fault := range map[string]faults{
		"tcp.plaintext":           {plainHTTP: true},
		"mqtt.plaintext-password": {plainMQTT: true},
		"est.plaintext":           {plainHTTP: true, est: true},
		"tcp.uncertified":         {noClientCert: true},
		"mqtt.password-only":      {webSocket: true},
		"tls.scan":                {oldTLS: true},
		"mqtt.foreign-publish":    {taken: true},
		"mqtt.foreign-subscribe":  {subscribed: true},
		"mqtt.alias":              {alias: true},
		"mqtt.oversize":           {oversize: true},
		"api.anonymous":           {anonymous: true},
		"api.false-token":         {token: true},
		"est.no-evidence":         {est: true},
		"est.central-generation":  {keygen: true},
		"surface.failures":        {silent: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := New(newWorld(t, faults{}).config)
			r, err := good.Probe(t.Context(), name)
			if err != nil || !r.Attempted || !r.Held || r.Detail == "" {
				t.Errorf("without fault: %+v %v", r, err)
			}
			bad := New(newWorld(t, fault).config)
			r, err = bad.Probe(t.Context(), name)
			if err != nil || !r.Attempted || r.Held || r.Detail == "" {
				t.Errorf("with fault: %+v %v", r, err)
			}
		})
	}
}

func TestScanFindsWeakSuites(t *testing.T) {
	p := New(newWorld(t, faults{rsa: true}).config)
	r, err := p.Probe(t.Context(), "tls.scan")
	if err != nil || !r.Attempted || r.Held || !strings.Contains(r.Detail, "CBC") {
		t.Errorf("%+v %v", r, err)
	}
	if r, err := p.Probe(t.Context(), "tls.forward-secrecy"); err != nil || !r.Held {
		t.Errorf("%+v %v", r, err)
	}
}

func TestWhatCannotBeTriedIsNoPass(t *testing.T) {
	w := newWorld(t, faults{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	_ = l.Close()
	c := w.config
	c.Targets = slices.Clone(c.Targets)
	for i := range c.Targets {
		c.Targets[i].Address = closed
	}
	p := New(c)
	for name := range p.network() {
		if r, err := p.Probe(t.Context(), name); r.Attempted || r.Held || (err == nil && r.Detail == "") {
			t.Errorf("%s against a closed port: %+v %v", name, r, err)
		}
	}
	for _, name := range []string{"mqtt.foreign-publish", "api.anonymous", "api.false-token", "est.no-evidence", "surface.failures"} {
		if r, _ := p.Probe(t.Context(), name); r.Attempted || r.Held {
			t.Errorf("%s against a closed port: %+v", name, r)
		}
	}
	bare := New(Config{Clock: c.Clock})
	for _, name := range []string{"tcp.plaintext", "mqtt.alias", "api.protected", "policy.roles", "event.incomplete", "surface.failures", "no.such", "sockets.documented"} {
		if _, err := bare.Probe(t.Context(), name); !errors.Is(err, posture.ErrNoProbe) {
			t.Errorf("%s with nothing to try: %v", name, err)
		}
	}
}

func TestUntrustedServerIsNoResult(t *testing.T) {
	w := newWorld(t, faults{})
	w.config.Roots = newWorld(t, faults{}).roots
	if r, err := New(w.config).Probe(t.Context(), "tcp.uncertified"); err != nil || r.Attempted {
		t.Errorf("a server of another authority: %+v %v", r, err)
	}
}

func TestPlainListenersNeedAReason(t *testing.T) {
	w := newWorld(t, faults{plainHTTP: true})
	w.config.Targets[1].TLS, w.config.Targets[1].API = false, false
	if r, _ := New(w.config).Probe(t.Context(), "tcp.plaintext"); r.Held || !strings.Contains(r.Detail, "no reason") {
		t.Errorf("%+v", r)
	}
	w.config.Targets[1].Plain = "its answers are signed"
	if r, _ := New(w.config).Probe(t.Context(), "tcp.plaintext"); r.Held || !strings.Contains(r.Detail, "serves the API") {
		t.Errorf("a plain listener that serves the API: %+v", r)
	}
}

func TestRefusedAndShown(t *testing.T) {
	for name, c := range map[string]struct {
		err             error
		attempted, held bool
	}{
		"refused":     {fleet.Invalid("name", "is off the convention"), true, true},
		"accepted":    {nil, true, false},
		"broken":      {errors.New("disk on fire"), false, false},
		"unavailable": {fleet.Errorf(fleet.CodeUnavailable, "later"), false, false},
	} {
		r, err := Refused("a bad name", func(context.Context) error { return c.err })(t.Context())
		if r.Attempted != c.attempted || r.Held != c.held || (err == nil) != c.attempted {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
	for _, seen := range []bool{true, false} {
		if r, err := Shown("rates", func(context.Context) (bool, error) { return seen, nil })(t.Context()); err != nil || !r.Attempted || r.Held != seen {
			t.Errorf("%v: %+v %v", seen, r, err)
		}
	}
	if r, err := Shown("rates", func(context.Context) (bool, error) { return true, errors.New("no") })(t.Context()); err == nil || r.Attempted {
		t.Errorf("%+v %v", r, err)
	}
}
