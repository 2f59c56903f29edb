// Package posturetest tests checks and gates of the shelf: good facts to spoil, tables of verdicts, and gates before an engine
// whose probes answer what the test says.
package posturetest

import (
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/catalogue"
)

// Now is the time of every table.
var Now = time.Date(2026, 11, 17, 14, 0, 0, 0, time.UTC)

// Case is facts and the verdict they must get. Reason, if set, must be part of the verdict's. Until, if set, is when the
// verdict must end.
type Case struct {
	Name   string
	Facts  posture.Facts
	Want   fleet.Status
	Reason string
	Until  time.Time
}

// Check tests a check against a table. A table without a pass and without anything worse proves nothing and fails.
func Check(t *testing.T, c posture.Check, cases ...Case) {
	t.Helper()
	inCatalogue(t, c.ID, c.Control, c.Obligation)
	seen := map[bool]int{}
	for _, tc := range cases {
		v := c.Eval(tc.Facts, Now)
		seen[v.Status == fleet.Pass]++
		switch {
		case tc.Facts.Ref().Kind != c.Subject:
			t.Errorf("%s: the check is about %s", tc.Name, c.Subject)
		case v.Status != tc.Want:
			t.Errorf("%s: %s (%s), want %s", tc.Name, v.Status, v.Reason, tc.Want)
		case v.Reason == "" || !strings.Contains(v.Reason, tc.Reason):
			t.Errorf("%s: reason %q, want it to say %q", tc.Name, v.Reason, tc.Reason)
		case !tc.Until.IsZero() && !v.Until.Equal(tc.Until):
			t.Errorf("%s: ends at %s, want %s", tc.Name, v.Until, tc.Until)
		}
		checkStable(t, c, tc, v)
	}
	if seen[true] == 0 || seen[false] == 0 {
		t.Error("the table must hold good and bad samples")
	}
}

// checkStable asks again just before the verdict ends: until then the same facts must give the same words, or a sweep would
// not agree with what was evaluated before.
func checkStable(t *testing.T, c posture.Check, tc Case, v posture.Verdict) {
	t.Helper()
	later := Now.Add(c.Every)
	if c.Every == 0 {
		later = Now.Add(posture.DefaultEvery)
	}
	if !v.Until.IsZero() && v.Until.Before(later) {
		later = v.Until.Add(-time.Microsecond)
	}
	if later.Before(Now) {
		return
	}
	if w := c.Eval(tc.Facts, later); w.Status != v.Status || w.Reason != v.Reason {
		t.Errorf("%s: says %s (%s) now and %s (%s) at %s, before it ends", tc.Name, v.Status, v.Reason, w.Status, w.Reason, later)
	}
}

func inCatalogue(t *testing.T, id, control, obligation string) {
	t.Helper()
	cat, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	c, ok := cat.Control(control)
	if !ok || !strings.HasPrefix(id, control+"/") {
		t.Errorf("%s: no control %s", id, control)
	}
	if _, ok := c.Obligation(obligation); !ok {
		t.Errorf("%s: %s has no obligation %q", id, control, obligation)
	}
}

// Type is a device type with a full baseline.
func Type() *fleet.DeviceType {
	return &fleet.DeviceType{
		Name: "door-lock", Title: "Door lock", Version: "1.2.0", Changed: Now.Add(-30 * 24 * time.Hour),
		Properties: map[string]fleet.Property{"battery": {Type: "number", Class: "internal", Traffic: "telemetry", Stream: "state"}},
		Streams:    map[string]fleet.Stream{"state": {Properties: []string{"battery"}, Class: "internal", Traffic: "telemetry"}},
		Baseline: fleet.Baseline{
			Firmware: ">=2.4.1", Heartbeat: time.Minute, UpdateMaxAge: 90 * 24 * time.Hour, MaxMessage: 4096, MessageRate: 10,
			Key:          fleet.KeyBaseline{Algorithms: []string{"P-256"}, Storage: "secure-element", Lifetime: 365 * 24 * time.Hour},
			Network:      []fleet.NetworkRule{{To: "broker"}},
			Capabilities: map[string]string{"secureBoot": "evidence", "rootOfTrust": "evidence", "firmwareSignature": "evidence"},
		},
	}
}

// Device is an active device that is as it must be, changed by spoil.
func Device(spoil ...func(*posture.DeviceFacts)) *posture.DeviceFacts {
	yes, battery := true, 80.0
	f := &posture.DeviceFacts{
		Device: fleet.Device{
			ID: "01935d2a-8c00-7000-8000-000000000001", Name: "lock-1", Type: "door-lock", Site: "hamburg", State: fleet.Active,
			Assignee: "mara", Serial: "SN1", Created: Now.Add(-100 * 24 * time.Hour),
		},
		Type: Type(), InventoryAt: Now.Add(-time.Hour), LastSeen: Now.Add(-10 * time.Second), Connected: true,
		Inventory: &protocol.Inventory{
			Firmware: "2.4.1", OS: "zephyr 4", KeyStorage: "secure-element", Software: []protocol.Software{{Name: "agent", Version: "1.0"}},
			RootServices: []string{}, OpenPorts: []protocol.Port{}, SecureBoot: &yes,
			Interfaces: []protocol.Interface{{Name: "eth0", Kind: "ethernet"}},
		},
		Health: &protocol.Health{Battery: &battery}, HealthAt: Now.Add(-10 * time.Second),
		Certificates: []fleet.Certificate{Certificate().Certificate},
	}
	for _, s := range spoil {
		s(f)
	}
	return f
}

