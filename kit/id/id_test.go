package id

import (
	"testing"
	"time"
)

func TestValid(t *testing.T) {
	if a := New(); !Valid(a) {
		t.Errorf("%q is ours and not valid", a)
	}
	for _, bad := range []string{"", "x", "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d", "0192F3A0-0000-7000-8000-000000000000", "urn:uuid:0192f3a0-0000-7000-8000-000000000000"} {
		if Valid(bad) {
			t.Errorf("%q accepted", bad)
		}
	}
}

func TestNewSortsByTime(t *testing.T) {
	prev := New()
	for range 1000 {
		next := New()
		if next <= prev {
			t.Fatalf("%s after %s", next, prev)
		}
		prev = next
	}
}

func TestDeriveKnowsTheSameInputAgain(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 1000, time.UTC)
	a := Derive(at, "d1", "x")
	if !Valid(a) || a != Derive(at, "d1", "x") {
		t.Errorf("%q", a)
	}
	for _, other := range []string{Derive(at, "d1x", ""), Derive(at, "d1", "y"), Derive(at.Add(time.Microsecond), "d1", "x")} {
		if other == a {
			t.Errorf("another input gave %q too", a)
		}
	}
}
