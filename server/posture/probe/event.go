package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
)

// event is what is tried at the event intake, and what must arrive there.
func (p *Prober) event() map[string]Try {
	tries := map[string]Try{}
	if p.Events != nil {
		tries["event.incomplete"] = p.incomplete
	}
	if p.Watch != nil && len(p.Targets) > 0 {
		tries["surface.failures"] = p.failures
	}
	return tries
}

// incomplete hands the intake events that each lack one of the fields that MSU-05 asks for.
func (p *Prober) incomplete(context.Context) (posture.ProbeResult, error) {
	for field, spoil := range map[string]func(*fleet.Event){
		"initiator": func(e *fleet.Event) { e.Initiator = fleet.Party{} },
		"receiver":  func(e *fleet.Event) { e.Receiver = fleet.Party{} },
		"time":      func(e *fleet.Event) { e.Time = time.Time{} },
		"type":      func(e *fleet.Event) { e.Type = "" },
		"gate":      func(e *fleet.Event) { delete(e.Data, "gate") },
	} {
		ev := fleet.NewEvent("gate.tested", p.Clock.Now(), fleet.Server("posture"), fleet.Server("posture"), map[string]any{"gate": "MSU-05/complete-events", "result": "self-test"})
		spoil(&ev)
		err := p.Events.Publish(ev)
		if err == nil {
			return broke("an event without its %s was accepted", field), nil
		}
		if !strings.Contains(strings.ToLower(err.Error()), field) {
			return broke("an event without its %s was refused, but the refusal does not name it", field), nil
		}
	}
	return held("events without initiator, receiver, time, type or data are refused, and each refusal names the field"), nil
}

// failures fails on purpose at every surface that takes remote access and waits for the event of each.
func (p *Prober) failures(ctx context.Context) (posture.ProbeResult, error) {
	w := &waiting{from: map[string]string{}, used: map[string]bool{}, done: make(chan struct{})}
	stop, err := p.Watch(w.saw)
	if err != nil {
		return unclear("events cannot be watched"), err
	}
	defer stop()
	for _, t := range p.Targets {
		if t.Network == "udp" || !t.TLS || (!t.API && !t.ClientCert) {
			continue
		}
		if err := p.fail(ctx, t, w); err != nil {
			return unclear("%s does not answer", t.Name), err
		}
	}
	if len(w.surfaces) == 0 {
		return unclear("there is no surface to fail at"), nil
	}
	w.all()
	select {
	case <-w.done:
		return held("a failure at each of %s was reported", strings.Join(w.surfaces, ", ")), nil
	case <-ctx.Done():
		return unclear("the wait for events was broken off"), ctx.Err()
	case <-time.After(patience): // the events are real ones, so the wait is too
		return broke("a failure at %s was not reported", w.names()), nil
	}
}

// fail makes one failing attempt at a surface, from an address of its own.
func (p *Prober) fail(ctx context.Context, t Target, w *waiting) error {
	conn, from, err := p.dial(ctx, t)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if !w.expect(from, t.Name) {
		return fmt.Errorf("%s: its attempt cannot be told from another by its address", t.Name)
	}
	c := tls.Client(conn, &tls.Config{RootCAs: p.Roots, ServerName: p.Host, MinVersion: tls.VersionTLS12})
	if t.API {
		request := fmt.Sprintf("GET /api/v1/whoami HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n", p.Host, secret())
		if status, ok := statusLine(exchange(c, []byte(request))); !ok || status != http.StatusUnauthorized {
			return fmt.Errorf("%s answers a false token with status %d", t.Name, status)
		}
		return nil
	}
	_ = c.HandshakeContext(ctx) // must fail, or seem to succeed and be refused at the first read
	_ = exchange(c, connect("self-test", "", ""))
	return nil
}

// waiting is for events that must come, by the address that each attempt came from.
type waiting struct {
	mu       sync.Mutex
	from     map[string]string // address → surface
	surfaces []string
	used     map[string]bool
	closed   bool
	ready    bool
	done     chan struct{}
}

// expect notes an attempt; it is false where an earlier one came from the same address.
func (w *waiting) expect(from, surface string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.used[from] {
		return false
	}
	w.used[from], w.from[from] = true, surface
	w.surfaces = append(w.surfaces, surface)
	return true
}

func (w *waiting) saw(ev fleet.Event) {
	if ev.Type != "login.failed" && ev.Type != "connection.refused" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.from, ev.Initiator.Address)
	w.check()
}

// all says that no more attempts come.
func (w *waiting) all() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ready = true
	w.check()
}

func (w *waiting) check() {
	if w.ready && len(w.from) == 0 && !w.closed {
		w.closed = true
		close(w.done)
	}
}

// names lists the surfaces that are waited for, in the order of the alphabet.
func (w *waiting) names() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(sorted(w.from), ", ")
}

func sorted(m map[string]string) (values []string) {
	for _, v := range m {
		values = append(values, v)
	}
	slices.Sort(values)
	return values
}
