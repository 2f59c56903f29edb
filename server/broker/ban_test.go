package broker_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// newBanWorld is newWorldAt with a database, so that bans can be placed.
func newBanWorld(t testing.TB, db *store.DB, limits broker.Limits, clk clock.Clock, adjust ...func(*broker.Config)) *world {
	t.Helper()
	b := bustest.Open(t)
	log := audittest.Open(t, db, b, clk)
	return newWorldOf(t, b, newAuthority(t), limits, clk, append(adjust, func(c *broker.Config) { c.DB, c.Audit = db, log })...)
}

func TestBanOfAnIdentity(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		fake := newFake()
		w := newBanWorld(t, db, broker.Limits{}, fake)
		seen := w.watch()
		d1, d2 := w.device(packet.V5, "d1"), w.device(packet.V5, "d2")
		b, err := w.b.PlaceBan(t.Context(), broker.Ban{Kind: broker.BanDevice, Target: "d1", Reason: "sends rubbish"}, time.Hour)
		if err != nil || b.Target != "d1" || b.Name != "thing-d1" || b.Until == nil || !b.Until.Equal(fake.Now().Add(time.Hour)) {
			t.Fatalf("%+v, %v", b, err)
		}
		if d := d1.gone(); d == nil || d.Code != packet.AdministrativeAction {
			t.Errorf("DISCONNECT %+v", d)
		}
		if ev := seen.want("session.cut"); ev.Data["subjectId"] != "d1" || ev.Data["reason"] != "banned: sends rubbish" {
			t.Errorf("event %v", ev.Data)
		}
		d2.ping()
		both(t, func(t *testing.T, v packet.Version) {
			_, ack := w.connect(v, protocol.SubjectDevice, "d1")
			if want := map[packet.Version]packet.ReasonCode{packet.V5: packet.Banned, packet.V311: packet.NotAuthorized}[v]; ack.Code != want {
				t.Errorf("CONNACK %s", ack.Code)
			}
			if text := ack.Properties.Text(packet.PropReasonString); strings.Contains(text, "rubbish") {
				t.Errorf("the client learns why: %q", text)
			}
			if ev := seen.want("ban.refused"); ev.Data["ban"] != b.ID || ev.Initiator.ID != "d1" {
				t.Errorf("event %+v", ev)
			}
		})
		seen.none("connection.refused")
		for _, ev := range audittest.Recorded(t, db) {
			if ev.Type != "ban.placed" || ev.Receiver.ID != "d1" || ev.Data["reason"] != "sends rubbish" {
				t.Errorf("entry %+v", ev)
			}
		}
		fake.Advance(time.Hour)
		w.device(packet.V5, "d1") // it has run out
	})
}

func TestBanLifted(t *testing.T) {
	db := storetest.Open(t)
	w := newBanWorld(t, db, broker.Limits{}, clock.Real{})
	b, err := w.b.PlaceBan(t.Context(), broker.Ban{Kind: broker.BanAccount, Target: "app", Reason: "leaked"}, 0)
	if err != nil || b.Until != nil {
		t.Fatalf("%+v, %v", b, err)
	}
	if _, ack := w.connect(packet.V5, protocol.SubjectAccount, "app"); ack.Code != packet.Banned {
		t.Errorf("CONNACK %s", ack.Code)
	}
	if _, err := w.b.LiftBan(t.Context(), b.ID, " "); fleet.CodeOf(err) != fleet.CodeInvalid {
		t.Error("lifted without a reason:", err)
	}
	if b, err = w.b.LiftBan(t.Context(), b.ID, "new key"); err != nil || b.Active || b.LiftedReason != "new key" {
		t.Errorf("%+v, %v", b, err)
	}
	w.account(packet.V5, "app")
	if _, err := w.b.LiftBan(t.Context(), b.ID, "again"); fleet.CodeOf(err) != fleet.CodeConflict {
		t.Error("lifted twice:", err)
	}
	if _, err := w.b.LiftBan(t.Context(), "none", "again"); fleet.CodeOf(err) != fleet.CodeNotFound {
		t.Error("lifted what is not there:", err)
	}
	if evs := audittest.Recorded(t, db); len(evs) != 2 || evs[1].Type != "ban.lifted" {
		t.Errorf("entries %v", evs)
	}
}

