package access

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

var update = flag.Bool("update", false, "rewrite golden files")

func decider(t testing.TB, r Rules) *Service {
	t.Helper()
	ps, err := loadPolicies()
	if err != nil {
		t.Fatal(err)
	}
	return &Service{Config: Config{Log: slog.New(slog.DiscardHandler), Rules: r}, policies: ps}
}

// holder is somebody of a role, as the kind of caller that usually holds it.
func holder(r Role) Principal {
	kind := Person
	switch r {
	case Application, GatewayRole:
		kind = ServiceAccount
	case DeviceRole:
		kind = Device
	default: // people hold the others
	}
	return Principal{Kind: kind, ID: "id-of-" + string(r), Name: string(r), Roles: []Role{r}, Site: "hall-1"}
}

// The table of who may do what, for review: a change of policy shows here.
func TestRoleMatrix(t *testing.T) {
	s := decider(t, Rules{})
	var b strings.Builder
	b.WriteString("# What each standard role may do\n\n`yes` everywhere, `site` at its own site only, blank no. Written by the test of package access; do not edit.\n\n| Permission |")
	for _, r := range Roles {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(Roles)) + "\n")
	for _, need := range Permissions {
		fmt.Fprintf(&b, "| %s |", need)
		for _, r := range Roles {
			fmt.Fprintf(&b, " %s |", cell(s, holder(r), need))
		}
		b.WriteString("\n")
	}
	golden(t, "testdata/roles.md", b.String())
}

func cell(s *Service, p Principal, need Permission) string {
	allowed := func(site string) bool {
		return s.Decide(context.Background(), p, need, Resource{Kind: "device", ID: "d", Site: site}).Allowed
	}
	switch {
	case allowed("") && allowed("hall-2"):
		return "yes"
	case allowed("hall-1") && !allowed("hall-2") && !allowed(""):
		return "site"
	case allowed("hall-1"):
		return "inconsistent"
	}
	return ""
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what the policies say now; if that is meant, run the test with -update and let the change be reviewed.\n%s", path, got)
	}
}

func TestAuditLogIsForAuditorsOnly(t *testing.T) {
	s := decider(t, Rules{})
	admin := Principal{Kind: Person, ID: "a", Roles: []Role{SystemAdministrator, SystemOperator, KeyManager, LocalUser}, MFA: true}
	d := s.Decide(context.Background(), admin, AuditRead, Resource{})
	if d.Allowed || !slices.Equal(d.Policies, []string{"audit-log-auditors-only"}) {
		t.Errorf("administrator reads the audit log: %+v", d)
	}
	admin.Roles = append(admin.Roles, Auditor)
	if d := s.Decide(context.Background(), admin, AuditRead, Resource{}); !d.Allowed {
		t.Errorf("auditor who is administrator too: %+v", d)
	}
}

func TestDecisionsNameTheirPolicies(t *testing.T) {
	operator := Principal{Kind: Person, ID: "o", Roles: []Role{SystemOperator}}
	aged := operator
	aged.MustChange = true
	admin := Principal{Kind: Person, ID: "a", Roles: []Role{SystemAdministrator}}
	strong := admin
	strong.MFA = true
	gateway := Principal{Kind: Device, ID: "g", Roles: []Role{SystemAdministrator}}
	for _, c := range []struct {
		what string
		p    Principal
		need Permission
		mfa  bool
		want Decision
	}{
		{"permit", operator, DeviceWrite, false, Decision{true, []string{"system-operator"}}},
		{"nothing permits", operator, AccountWrite, false, Decision{false, []string{NoPolicy}}},
		{"aged password", aged, DeviceRead, false, Decision{false, []string{"password-change-first"}}},
		{"aged password, own settings", aged, SelfWrite, false, Decision{true, []string{"everyone-own-settings"}}},
		{"privileged, one factor", admin, DeviceRead, true, Decision{false, []string{"privileged-needs-second-factor"}}},
		{"privileged, one factor, enrolling", admin, SelfWrite, true, Decision{true, []string{"everyone-own-settings"}}},
		{"privileged, two factors", strong, DeviceRead, true, Decision{true, []string{"system-administrator"}}},
		{"operator, one factor", operator, DeviceRead, true, Decision{true, []string{"system-operator"}}},
		{"a device with a role", gateway, DeviceRead, false, Decision{false, []string{"device-calls-no-api"}}},
		{"nobody", Principal{}, SelfRead, false, Decision{false, []string{NoPolicy}}},
		{"no such permission", admin, "device:explode", false, Decision{false, []string{NoPolicy}}},
	} {
		d := decider(t, Rules{RequireMFA: c.mfa}).Decide(context.Background(), c.p, c.need, Resource{Kind: "device", ID: "d"})
		if d.Allowed != c.want.Allowed || !slices.Equal(d.Policies, c.want.Policies) {
			t.Errorf("%s: %+v, want %+v", c.what, d, c.want)
		}
	}
}

func TestPoliciesDescribeThemselves(t *testing.T) {
	seen := map[Role]bool{}
	for _, p := range decider(t, Rules{}).Policies() {
		if !strings.HasPrefix(p.Text, "//") || strings.Count(p.Text, "@id(") != 1 || !strings.HasSuffix(p.Text, ";") || !strings.Contains(p.Text, p.ID) {
			t.Errorf("%s is cut out wrongly:\n%s", p.ID, p.Text)
		}
		if !strings.Contains(p.Text, p.Effect+" (") {
			t.Errorf("%s: effect %q is not in its text", p.ID, p.Effect)
		}
		for _, r := range p.Roles {
			seen[r] = true
		}
	}
	for _, r := range Roles {
		if !seen[r] && r != DeviceRole { // devices are refused by their kind
			t.Errorf("no policy speaks of the role %s", r)
		}
	}
}

func TestFaultyPoliciesStopTheStart(t *testing.T) {
	sch, err := loadSchema(policyFiles)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"no id":                        `permit (principal, action, resource);`,
		"unknown action":               `@id("x") permit (principal, action == Action::"device:raed", resource);`,
		"unknown attribute":            `@id("x") permit (principal, action, resource) when { principal.rank == 3 };`,
		"optional attribute unguarded": `@id("x") permit (principal, action, resource) when { principal.site == "a" };`,
		"no Cedar":                     `@id("x") allow everything`,
		"id twice":                     `@id("x") permit (principal is Person, action, resource); @id("x") permit (principal, action, resource);`,
	} {
		files := fstest.MapFS{"policies/x.cedar": {Data: []byte(text)}}
		if _, _, err := readPolicies(files, validate.New(sch)); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	s := decider(b, Rules{})
	ctx, on := context.Background(), Resource{Kind: "device", ID: "0192f3a0-0000-7000-8000-000000000000", Site: "hall-1"}
	for _, r := range []Role{SystemAdministrator, LocalUser} {
		b.Run(string(r), func(b *testing.B) {
			p := holder(r)
			b.ReportAllocs()
			for b.Loop() {
				s.Decide(ctx, p, DeviceRead, on)
			}
		})
	}
}
