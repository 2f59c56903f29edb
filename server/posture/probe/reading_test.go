package probe

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/posture"
)

func TestDescriptionIsJudged(t *testing.T) {
	for _, c := range []struct{ probe, spoil, with string }{
		{"api.protected", `"x-permission":"self:read"`, `"x-permission":"anything"`},
		{"api.protected", `Open: nobody is signed in yet.`, ``},
		{"api.audited", `"x-audits":"device.changed"`, `"x-audits":""`},
		{"api.audited", `"x-audits":"device.changed"`, `"x-audits":"device.silent"`},
		{"api.append-only", `"/api/v1/audit/{index}":{"get"`, `"/api/v1/audit/{index}":{"delete"`},
		{"api.append-only", `"/api/v1/audit/verify"`, `"/api/v1/audit/rewrite"`},
		{"api.identifier-fixed", `"site":{}`, `"id":{}`},
	} {
		text := description
		p := New(Config{Clock: clock.Real{}, OpenAPI: func() ([]byte, error) { return []byte(text), nil }})
		if r, err := p.Probe(t.Context(), c.probe); err != nil || !r.Attempted || !r.Held {
			t.Errorf("%s: %+v %v", c.probe, r, err)
		}
		text = strings.Replace(description, c.spoil, c.with, 1)
		if r, err := p.Probe(t.Context(), c.probe); err != nil || !r.Attempted || r.Held || text == description {
			t.Errorf("%s with %s: %+v %v", c.probe, c.with, r, err)
		}
		for _, useless := range []string{"", "{", `{"paths":{}}`} {
			text = useless
			if r, _ := p.Probe(t.Context(), c.probe); r.Attempted {
				t.Errorf("%s of %q: %+v", c.probe, useless, r)
			}
		}
	}
}

// allow is policy as a table: what each role may, besides one's own settings.
type allow map[access.Role][]access.Permission

// Decide looks it up.
func (a allow) Decide(_ context.Context, p access.Principal, need access.Permission, on access.Resource) access.Decision {
	ok := own(need) && p.Kind != access.Device
	for _, r := range p.Roles {
		for _, may := range a[r] {
			ok = ok || (may == need && (r != access.LocalUser && r != access.GatewayRole || on.Site == p.Site))
		}
	}
	return access.Decision{Allowed: ok, Policies: []string{"table"}}
}

func good() allow {
	a := allow{
		access.Auditor: {access.AuditRead, access.DeviceRead}, access.KeyManager: {access.KeyWrite, access.CertificateRevoke, access.ClaimCreate},
		access.SystemOperator: {access.DeviceRead, access.DeviceWrite}, access.LocalUser: {access.DeviceRead}, access.GatewayRole: {access.DeviceRead}, access.Application: {access.TelemetryRead}, access.RiskManager: {access.RiskRead, access.RiskDecide},
	}
	for _, need := range access.Permissions {
		if need != access.AuditRead && need != access.KeyWrite && need != access.CertificateRevoke {
			a[access.SystemAdministrator] = append(a[access.SystemAdministrator], need)
		}
	}
	return a
}

func TestPolicyIsJudged(t *testing.T) {
	for name, spoil := range map[string]func(allow){
		"policy.auditor-only":   func(a allow) { a[access.SystemAdministrator] = append(a[access.SystemAdministrator], access.AuditRead) },
		"policy.key-role":       func(a allow) { delete(a, access.KeyManager) },
		"policy.revoke-role":    func(a allow) { a[access.Auditor] = append(a[access.Auditor], access.CertificateRevoke) },
		"policy.write-elevated": func(a allow) { a[access.Application] = append(a[access.Application], access.DeviceWrite) },
		"policy.roles":          func(a allow) { delete(a, access.Application) },
		"policy.mapped":         func(a allow) { delete(a, access.KeyManager) },
	} {
		a := good()
		p := New(Config{Clock: clock.Real{}, Policy: a})
		if r, err := p.Probe(t.Context(), name); err != nil || !r.Attempted || !r.Held {
			t.Errorf("%s: %+v %v", name, r, err)
		}
		spoil(a)
		if r, err := p.Probe(t.Context(), name); err != nil || !r.Attempted || r.Held {
			t.Errorf("%s, spoilt: %+v %v", name, r, err)
		}
	}
	open := New(Config{Clock: clock.Real{}, Policy: everything{}})
	for name := range open.policy() {
		if r, _ := open.Probe(t.Context(), name); r.Held && name != "policy.mapped" {
			t.Errorf("%s holds where everything is allowed: %s", name, r.Detail)
		}
	}
}

// everything allows everything.
type everything struct{}

// Decide allows.
func (everything) Decide(context.Context, access.Principal, access.Permission, access.Resource) access.Decision {
	return access.Decision{Allowed: true}
}

// forgetful takes incomplete events.
type forgetful struct{}

// Publish takes anything.
func (forgetful) Publish(fleet.Event) error { return nil }

