package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/detect/detecttest"
	"github.com/thingward/thingward/server/store/storetest"
)

// try runs one rule of the shelf in the real engine.
type try struct{ *detecttest.Bench }

func open(t *testing.T, rule detect.Rule) try {
	t.Helper()
	return try{detecttest.Open(t, storetest.Open(t), []detect.Rule{rule})}
}

// data is an event's data.
type data = map[string]any

var (
	door   = fleet.Party{Kind: "device", ID: "018f0000-0000-7000-8000-000000000001", Name: "door-1"}
	from   = fleet.Anonymous("192.0.2.1")
	server = fleet.Server("test")
	admin  = fleet.Party{Kind: "person", ID: "018f0000-0000-7000-8000-000000000002", Name: "karl"}
)

// feed hands the engine n events of a type, each on its own, a second apart.
func (b try) feed(n int, typ string, by, to fleet.Party, d data) {
	b.Helper()
	for range n {
		copied := data{}
		for k, v := range d {
			copied[k] = v
		}
		b.Feed(b.Event(typ, by, to, copied))
		b.Clock.Advance(time.Second)
	}
}

// one wants exactly one open alert, about this subject.
func (b try) one(kind, id, when string) *detect.Alert {
	b.Helper()
	al := b.Want(1, when)[0]
	if al.Subject.Kind != kind || al.Subject.ID != id {
		b.Fatalf("%s: about %s %s, want %s %s", when, al.Subject.Kind, al.Subject.ID, kind, id)
	}
	return al
}

func TestShelf(t *testing.T) {
	shelf := All()
	detecttest.Open(t, storetest.Open(t), shelf) // the engine accepts all of them together
	for _, r := range shelf {
		if !strings.HasSuffix(r.Text, ".") || len(r.Text) < 80 {
			t.Errorf("%s: its text does not say what it means and what to do", r.ID)
		}
	}
}

func TestAddressSubject(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if p, ok := address(addr); !ok || p.ID != want {
			t.Errorf("%s: %+v", addr, p)
		}
	}
	if _, ok := address("door-1"); ok {
		t.Error("a name is no address")
	}
}

// FuzzShelf gives every rule events whose data is anything at all: no rule may fail.
func FuzzShelf(f *testing.F) {
	f.Add("login.failed", "anonymous", "192.0.2.1", "account", "anna", 3.0)
	f.Add("connection.refused", "device", "", "reason", "revoked", -1.0)
	f.Fuzz(func(t *testing.T, typ, kind, addr, key, value string, n float64) {
		ev := fleet.Event{Type: typ, Initiator: fleet.Party{Kind: kind, ID: value, Address: addr}, Data: data{key: value, "count": n, "unreported": n, "after": []any{value, n, nil}, "roles": value}}
		for _, r := range All() {
			if _, ok := r.Key(ev); !ok {
				continue
			}
			for _, fn := range []func(fleet.Event) bool{r.Resets, r.Clears} {
				if fn != nil {
					fn(ev)
				}
			}
			if r.Count != nil && r.Count(ev) < 1 {
				t.Errorf("%s counts %d", r.ID, r.Count(ev))
			}
		}
	})
}
