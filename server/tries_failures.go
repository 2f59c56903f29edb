package server

import (
	"context"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
)

const (
	ruleLogins = "MSU-04/failed-logins"
	ruleDevice = "CLS-08/device-failures"
)

// login is a failed log-in to an account.
func (b *ruleBench) login(ctx context.Context, account string, n int, apart time.Duration) error {
	return b.feed(ctx, n, apart, "login.failed", fleet.Anonymous("127.84.0.0"), fleet.Server("access"),
		map[string]any{"surface": "api", "account": account, "reason": "wrong password", "address": "127.84.0.0"})
}

// refusal is a failed authentication of the device.
func (b *ruleBench) refusal(ctx context.Context, n int) error {
	return b.feed(ctx, n, time.Minute, "connection.refused", b.device, fleet.Server("broker"), map[string]any{"protocol": "mqtt", "reason": "revoked"})
}

func fifthLogin(ctx context.Context, b *ruleBench) (bool, error) {
	if err := b.login(ctx, "self-test", 4, time.Minute); err != nil {
		return false, err
	}
	if quiet, err := b.count(ctx, ruleLogins, 0); err != nil || !quiet {
		return false, err
	}
	if err := b.login(ctx, "self-test", 2, time.Minute); err != nil { // the sixth must not raise another
		return false, err
	}
	return b.count(ctx, ruleLogins, 1)
}

func loginResets(ctx context.Context, b *ruleBench) (bool, error) {
	if err := b.login(ctx, "self-test", 4, time.Minute); err != nil {
		return false, err
	}
	who := fleet.Party{Kind: "person", ID: "self-test", Name: "self-test", Address: "127.84.0.0"}
	if err := b.feed(ctx, 1, time.Minute, "session.opened", who, fleet.Server("access"), map[string]any{"method": "password", "session": "self-test", "account": "self-test"}); err != nil {
		return false, err
	}
	if err := b.login(ctx, "self-test", 4, time.Minute); err != nil {
		return false, err
	}
	if err := b.login(ctx, "self-test-slow", 5, 31*time.Minute/4); err != nil {
		return false, err
	}
	return b.count(ctx, ruleLogins, 0)
}

func loginRestart(ctx context.Context, b *ruleBench) (bool, error) {
	if err := b.login(ctx, "self-test", 3, time.Minute); err != nil {
		return false, err
	}
	if err := b.restart(ctx); err != nil {
		return false, err
	}
	if err := b.login(ctx, "self-test", 2, time.Minute); err != nil {
		return false, err
	}
	return b.count(ctx, ruleLogins, 1)
}

func sixthFailure(ctx context.Context, b *ruleBench) (bool, error) {
	if err := b.refusal(ctx, 5); err != nil {
		return false, err
	}
	if quiet, err := b.count(ctx, ruleDevice, 0); err != nil || !quiet {
		return false, err
	}
	if err := b.refusal(ctx, 1); err != nil {
		return false, err
	}
	return b.count(ctx, ruleDevice, 1)
}

func successKeeps(ctx context.Context, b *ruleBench) (bool, error) {
	if err := b.refusal(ctx, 3); err != nil {
		return false, err
	}
	if err := b.feed(ctx, 1, time.Minute, "connection.opened", b.device, fleet.Server("broker"), map[string]any{"protocol": "MQTT 5", "client": "self-test"}); err != nil {
		return false, err
	}
	if err := b.refusal(ctx, 3); err != nil {
		return false, err
	}
	return b.count(ctx, ruleDevice, 1)
}

func deviceRestart(ctx context.Context, b *ruleBench) (bool, error) {
	if err := b.refusal(ctx, 3); err != nil {
		return false, err
	}
	if err := b.restart(ctx); err != nil {
		return false, err
	}
	if err := b.refusal(ctx, 3); err != nil {
		return false, err
	}
	return b.count(ctx, ruleDevice, 1)
}

// throttled is what the broker reports of a client that it holds back.
func (b *ruleBench) throttled(ctx context.Context) error {
	return b.feed(ctx, 1, time.Second, "client.throttled", b.device, fleet.Server("broker"), map[string]any{"limit": 100, "count": 1, "client": "self-test", "waitMs": 1000})
}

func flood(ctx context.Context, b *ruleBench) (bool, error) {
	if err := b.throttled(ctx); err != nil {
		return false, err
	}
	return b.count(ctx, "OPA-04/message-flood", 1)
}

func scriptedMisuse(ctx context.Context, b *ruleBench) (bool, error) {
	if err := b.feed(ctx, 10, time.Second, "publish.refused", b.device, fleet.Server("broker"), map[string]any{"topic": "things/another/telemetry/health", "reason": "topic is not among those of the client"}); err != nil {
		return false, err
	}
	if ok, err := b.count(ctx, "COM-01/acl-burst", 1); err != nil || !ok {
		return false, err
	}
	return flood(ctx, b)
}

func duplicateIdentity(ctx context.Context, b *ruleBench) (bool, error) {
	first, second := "127.84.0.1", "127.84.0.2"
	if err := b.feed(ctx, 1, time.Second, "identity.duplicate", b.device, fleet.Server("broker"), map[string]any{
		"client": "self-test", "device": b.device.ID, "first": map[string]any{"address": first}, "second": map[string]any{"address": second},
	}); err != nil {
		return false, err
	}
	return b.names(ctx, "TSP-03/duplicate-identity", first, second)
}

// names tells whether a rule raised one alert about the device whose events hold all words.
func (b *ruleBench) names(ctx context.Context, rule string, words ...string) (bool, error) {
	alerts, err := b.raised(ctx, rule)
	if err != nil || len(alerts) != 1 || alerts[0].Subject.ID != b.device.ID {
		return false, err
	}
	text, err := b.evidence(ctx, alerts[0].Events)
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false, err
		}
	}
	return true, err
}
