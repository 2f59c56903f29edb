package server

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/posture/probe"
)

// ruleTries run the detection engine with the rules in force over made-up events, so that no real alert is raised.
func (s *Server) ruleTries() map[string]probe.Try {
	return map[string]probe.Try{
		"rule.msu04-fifth":         s.onRules("four failed log-ins raise nothing, the fifth exactly one alert", fifthLogin),
		"rule.msu04-resets":        s.onRules("failures with a success between, or over 31 minutes, raise nothing", loginResets),
		"rule.msu04-restart":       s.onRules("three failed log-ins before a restart and two after it raise an alert", loginRestart),
		"rule.cls08-sixth":         s.onRules("five failures of a device raise nothing, the sixth one alert", sixthFailure),
		"rule.cls08-success-keeps": s.onRules("six failures of a device with a success between raise an alert", successKeeps),
		"rule.cls08-restart":       s.onRules("three failures of a device before a restart and three after it raise an alert", deviceRestart),
		"rule.duplicate-identity":  s.onRules("one identity in two places raises an alert whose event names both", duplicateIdentity),
		"rule.flood":               s.onRules("a client that floods raises an alert", flood),
		"rule.tamper":              s.onRules("a device that reports tamper raises an alert, and one that reports a routine event does not", tamper),
		"rule.scripted-misuse":     s.onRules("ten foreign publishes and a flood each raise their alert", scriptedMisuse),
	}
}

// ruleBench is a detection engine on a bench.
type ruleBench struct {
	*bench
	bus    *bus.Bus
	key    sealed.Key
	rules  []detect.Rule
	engine *detect.Service
	device fleet.Party
}

func (s *Server) onRules(what string, see func(ctx context.Context, b *ruleBench) (bool, error)) probe.Try {
	return s.onBench(what, func(ctx context.Context, under *bench) (bool, error) {
		b := &ruleBench{bench: under, key: sealed.NewKey(), device: fleet.Party{Kind: "device", ID: id.New(), Name: "self-test", Address: "127.84.0.0"}}
		var err error
		if b.rules, err = s.rulesInForce(ctx); err != nil {
			return false, err
		}
		if b.bus, err = b.bench.bus(ctx); err != nil {
			return false, err
		}
		if err := b.restart(ctx); err != nil {
			return false, err
		}
		defer func() { b.engine.Close() }()
		return see(ctx, b)
	})
}

// rulesInForce is the shelf with the thresholds and windows that are set here.
func (s *Server) rulesInForce(ctx context.Context) ([]detect.Rule, error) {
	views, err := s.detect.RuleViews(ctx)
	if err != nil {
		return nil, err
	}
	shelf := shelf()
	for i := range shelf {
		at := slices.IndexFunc(views, func(v detect.RuleView) bool { return v.ID == shelf[i].ID })
		if at < 0 {
			return nil, fmt.Errorf("rule %s is not in force", shelf[i].ID)
		}
		shelf[i].Threshold, shelf[i].Window = views[at].Threshold, time.Duration(views[at].Window)*time.Second
	}
	return shelf, nil
}

// restart drops everything that the engine holds in memory.
func (b *ruleBench) restart(ctx context.Context) (err error) {
	if b.engine != nil {
		b.engine.Close()
	}
	b.engine, err = detect.New(ctx, detect.Config{DB: b.db, Bus: b.bus, Audit: b.audit, Clock: b.clock, Log: b.log, Key: b.key, Rules: b.rules})
	return err
}

// feed hands the engine n events as the event stream would, each some time after the one before.
func (b *ruleBench) feed(ctx context.Context, n int, apart time.Duration, typ string, from, to fleet.Party, data map[string]any) error {
	for range n {
		ev := fleet.NewEvent(typ, b.clock.Now(), from, to, data)
		if err := ev.Check(); err != nil {
			return err
		}
		body, err := json.Marshal(ev)
		if err != nil {
			return err
		}
		var carried fleet.Event
		if err := json.Unmarshal(body, &carried); err != nil {
			return err
		}
		if err := b.engine.Handle(ctx, []fleet.Event{carried}); err != nil {
			return err
		}
		b.clock.Advance(apart)
	}
	return nil
}

// raised lists a rule's alerts.
func (b *ruleBench) raised(ctx context.Context, rule string) ([]*detect.Alert, error) {
	all, _, err := b.engine.Alerts(ctx, detect.AlertFilter{Rule: rule, Limit: 100})
	return all, err
}

// count tells whether a rule has raised exactly n alerts.
func (b *ruleBench) count(ctx context.Context, rule string, n int) (bool, error) {
	all, err := b.raised(ctx, rule)
	return len(all) == n, err
}

// evidence is the data of events that an alert names.
func (b *ruleBench) evidence(ctx context.Context, ids []string) (string, error) {
	events, err := b.engine.Events(ctx, detect.EventFilter{Subject: b.device.ID, Limit: 100})
	text := ""
	for _, ev := range events {
		if slices.Contains(ids, ev.ID) {
			text += fmt.Sprintln(ev.Data)
		}
	}
	return text, err
}
