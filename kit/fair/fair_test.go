package fair_test

import (
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/kit/fair"
)

// waits waits until n wait.
func waits(t *testing.T, g *fair.Gate[string], n int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); g.Waiting() != n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d wait, want %d", g.Waiting(), n)
		}
	}
}

// TestLinesTakeTurns: one who comes after a crowd of others is second, not last.
func TestLinesTakeTurns(t *testing.T) {
	g := fair.New[string](1, 100)
	g.Enter("first")
	var order []string
	var mu sync.Mutex
	var wg sync.WaitGroup
	come := func(key string) {
		n := g.Waiting()
		wg.Go(func() {
			if !g.Enter(key) {
				t.Error("refused:", key)
				return
			}
			mu.Lock()
			order = append(order, key)
			mu.Unlock()
			g.Leave()
		})
		waits(t, g, n+1)
	}
	for range 20 {
		come("crowd")
	}
	come("other")
	g.Leave()
	wg.Wait()
	if len(order) != 21 || order[1] != "other" {
		t.Errorf("order %v", order)
	}
	if g.Waiting() != 0 || g.Crowded("x") {
		t.Error("somebody is left")
	}
}

// TestWhoGoesAwayKeepsNobodyWaiting: a visitor that gives up leaves its line in order, alone in it or not.
func TestWhoGoesAwayKeepsNobodyWaiting(t *testing.T) {
	g := fair.New[string](1, 100)
	g.Enter("first")
	done, left, stay := make(chan struct{}), make(chan bool), make(chan bool)
	come := func(key string, until chan struct{}, to chan bool) {
		n := g.Waiting()
		go func() { to <- g.EnterUntil(key, until) }()
		waits(t, g, n+1)
	}
	come("alone", done, left)
	come("crowd", nil, stay)
	come("crowd", done, left)
	come("crowd", nil, stay)
	close(done)
	if one, other := <-left, <-left; one || other {
		t.Error("let in after it had gone")
	}
	waits(t, g, 2)
	g.Leave()
	if !<-stay {
		t.Error("who stayed was refused")
	}
	g.Leave()
	if !<-stay {
		t.Error("who stayed was refused")
	}
	g.Leave()
	if !g.Enter("last") {
		t.Error("a place was lost")
	}
}

// TestCrowdIsTurnedAway: when no more may wait, the longest line gives a place up; who has the longest is refused.
func TestCrowdIsTurnedAway(t *testing.T) {
	g := fair.New[string](1, 4)
	g.Enter("first")
	got := make(chan bool, 10)
	for i := range 4 {
		go func() { got <- g.Enter("crowd") }()
		waits(t, g, i+1)
	}
	if g.Enter("crowd") || !g.Crowded("crowd") || g.Crowded("other") {
		t.Error("the crowd waits beyond its share")
	}
	other := make(chan bool)
	go func() { other <- g.Enter("other") }()
	if <-got {
		t.Error("let in while the gate is taken")
	}
	waits(t, g, 4)
	for range 5 {
		g.Leave()
	}
	if !<-other {
		t.Error("the other one was refused")
	}
	for range 3 {
		if !<-got {
			t.Error("a place was lost")
		}
	}
}
