// Command mqtt measures Thingward's broker beside Mosquitto in one run: both over mutual TLS, the same load, in turns, each
// in a process of its own. Thingward has access lists, limits, events and fsync on; Mosquitto keeps QoS 1 in memory.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
)

type options struct {
	binary   string
	rounds   int
	messages int
	idle     int
}

func main() {
	var o options
	flag.StringVar(&o.binary, "thingward", "bin/thingward", "the server to measure")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds of each scenario")
	flag.IntVar(&o.messages, "messages", 200_000, "messages of a scenario")
	flag.IntVar(&o.idle, "idle", 1000, "idle connections to weigh")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "thingward-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fleet, err := startThingward(ctx, o, dir)
	if err != nil {
		return err
	}
	defer fleet.server.stop()
	peer, err := startMosquitto(ctx, dir, fleet)
	if err != nil {
		return err
	}
	defer peer.stop()
	peerRoots.Store(peer.roots)
	// Weighed first: later the processes hold memory from the load that idle connections would find free.
	_, _ = fmt.Fprintf(os.Stdout, "| Scenario | Thingward | Mosquitto | ratio | rounds |\n|---|---|---|---|---|\n")
	if err := weigh(ctx, o.idle, fleet, peer); err != nil {
		return err
	}
	for _, s := range scenarios(o.messages) {
		if err := compare(ctx, s, o.rounds, fleet, peer); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// compare runs a scenario in turns and prints the middle of the ratios with their spread.
func compare(ctx context.Context, s scenario, rounds int, fleet *fleet, peer *process) error {
	var ours, theirs, ratios []float64
	for range rounds {
		a, err := s.run(ctx, s, fleet, fleet.server.address)
		if err != nil {
			return fmt.Errorf("thingward: %w", err)
		}
		b, err := s.run(ctx, s, fleet, peer.address)
		if err != nil {
			return fmt.Errorf("mosquitto: %w", err)
		}
		ours, theirs, ratios = append(ours, a), append(theirs, b), append(ratios, a/b)
	}
	_, _ = fmt.Fprintf(os.Stdout, "| %s | %.0f/s | %.0f/s | %.2f | %.2f to %.2f |\n", s.name, middle(ours), middle(theirs), middle(ratios), slices.Min(ratios), slices.Max(ratios))
	return nil
}

func middle(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// weigh opens idle connections and divides what the process grew by.
func weigh(ctx context.Context, n int, fleet *fleet, peer *process) error {
	ours, err := weight(ctx, n, fleet, fleet.server)
	if err != nil {
		return err
	}
	theirs, err := weight(ctx, n, fleet, peer)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(os.Stdout, "| idle mTLS connection, kB of resident memory | %.1f | %.1f | %.2f | %d connections |\n", ours, theirs, ours/theirs, n)
	return nil
}