// Certificate is a certificate in use that is as it must be, changed by spoil.
func Certificate(spoil ...func(*posture.CertificateFacts)) *posture.CertificateFacts {
	f := &posture.CertificateFacts{
		Certificate: fleet.Certificate{
			Serial: "0a", SubjectKind: "device", SubjectID: "01935d2a-8c00-7000-8000-000000000001", SubjectName: "lock-1", Algorithm: "P-256",
			KeyHash: "ab", NotBefore: Now.Add(-30 * 24 * time.Hour), NotAfter: Now.Add(335 * 24 * time.Hour), State: fleet.CertificateActive, EnrolledBy: "claim",
		},
		URIs: []string{"urn:thingward:device:01935d2a-8c00-7000-8000-000000000001"}, KeySince: Now.Add(-30 * 24 * time.Hour), Known: true,
	}
	for _, s := range spoil {
		s(f)
	}
	return f
}

// Account is an administrator's account that is as it must be, changed by spoil.
func Account(spoil ...func(*posture.AccountFacts)) *posture.AccountFacts {
	f := &posture.AccountFacts{
		ID: "01935d2a-8c00-7000-8000-000000000002", Name: "mara", Kind: "person", Roles: []string{"system-administrator"}, State: "active", HasPassword: true, MFA: true,
		PasswordChanged: Now.Add(-30 * 24 * time.Hour), PasswordMaxAge: 365 * 24 * time.Hour, LastLogin: Now.Add(-time.Hour), Created: Now.Add(-100 * 24 * time.Hour),
	}
	for _, s := range spoil {
		s(f)
	}
	return f
}

// Service is a system's account that is as it must be, changed by spoil.
func Service(spoil ...func(*posture.AccountFacts)) *posture.AccountFacts {
	f := &posture.AccountFacts{
		ID: "01935d2a-8c00-7000-8000-000000000003", Name: "billing", Kind: "service", Roles: []string{"application"}, State: "active",
		Created: Now.Add(-100 * 24 * time.Hour), Tokens: []posture.TokenFacts{{ID: "t", Created: Now, Expires: Now.Add(24 * time.Hour)}},
	}
	for _, s := range spoil {
		s(f)
	}
	return f
}

// Server is a server that is as it must be, changed by spoil.
func Server(spoil ...func(*posture.ServerFacts)) *posture.ServerFacts {
	f := &posture.ServerFacts{
		Name: "thingward", Version: "1.0.0", Limits: posture.BrokerLimits{MaxPacket: 262144, ClientRate: 100, GlobalRate: 200000},
		Audit:  posture.AuditFacts{Verified: Now.Add(-time.Hour), VerifiedOK: true, Checkpoint: Now.Add(-time.Second)},
		Routes: []posture.RouteFacts{{Name: "duty", Kind: "webhook", LastOK: Now.Add(-time.Hour)}},
	}
	for _, s := range spoil {
		s(f)
	}
	return f
}

// DeviceType is a type that is as it must be, changed by spoil.
func DeviceType(spoil ...func(*fleet.DeviceType)) *posture.TypeFacts {
	f := &posture.TypeFacts{Type: Type()}
	for _, s := range spoil {
		s(f.Type)
	}
	return f
}

// Alert is an alert about a duplicate identity that was dealt with, changed by spoil.
func Alert(spoil ...func(*posture.AlertFacts)) *posture.AlertFacts {
	f := &posture.AlertFacts{
		ID: "a1", Rule: "duplicate-identity", Control: "TSP-03", Title: "Same certificate from two networks", Severity: fleet.High, State: "closed",
		Event: Now.Add(-time.Hour), Raised: Now.Add(-time.Hour).Add(200 * time.Millisecond), Closed: Now.Add(-30 * time.Minute), Cause: "stolen", Remedy: "revoked",
	}
	for _, s := range spoil {
		s(f)
	}
	return f
}

// Listener is a listener that is as it must be, changed by spoil.
func Listener(spoil ...func(*posture.ListenerFacts)) *posture.ListenerFacts {
	f := &posture.ListenerFacts{Name: "mqtts", Address: ":8883", Protocol: "mqtts", TLSMin: "TLS 1.3", ClientAuth: true, MaxPacket: 262144}
	for _, s := range spoil {
		s(f)
	}
	return f
}
