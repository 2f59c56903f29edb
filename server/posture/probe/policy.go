package probe

import (
	"context"
	"slices"
	"strings"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/posture"
)

// policy is what is asked of the policies in force. Callers are made up, each with one role; nobody has none. All of them
// showed a second factor, so that a refusal is due to the role alone.
func (p *Prober) policy() map[string]Try {
	if p.Policy == nil {
		return nil
	}
	tries := map[string]Try{}
	for name, ask := range map[string]func(context.Context) posture.ProbeResult{
		"policy.auditor-only": func(ctx context.Context) posture.ProbeResult {
			return p.only(ctx, "reads the log", access.AuditRead, access.Auditor)
		},
		"policy.key-role": func(ctx context.Context) posture.ProbeResult {
			return p.only(ctx, "configures keys", access.KeyWrite, access.KeyManager)
		},
		"policy.revoke-role": func(ctx context.Context) posture.ProbeResult {
			return p.never(ctx, "revoke a certificate", access.CertificateRevoke, access.Auditor, access.LocalUser, access.Application, access.GatewayRole, access.DeviceRole, "")
		},
		"policy.write-elevated": func(ctx context.Context) posture.ProbeResult {
			if !p.may(ctx, access.SystemOperator, access.DeviceWrite) {
				return broke("not even an operator may write a configuration")
			}
			return p.never(ctx, "write a configuration", access.DeviceWrite, access.Auditor, access.KeyManager, access.LocalUser, access.Application, access.GatewayRole, access.DeviceRole, "")
		},
		"policy.read-limited": func(ctx context.Context) posture.ProbeResult {
			return p.never(ctx, "read a configuration elsewhere", access.DeviceRead, access.LocalUser, access.GatewayRole, access.DeviceRole, "")
		},
		"policy.roles":         p.roles,
		"policy.refusal-named": p.refusalNamed,
		"policy.mapped":        p.mapped,
		"policy.unelevated":    p.unelevated,
	} {
		tries[name] = func(ctx context.Context) (posture.ProbeResult, error) { return ask(ctx), nil }
	}
	return tries
}

// caller is somebody with one role, or with none.
func caller(r access.Role) access.Principal {
	c := access.Principal{Kind: access.Person, ID: "self-test", Name: "self-test", Method: "self-test", MFA: true, Site: "self-test"}
	switch r {
	case "":
		return c
	case access.Application, access.GatewayRole:
		c.Kind = "service"
	case access.DeviceRole:
		c.Kind = access.Device
	default: // people hold the others
	}
	c.Roles = []access.Role{r}
	return c
}

// elsewhere is a device at another site than the callers'.
var elsewhere = access.Resource{Kind: "device", ID: "self-test", Site: "self-test-elsewhere"}

func (p *Prober) decide(ctx context.Context, r access.Role, need access.Permission) access.Decision {
	return p.Policy.Decide(ctx, caller(r), need, elsewhere)
}

func (p *Prober) may(ctx context.Context, r access.Role, need access.Permission) bool {
	return p.decide(ctx, r, need).Allowed
}

// only says that one role may do something, and no other.
func (p *Prober) only(ctx context.Context, what string, need access.Permission, one access.Role) posture.ProbeResult {
	if !p.may(ctx, one, need) {
		return broke("not even %s %s", one, what)
	}
	for _, r := range append([]access.Role{""}, access.Roles...) {
		if r != one && p.may(ctx, r, need) {
			return broke("%s %s", title(r), what)
		}
	}
	return held("of all standard roles only %s %s", one, what)
}

// never says that none of some roles may do something.
func (p *Prober) never(ctx context.Context, what string, need access.Permission, roles ...access.Role) posture.ProbeResult {
	var names []string
	for _, r := range roles {
		if p.may(ctx, r, need) {
			return broke("%s may %s", title(r), what)
		}
		names = append(names, title(r))
	}
	return held("may not %s: %s", what, strings.Join(names, ", "))
}

func title(r access.Role) string {
	if r == "" {
		return "a caller without a role"
	}
	return string(r)
}

// roles says that the standard roles mean something: each of people and services opens something more than one's own
// settings, somewhere, and a device's opens nothing at the API.
func (p *Prober) roles(ctx context.Context) posture.ProbeResult {
	home := access.Resource{Kind: "device", ID: "self-test", Site: "self-test"}
	for _, r := range access.Roles {
		opens := slices.ContainsFunc(access.Permissions, func(need access.Permission) bool {
			return !own(need) && p.Policy.Decide(ctx, caller(r), need, home).Allowed
		})
		if opens == (r == access.DeviceRole) {
			return broke("the role %s does not do what it is for", r)
		}
	}
	return held("all %d standard roles are in force", len(access.Roles))
}

// own tells whether a permission is about the caller's own settings, or about checking that the log is whole.
func own(need access.Permission) bool {
	return need == access.SelfRead || need == access.SelfWrite || need == access.AuditVerify
}

func (p *Prober) refusalNamed(ctx context.Context) posture.ProbeResult {
	refused := 0
	for _, r := range append([]access.Role{""}, access.Roles...) {
		for _, need := range access.Permissions {
			d := p.decide(ctx, r, need)
			if d.Allowed {
				continue
			}
			refused++
			if len(d.Policies) == 0 || slices.Contains(d.Policies, "") {
				return broke("the refusal of %s to %s names nothing", need, title(r))
			}
		}
	}
	if refused == 0 {
		return broke("nothing is refused to anybody")
	}
	return held("each refusal to each standard role names what decided")
}

func (p *Prober) mapped(ctx context.Context) posture.ProbeResult {
	home := access.Resource{Kind: "device", ID: "self-test", Site: "self-test"}
	for _, need := range access.Permissions {
		if !slices.ContainsFunc(access.Roles, func(r access.Role) bool { return p.Policy.Decide(ctx, caller(r), need, home).Allowed }) {
			return broke("no role may %s", need)
		}
	}
	return held("each of %d permissions belongs to a role", len(access.Permissions))
}

func (p *Prober) unelevated(ctx context.Context) posture.ProbeResult {
	for _, need := range access.Permissions {
		if !own(need) && p.may(ctx, "", need) {
			return broke("a caller without a role may %s", need)
		}
	}
	return held("a caller without a role may change nothing but own settings")
}
