package detect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const (
	sendTimeout = 10 * time.Second
	sendLease   = time.Minute     // a delivery that was begun comes again after this, if its process ended
	sendPoll    = 2 * time.Second // how often due deliveries are looked for without being woken
	sendTries   = 5
	answerMost  = 64 << 10 // bytes read of a receiver's answer
)

// sendAgain is how long after which failure the next attempt is made.
var sendAgain = [sendTries - 1]time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}

// sender is the way out: guarded connections, and one worker for each route that has something to send, so that a slow
// receiver delays nobody else's alerts.
type sender struct {
	tls   *tls.Config
	https *http.Client
	local *http.Client // http to the loopback address only
	mu    sync.Mutex
	busy  map[string]bool
	work  sync.WaitGroup
}

func (o *sender) init(anchors []*x509.Certificate) error {
	o.busy = map[string]bool{}
	o.tls = &tls.Config{MinVersion: tls.VersionTLS12}
	if len(anchors) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			return fmt.Errorf("read the system's trust anchors: %w", err)
		}
		for _, a := range anchors {
			pool.AddCert(a)
		}
		o.tls.RootCAs = pool
	}
	o.https, o.local = o.client(false), o.client(true)
	return nil
}

// client follows no redirect (it would carry the alert to a place nobody entered), uses no proxy, and reads little.
func (o *sender) client(loopback bool) *http.Client {
	return &http.Client{
		Timeout:       sendTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: guarded(loopback).DialContext, TLSClientConfig: o.tls.Clone(), ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: sendTimeout, ResponseHeaderTimeout: sendTimeout, MaxResponseHeaderBytes: 16 << 10, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute,
		},
	}
}

var errTarget = errors.New("the name leads to an address where no receiver may be")

// guarded dials; it looks at the address that a name led to, so that a name cannot be turned to point inside afterwards.
func guarded(loopback bool) *net.Dialer {
	return &net.Dialer{Timeout: sendTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || forbidden(to.Addr()) || loopback && !to.Addr().Unmap().IsLoopback() {
			return errTarget
		}
		return nil
	}}
}

func (o *sender) wait() { o.work.Wait() }

// dispatch queues an alert for every route that carries it, in the transaction that raises it.
func (b *batch) dispatch(a *active, al *Alert) error {
	routes, err := scanRoutes(b.tx.Query(routeQuery))
	if err != nil {
		return err
	}
	for _, name := range reach(a, plain(routes)) {
		if err := insertDelivery(b.tx, al.ID, name, b.now); err != nil {
			return err
		}
	}
	if a.Respond && b.Quarantine[a.ID] && al.Subject.Kind == "device" {
		return insertDelivery(b.tx, al.ID, quarantineRoute, b.now)
	}
	return nil
}

func (s *Service) wakeSender() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Service) deliverLoop(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.deliver(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("alerts not delivered, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-s.Clock.After(sendPoll):
		}
	}
}

// deliver starts a worker for every route that has none; each sends what is due and ends.
func (s *Service) deliver(ctx context.Context) error {
	routes, err := scanRoutes(s.DB.Query(ctx, routeQuery))
	if err != nil {
		return err
	}
	for _, r := range routes {
		s.start(ctx, r.Name, func(ctx context.Context, d delivery) error { return s.send(ctx, r, d) })
	}
	if s.Responder != nil {
		s.start(ctx, quarantineRoute, s.quarantine)
	}
	return nil
}

func (s *Service) start(ctx context.Context, route string, send func(context.Context, delivery) error) {
	s.sender.mu.Lock()
	defer s.sender.mu.Unlock()
	if s.sender.busy[route] {
		return
	}
	s.sender.busy[route] = true
	s.sender.work.Go(func() {
		defer func() {
			s.sender.mu.Lock()
			defer s.sender.mu.Unlock()
			delete(s.sender.busy, route)
		}()
		if err := s.drain(ctx, route, send); err != nil && ctx.Err() == nil {
			s.Log.Error("deliveries of a route stopped, trying again", "route", route, "error", err)
		}
	})
}