// TestBanOfAnAddress: who comes from there does not get as far as TLS, on a restarted server either; others are not touched.
func TestBanOfAnAddress(t *testing.T) {
	w := newBanWorld(t, storetest.Open(t), broker.Limits{}, clock.Real{})
	seen := w.watch()
	there, _ := w.connectFrom("127.0.3.3", packet.V5, protocol.SubjectDevice, "d1")
	if _, err := w.b.PlaceBan(t.Context(), broker.Ban{Kind: broker.BanAddress, Target: "127.0.3.0/24", Reason: "scans"}, 0); err != nil {
		t.Fatal(err)
	}
	there.gone()
	refused := func() {
		t.Helper()
		if _, err := w.dial(packet.V5, w.cert(protocol.SubjectDevice, "d1"), "127.0.3.4"); err == nil {
			t.Error("a handshake with a banned address")
		}
		if ev := seen.want("ban.refused"); ev.Data["target"] != "address 127.0.3.0/24" || ev.Initiator.Address != "127.0.3.4" {
			t.Errorf("event %+v", ev)
		}
	}
	refused()
	w.device(packet.V5, "d2")
	w.stop()
	w.start()
	refused()
	w.device(packet.V5, "d2")
}

// TestBanReachesOtherNodes: a second broker on the same database learns of a ban by its announcement.
func TestBanReachesOtherNodes(t *testing.T) {
	db := storetest.Open(t)
	w := newBanWorld(t, db, broker.Limits{}, clock.Real{})
	other, err := broker.New(t.Context(), broker.Config{Bus: w.bus, Clock: w.clock, Log: testLog(t), Directory: w.people, Certificates: w.people, DB: db, Audit: audittest.Open(t, db, w.bus, w.clock)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close(context.Background()) }()
	d1 := w.device(packet.V5, "d1")
	if _, err := other.PlaceBan(t.Context(), broker.Ban{Kind: broker.BanDevice, Target: "d1", Reason: "x"}, 0); err != nil {
		t.Fatal(err)
	}
	d1.gone()
}

var neverBan = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}

func TestBansThatCannotBeMeant(t *testing.T) {
	w := newBanWorld(t, storetest.Open(t), broker.Limits{}, clock.Real{}, func(c *broker.Config) { c.NeverBan = neverBan })
	for _, c := range []struct {
		b     broker.Ban
		lasts time.Duration
		code  fleet.Code
	}{
		{broker.Ban{Kind: broker.BanDevice, Target: "d1"}, 0, fleet.CodeInvalid},
		{broker.Ban{Kind: broker.BanDevice, Target: "d1", Reason: strings.Repeat("x", 501)}, 0, fleet.CodeInvalid},
		{broker.Ban{Kind: broker.BanDevice, Target: "d1", Reason: "x"}, -1, fleet.CodeInvalid},
		{broker.Ban{Kind: broker.BanDevice, Target: "nobody", Reason: "x"}, 0, fleet.CodeNotFound},
		{broker.Ban{Kind: "person", Target: "d1", Reason: "x"}, 0, fleet.CodeInvalid},
		{broker.Ban{Kind: broker.BanAddress, Target: "somewhere", Reason: "x"}, 0, fleet.CodeInvalid},
		{broker.Ban{Kind: broker.BanAddress, Target: "fe80::1%eth0", Reason: "x"}, 0, fleet.CodeInvalid},
		{broker.Ban{Kind: broker.BanAddress, Target: "0.0.0.0/0", Reason: "x"}, 0, fleet.CodeInvalid},
		{broker.Ban{Kind: broker.BanAddress, Target: "::/8", Reason: "x"}, 0, fleet.CodeInvalid},
		{broker.Ban{Kind: broker.BanAddress, Target: "192.0.0.0/16", Reason: "x"}, 0, fleet.CodeInvalid},
		{broker.Ban{Kind: broker.BanAddress, Target: "192.0.2.7", Reason: "x"}, 0, fleet.CodeInvalid},
	} {
		if _, err := w.b.PlaceBan(t.Context(), c.b, c.lasts); fleet.CodeOf(err) != c.code {
			t.Errorf("%+v: %v", c.b, err)
		}
	}
	for given, want := range map[string]string{"::ffff:198.51.100.9": "198.51.100.9/32", "2001:db8:1::5/48": "2001:db8:1::/48", "198.51.100.9/24": "198.51.100.0/24"} {
		b, err := w.b.PlaceBan(t.Context(), broker.Ban{Kind: broker.BanAddress, Target: given, Reason: "x"}, 0)
		if err != nil || b.Target != want {
			t.Errorf("%s: %+v, %v", given, b, err)
		}
	}
}
