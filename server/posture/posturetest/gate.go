package posturetest

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/posture"
)

// answers is a Prober that answers what a test says.
type answers map[string]posture.ProbeResult

// Probe answers.
func (a answers) Probe(_ context.Context, name string) (posture.ProbeResult, error) {
	if r, ok := a[name]; ok {
		return r, nil
	}
	if _, broken := a["error"]; broken {
		return posture.ProbeResult{}, errors.New("network down")
	}
	return posture.ProbeResult{}, posture.ErrNoProbe
}

// noSettings is a source of a server without weak settings, or with one.
type noSettings []string

// Kind is Server.
func (noSettings) Kind() posture.Kind { return posture.Server }

// Each gives the server.
func (n noSettings) Each(_ context.Context, fn func(posture.Facts) error) error {
	return fn(&posture.ServerFacts{Weakened: n})
}

// One gives the server.
func (n noSettings) One(context.Context, string) (posture.Facts, bool, error) {
	return &posture.ServerFacts{Weakened: n}, true, nil
}

// Gate tests that a gate passes only when each of its tries was made and held, and no setting gets around it.
func Gate(t *testing.T, g posture.Gate) {
	t.Helper()
	inCatalogue(t, g.ID, g.Control, g.Obligation)
	if g.Title == "" || len(g.Probes) == 0 {
		t.Error("a gate needs a title and something to try")
	}
	for _, typ := range g.Events {
		if _, ok := fleet.EventTypes[typ]; !ok {
			t.Errorf("%s is no event", typ)
		}
	}
	judge := func(name string, want fleet.Status, weakened []string, change func(answers)) {
		t.Helper()
		a := answers{}
		for _, p := range g.Probes {
			a[p] = posture.ProbeResult{Attempted: true, Held: true, Detail: p + " held", At: Now}
		}
		change(a)
		v := posture.Judge(context.Background(), g, a, noSettings(weakened), clock.NewFake(Now), slog.New(slog.DiscardHandler))
		if v.Status != want || v.Reason == "" {
			t.Errorf("%s: %s (%s), want %s", name, v.Status, v.Reason, want)
		}
	}
	judge("held", fleet.Pass, nil, func(answers) {})
	for _, p := range g.Probes {
		judge(p+" accepted", fleet.Fail, nil, func(a answers) { r := a[p]; r.Held = false; a[p] = r })
		judge(p+" not attempted", fleet.Unknown, nil, func(a answers) { r := a[p]; r.Attempted = false; a[p] = r })
		judge(p+" silent", fleet.Unknown, nil, func(a answers) { r := a[p]; r.Detail = ""; a[p] = r })
		judge(p+" from the future", fleet.Unknown, nil, func(a answers) { r := a[p]; r.At = Now.Add(posture.GateEvery); a[p] = r })
		judge(p+" missing", fleet.NotAssessed, nil, func(a answers) { delete(a, p) })
		judge(p+" broken", fleet.Unknown, nil, func(a answers) { delete(a, p); a["error"] = posture.ProbeResult{} })
	}
	for _, setting := range g.Settings {
		judge(setting+" weakened", fleet.Fail, []string{setting + ": weaker"}, func(answers) {})
	}
	if len(g.Settings) > 0 && !slices.Contains(g.Settings, "unrelated") {
		judge("another setting weakened", fleet.Pass, []string{"unrelated"}, func(answers) {})
	}
}