func TestIncompleteEvents(t *testing.T) {
	w := newWorld(t, faults{})
	if r, err := New(Config{Clock: clock.Real{}, Events: w}).Probe(t.Context(), "event.incomplete"); err != nil || !r.Held {
		t.Errorf("%+v %v", r, err)
	}
	if r, _ := New(Config{Clock: clock.Real{}, Events: forgetful{}}).Probe(t.Context(), "event.incomplete"); r.Held {
		t.Errorf("%+v", r)
	}
}

// TestSockets opens real sockets and finds them in the kernel's tables.
func TestSockets(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	target := Target{Name: "one", Network: "tcp", Address: l.Addr().String(), TLS: true}
	p := New(Config{Clock: clock.Real{}, Targets: []Target{target}})
	expect := func(probe string, check func(posture.ProbeResult) bool) {
		t.Helper()
		if r, err := p.Probe(t.Context(), probe); err != nil || !check(r) {
			t.Errorf("%s: %+v %v", probe, r, err)
		}
	}
	holds := func(r posture.ProbeResult) bool { return r.Attempted && r.Held }
	breaks := func(r posture.ProbeResult) bool { return r.Attempted && !r.Held }
	expect("sockets.documented", holds)
	expect("udp.sockets", func(r posture.ProbeResult) bool { return r.None })
	expect("udp.plain-coap", func(r posture.ProbeResult) bool { return r.None })
	p.Targets = append(p.Targets, Target{Name: "two", Network: "tcp", Address: "127.0.0.1:1"})
	expect("sockets.documented", breaks)
	p.Targets = p.Targets[:1]

	u, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = u.Close() }()
	expect("sockets.documented", breaks)
	expect("udp.sockets", breaks)
	expect("udp.discovery", holds) // nobody answers yet
	p.Targets = append(p.Targets, Target{Name: "coaps", Network: "udp", Address: u.LocalAddr().String(), TLS: true})
	expect("sockets.documented", holds)
	expect("udp.sockets", holds)
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := u.ReadFromUDP(buf)
			if err != nil {
				return
			}
			_, _ = u.WriteToUDP(buf[:n], from)
		}
	}()
	expect("udp.plain-coap", breaks)
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{"0100007F:22B3": "127.0.0.1:8883", "00000000:1F90": "0.0.0.0:8080", "00000000000000000000000001000000:0050": "[::1]:80", "0000000000000000FFFF00000100007F:0050": "127.0.0.1:80"} {
		if got, err := parseAddress(in); err != nil || got.String() != want {
			t.Errorf("%s: %s %v", in, got, err)
		}
	}
	for in, want := range map[string]string{":8443": "127.0.0.1:8443", "[::]:1": "127.0.0.1:1", "192.0.2.1:5": "192.0.2.1:5", "odd": "odd"} {
		if got := reachable(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func FuzzParseSockets(f *testing.F) {
	f.Add([]byte("sl local rem st\n 0: 0100007F:22B3 0:0 0A 0:0 0:0 0 0 0 42"))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = parseSockets(b, "tcp", "0A", map[string]bool{"42": true}) })
}

func FuzzParseDescription(f *testing.F) {
	f.Add([]byte(description))
	f.Fuzz(func(_ *testing.T, b []byte) {
		if ops, err := parseDescription(b); err == nil {
			_, _, _ = protected(ops), appendOnly(ops), identifierFixed(ops)
		}
	})
}

func TestHostHardening(t *testing.T) {
	dir := t.TempDir()
	p := New(Config{Clock: clock.Real{}, Proc: dir, Root: dir})
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range settings {
		write(s.path, "2\n")
	}
	write("sys/fs/suid_dumpable", "0\n")
	expect := func(held bool, says string) {
		t.Helper()
		if r, err := p.Probe(t.Context(), "host.hardening"); err != nil || r.Held != held || !strings.Contains(r.Detail, says) {
			t.Errorf("%+v %v, want it to say %q", r, err, says)
		}
	}
	expect(true, "hardened")
	write("sys/kernel/randomize_va_space", "0")
	expect(false, "address space randomisation")
	write("sys/kernel/randomize_va_space", "2")
	write("etc/ssh/sshd_config", "# PasswordAuthentication no\nPasswordAuthentication no\nMatch User x\nPermitRootLogin yes\n")
	expect(true, "hardened")
	write("etc/ssh/sshd_config.d/10.conf", "PasswordAuthentication=yes\nPermitRootLogin yes\n")
	expect(false, "SSH logs in root by password")
	write("sys/kernel/randomize_va_space", "spring")
	if r, err := p.Probe(t.Context(), "host.hardening"); err == nil || r.Attempted {
		t.Errorf("unreadable: %+v", r)
	}
}

func TestPrivileges(t *testing.T) {
	for set, want := range map[uint64]bool{0: true, 1 << bindLow: true, 1 << 21: false, 1<<bindLow | 1<<21: false, 1 << 40: false} {
		if r := judgeCapabilities(set); !r.Attempted || r.Held != want {
			t.Errorf("%#x: %+v", set, r)
		}
	}
	if r, err := New(Config{Clock: clock.Real{}}).Probe(t.Context(), "process.privileges"); err != nil || !r.Attempted {
		t.Errorf("%+v %v", r, err)
	}
}
