package id

import "testing"

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
