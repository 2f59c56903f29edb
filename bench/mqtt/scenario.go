package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"sync"
	"time"
)

// scenario is a load; run gives messages a second as the subscribers (or, without any, the publishers) saw them.
type scenario struct {
	name        string
	publishers  int
	subscribers int
	qos         byte
	window      int // messages under way for each publisher
	messages    int // of all publishers together
	run         func(context.Context, scenario, *fleet, string) (float64, error)
}

func scenarios(n int) []scenario {
	return []scenario{
		{"QoS 0, 10 → 1", 10, 1, 0, 0, n, load},
		{"QoS 1, 10 → 1 persistent, 200 under way each", 10, 1, 1, 200, n, load},
		{"QoS 1, 1 → 100", 1, 100, 1, 100, n / 100, load},
		{"QoS 1, 60 publishers × 20 under way", 60, 1, 1, 20, n, load},
		{"QoS 1, 300 publishers × 1 under way", 300, 1, 1, 1, n / 2, load},
	}
}

func (f *fleet) roots(addr string, peer *x509.CertPool) *x509.CertPool {
	if addr == f.server.address {
		return f.server.roots
	}
	return peer
}

var payload = []byte(`{"v": "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"}`)

// load connects everybody, then lets all publishers begin at once and waits until every subscriber has everything.
func load(ctx context.Context, s scenario, f *fleet, addr string) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	each := s.messages / s.publishers
	var readers []*reader
	for i := range s.subscribers {
		r, err := f.subscribe(ctx, addr, fmt.Sprintf("reader-%s-%d-%d", addr[len(addr)-4:], s.qos, i), s.qos, each*s.publishers)
		if err != nil {
			return 0, fmt.Errorf("subscriber %d: %w", i, err)
		}
		defer r.close()
		readers = append(readers, r)
	}
	var writers []*writer
	for i := range s.publishers {
		w, err := f.publisher(ctx, addr, i)
		if err != nil {
			return 0, fmt.Errorf("publisher %d: %w", i, err)
		}
		defer w.close()
		writers = append(writers, w)
	}
	start := time.Now()
	errs := make(chan error, len(writers)+len(readers))
	var wg sync.WaitGroup
	for _, w := range writers {
		wg.Go(func() { errs <- w.publish(s.qos, s.window, each) })
	}
	for _, r := range readers {
		wg.Go(func() { errs <- r.wait(ctx) })
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return 0, err
		}
	}
	got, last := 0, start
	for _, r := range readers {
		got += r.got
		if r.last.After(last) {
			last = r.last
		}
	}
	return float64(got) / last.Sub(start).Seconds(), nil
}

// weight opens n idle sessions and gives kB of resident memory for each.
func weight(ctx context.Context, n int, f *fleet, p *process) (float64, error) {
	before, err := p.resident()
	if err != nil {
		return 0, err
	}
	for i := range n {
		w, err := f.connect(ctx, p.address, f.account, fmt.Sprintf("idle-%d", i), true)
		if err != nil {
			return 0, fmt.Errorf("idle connection %d: %w", i, err)
		}
		defer w.close()
	}
	time.Sleep(3 * time.Second) // buffers of the handshake go back to the system
	after, err := p.resident()
	return (after - before) / float64(n), err
}
