package telemetry

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestReadingsAreStoredOnce(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		d := r.park.add("s-1", fleet.Active, start)
		batch := []fleet.Message{
			message(d, "air", `{"temperature":21.5,"people":3}`, start),
			message(d, "air", `{"temperature":22,"time":"2026-03-01T08:00:10+00:00"}`, start.Add(12*time.Second)),
			message(d, "door", `true`, start),
			message(d, "mode", `"eco"`, start),
			message(d, "mode", `"eco"`, start.Add(time.Second)),
			message(d, "mode", `{"mode":"off"}`, start.Add(2*time.Second)),
			message(d, "picture", "\xff\xd8 not JSON at all", start),
			message(d, "health", `{"time":"2026-03-01T08:00:00Z","uptimeSeconds":5,"cpuPercent":12.5,"queued":0}`, start),
		}
		r.handle(batch...)
		r.handle(batch...) // comes again
		got := r.series(d, 100)
		air := got["temperature"]
		if len(air.Points) != 2 || air.Points[1] != [2]any{start.Add(10 * time.Second).UnixMilli(), 22.0} || *air.Min != 21.5 || *air.Max != 22 || air.Last != 22.0 || air.Unit != "celsius" {
			t.Errorf("temperature %+v", air)
		}
		if s := got["open"]; len(s.Points) != 1 || s.Last != 1.0 || s.Type != "boolean" {
			t.Errorf("open %+v", s)
		}
		if s := got["mode"]; len(s.Points) != 2 || s.Last != "off" || s.Min != nil {
			t.Errorf("mode %+v", s)
		}
		if s := got["cpuPercent"]; s.Last != 12.5 || s.Unit != "percent" || s.Stream != "health" {
			t.Errorf("health %+v", s)
		}
		if h, ok := r.Health(context.Background(), d.ID); !ok || *h.CPU != 12.5 {
			t.Errorf("health %+v %v", h, ok)
		}
		if at, ok := r.LastSeen(context.Background(), d.ID); !ok || !at.Equal(start.Add(12*time.Second)) {
			t.Errorf("last seen %v", at)
		}
	})
}

func TestWhatDoesNotFitIsDroppedAndReportedSeldom(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		d := r.park.add("s-1", fleet.Active, start)
		suspended := r.park.add("s-2", fleet.Suspended, start)
		bad := []string{
			`{"temperature":"warm"}`, `{"temperature":21,"ghost":1}`, `{"people":1.5}`, `{}`, `{"time":"2026-03-01T08:00:00Z"}`, `{"temperature":1,"time":"yesterday"}`,
			`5`, `[1]`, `nonsense`, `{"temperature":1}{"temperature":2}`, `{"temperature":1e999}`, strings.Repeat(" ", maxPayload) + "1", "",
		}
		evs := r.events(func() {
			for _, payload := range bad {
				r.handle(message(d, "air", payload, start))
			}
			for _, payload := range []string{`{"uptimeSeconds":"long"}`, `{"cpuPercent":101}`, `{} {}`} {
				r.handle(message(d, "health", payload, start))
			}
			r.handle(message(d, "mode", `"a\u0000b"`, start), message(d, "mode", `"`+strings.Repeat("x", maxText+1)+`"`, start))
			r.handle(message(d, "ghost", `1`, start), message(d, "ghost", `2`, start))
			r.handle(message(suspended, "door", `true`, start))
			foreign := message(d, "door", `true`, start)
			foreign.Device = suspended.ID
			r.handle(foreign, fleet.Message{Topic: "things/x", Account: "a", Time: start}, message(fleet.Device{ID: "nobody"}, "door", "true", start))
		})
		if got := kinds(evs); !slices.Equal(got, []string{"message.invalid", "stream.undeclared"}) {
			t.Errorf("events %v", got)
		}
		if got := r.series(d, 10); len(got) != 0 {
			t.Errorf("stored %v", got)
		}
		if got := r.series(suspended, 10); len(got) != 0 {
			t.Errorf("stored of a suspended device %v", got)
		}
		r.clock.Advance(invalidEvery)
		evs = r.events(func() { r.handle(message(d, "air", `nonsense`, start)) })
		if len(evs) != 1 || evs[0].Data["count"] != float64(len(bad)+3+2) {
			t.Errorf("a minute later: %+v", evs)
		}
	})
}