func (s *Service) drain(ctx context.Context, route string, send func(context.Context, delivery) error) error {
	for ctx.Err() == nil {
		if due, err := s.due(ctx, route); err != nil || !due {
			return err
		}
		var d delivery
		var ok bool
		err := s.DB.Keep(ctx, func(tx *store.Tx) (err error) {
			d, ok, err = claim(tx, route, s.Clock.Now(), sendLease)
			return err
		})
		if err != nil || !ok {
			return err
		}
		if err := s.attempt(ctx, d, send); err != nil {
			return err
		}
	}
	return nil
}

// due looks without taking a writer's turn, which an idle server should not.
func (s *Service) due(ctx context.Context, route string) (bool, error) {
	var n int
	err := s.DB.QueryRow(ctx, "SELECT COUNT(*) FROM detect_delivery WHERE state = 'pending' AND route = ? AND due <= ?", route, store.Time(s.Clock.Now())).Scan(&n)
	return n > 0, err
}

// attempt sends once and writes down how it went. A stop of the server is no failure of the route.
func (s *Service) attempt(ctx context.Context, d delivery, send func(context.Context, delivery) error) error {
	sendCtx, cancel := context.WithTimeout(ctx, sendTimeout)
	failed := send(sendCtx, d)
	cancel()
	if ctx.Err() != nil && failed != nil {
		return ctx.Err()
	}
	now := s.Clock.Now()
	reason := ""
	if failed != nil {
		reason = reasonOf(failed)
	}
	err := s.DB.Keep(ctx, func(tx *store.Tx) error {
		switch {
		case failed == nil:
			return markDelivered(tx, d, now)
		case d.tries >= sendTries:
			return markFailed(tx, d, reason, now)
		}
		return markAgain(tx, d, reason, now.Add(sendAgain[d.tries-1]))
	})
	if err != nil {
		return err
	}
	s.reportDelivery(ctx, d, failed, reason)
	return nil
}

func (s *Service) reportDelivery(ctx context.Context, d delivery, failed error, reason string) {
	kind, result := "route", "delivered"
	if d.route == quarantineRoute {
		kind = quarantineRoute
	}
	about := fleet.Party{Kind: "alert", ID: d.alert}
	switch {
	case failed == nil:
		s.publish(fleet.NewEvent("alert.delivered", s.Clock.Now(), self(), about, map[string]any{"alert": d.alert, "channel": d.route, "tries": d.tries}))
		if al, err := s.Alert(ctx, d.alert); err == nil {
			al.Deliveries = nil
			s.tell(al)
		}
	case d.tries >= sendTries:
		result = "failed"
		s.publish(fleet.NewEvent("alert.undelivered", s.Clock.Now(), self(), about, map[string]any{"alert": d.alert, "channel": d.route, "reason": reason, "tries": d.tries}))
		s.Log.Error("alert not delivered", "alert", d.alert, "route", d.route, "reason", reason)
	default:
		result = "again"
		s.Log.Warn("alert not delivered, trying again", "alert", d.alert, "route", d.route, "try", d.tries, "reason", reason)
	}
	s.metrics.deliveries.WithLabelValues(kind, result).Inc()
}

// reasonOf is what went wrong, without the URL that Go's client puts in front of it.
func reasonOf(err error) string {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	return clean(err.Error(), 300)
}

func (s *Service) send(ctx context.Context, r storedRoute, d delivery) error {
	secret, err := s.secret(r)
	if err != nil {
		return err
	}
	al, err := s.Alert(ctx, d.alert)
	if err != nil {
		return err
	}
	al.Deliveries = nil
	if r.Kind == SMTP {
		return s.sendMail(ctx, r.Route, secret, al)
	}
	return s.sendWebhook(ctx, r.Route, secret, d, al)
}

// quarantine is the delivery to the Responder.
func (s *Service) quarantine(ctx context.Context, d delivery) error {
	al, err := s.Alert(ctx, d.alert)
	if err != nil {
		return err
	}
	err = s.Responder.Quarantine(ctx, al.Subject.ID, fmt.Sprintf("%s (alert %s, rule %s)", al.Title, al.ID, al.Rule))
	if fleet.CodeOf(err) == fleet.CodeConflict {
		return nil // it already is, or has left the fleet
	}
	return err
}