func TestAWrongClockIsNotBelieved(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		d := r.park.add("s-1", fleet.Active, start)
		behind := r.park.add("s-2", fleet.Active, start)
		late := r.park.add("s-3", fleet.Active, start)
		evs := r.events(func() {
			r.handle(message(d, "air", `{"temperature":1,"time":"2026-03-01T09:00:00Z"}`, start))
			r.handle(message(d, "air", `{"temperature":2,"time":"1999-03-01T09:00:00Z"}`, start.Add(time.Second)))
			for i := range 3 {
				at := start.Add(time.Duration(i) * time.Minute)
				r.handle(message(behind, "health", fmt.Sprintf(`{"time":%q,"uptimeSeconds":1,"queued":0}`, at.Add(-time.Hour).Format(time.RFC3339)), at))
			}
			for i := range 5 { // a backlog: made minutes apart, arriving at once
				made := start.Add(time.Duration(i-10) * time.Minute)
				r.handle(message(late, "health", fmt.Sprintf(`{"time":%q,"uptimeSeconds":1,"queued":5}`, made.Format(time.RFC3339)), start.Add(time.Duration(i)*time.Millisecond)))
			}
		})
		if len(evs) != 2 || evs[0].Receiver.ID != "thingward/telemetry" || evs[0].Data["seconds"] != 3600.0 || evs[1].Initiator.ID != behind.ID || evs[1].Data["seconds"] != -3600.0 {
			t.Errorf("%+v", evs)
		}
		if s := r.series(d, 10)["temperature"]; s.Points[0][0] != start.UnixMilli() || s.Points[1][0] != start.Add(time.Second).UnixMilli() {
			t.Errorf("points %v", s.Points)
		}
		if s := r.series(late, 10)["queued"]; s.Points[0][0] != start.Add(-10*time.Minute).UnixMilli() {
			t.Errorf("a backlog lost its times: %v", s.Points)
		}
	})
}

func TestPrune(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		for i := range 3 {
			d := r.park.add(fmt.Sprintf("s-%d", i), fleet.Active, start)
			r.handle(message(d, "air", `{"temperature":1,"people":1}`, start.Add(-20*24*time.Hour)), message(d, "air", `{"temperature":2}`, start))
			if n := len(r.series(d, 10)["temperature"].Points); n != 2 {
				t.Fatalf("%d points", n)
			}
		}
		if err := r.Prune(context.Background(), start.Add(-24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		for _, d := range r.park.devices {
			got := r.series(d, 10)
			if len(got["temperature"].Points) != 1 || len(got["people"].Points) != 0 {
				t.Errorf("after pruning: %+v", got)
			}
		}
	})
}

func TestThinKeepsEverySpike(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		d := r.park.add("s-1", fleet.Active, start)
		var msgs []fleet.Message
		for i := range 5000 {
			v := float64(i % 10)
			switch i {
			case 1234:
				v = 99
			case 4321:
				v = -99
			}
			msgs = append(msgs, message(d, "air", fmt.Sprintf(`{"temperature":%v}`, v), start.Add(time.Duration(i)*time.Second)))
		}
		r.handle(msgs...)
		for _, points := range []int{2, 3, 100, 1000} {
			s := r.series(d, points)["temperature"]
			if len(s.Points) > points || *s.Max != 99 || *s.Min != -99 || s.Last != 9.0 {
				t.Errorf("%d points: got %d, %v to %v", points, len(s.Points), *s.Min, *s.Max)
			}
			high, ordered := false, true
			for i, p := range s.Points {
				high = high || p[1] == 99.0
				ordered = ordered && (i == 0 || p[0].(int64) > s.Points[i-1][0].(int64))
			}
			if !high || !ordered {
				t.Errorf("%d points: spike kept %v, in order %v", points, high, ordered)
			}
		}
		if s := r.series(d, 5000)["temperature"]; len(s.Points) != 5000 {
			t.Errorf("%d of 5000 points though all were asked for", len(s.Points))
		}
	})
}

func FuzzDecode(f *testing.F) {
	r := newRig(f, storetest.Open(f), bustest.Open(f), newPark(), clock.NewFake(start))
	typ := r.park.types["sensor"]
	for _, seed := range []string{`{"temperature":1,"time":"2026-03-01T08:00:00Z"}`, `true`, `"x"`, `{"uptimeSeconds":1,"cpuPercent":3}`, `[[[[`} {
		f.Add("air", []byte(seed))
		f.Add("health", []byte(seed))
		f.Add("mode", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream string, payload []byte) {
		if _, ok := typ.Streams[stream]; !ok {
			return
		}
		d, reason := decode(typ, stream, payload)
		if reason == "" && len(d.readings) == 0 {
			t.Error("accepted without a reading")
		}
	})
}
