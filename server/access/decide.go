package access

import (
	"context"
	"fmt"
	"slices"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

// NoPolicy stands in a Decision where nothing permits and nothing forbids.
const NoPolicy = "no policy permits"

var entityTypes = map[Kind]cedar.EntityType{Person: "Person", ServiceAccount: "Service", Device: "Device"}

// Decide asks the policies. A refusal names the policies that forbid, or NoPolicy. A policy that cannot be evaluated
// refuses, so that a fault in a forbidding one never opens anything.
func (s *Service) Decide(_ context.Context, p Principal, need Permission, on Resource) Decision {
	d := s.policies.decide(p, need, on, s.Rules.RequireMFA)
	if d.fault != "" {
		s.Log.Error("policy cannot be evaluated", "policy", d.Policies, "permission", need, "error", d.fault)
	}
	return d.Decision
}

type decision struct {
	Decision
	fault string
}

func (ps *policies) decide(p Principal, need Permission, on Resource, requireMFA bool) decision {
	who, known := entityTypes[p.Kind]
	action, is := ps.actions[need]
	if !known || !is || p.ID == "" {
		return decision{Decision: Decision{Policies: []string{NoPolicy}}}
	}
	f := facts{ps: ps, principal: principalEntity(who, p), resource: resourceEntity(on)}
	circumstances := ps.relaxed
	if requireMFA {
		circumstances = ps.strict
	}
	effect, why := cedar.Authorize(ps.byAction[need], &f, cedar.Request{Principal: f.principal.UID, Action: action, Resource: f.resource.UID, Context: circumstances})
	if len(why.Errors) > 0 {
		return decision{Decision{Policies: []string{string(why.Errors[0].PolicyID)}}, why.Errors[0].Message}
	}
	names := make([]string, 0, max(1, len(why.Reasons)))
	for _, r := range why.Reasons {
		names = append(names, string(r.PolicyID))
	}
	if len(names) == 0 {
		names = append(names, NoPolicy)
	}
	slices.Sort(names)
	return decision{Decision: Decision{Allowed: effect == cedar.Allow, Policies: names}}
}

// Permissions lists what p may do, where it may be only in one place there.
func (s *Service) Permissions(ctx context.Context, p Principal) []Permission {
	may := []Permission{}
	for _, need := range Permissions {
		if s.Decide(ctx, p, need, Resource{Site: p.Site}).Allowed {
			may = append(may, need)
		}
	}
	return may
}

// facts is what one request lets the policies look up.
type facts struct {
	ps        *policies
	principal types.Entity
	resource  types.Entity
}

// Get finds an entity, for Cedar.
func (f *facts) Get(uid types.EntityUID) (types.Entity, bool) {
	switch uid {
	case f.principal.UID:
		return f.principal, true
	case f.resource.UID:
		return f.resource, true
	}
	e, ok := f.ps.entities[uid]
	return e, ok
}

func principalEntity(typ cedar.EntityType, p Principal) types.Entity {
	roles := make([]types.EntityUID, 0, len(p.Roles))
	for _, r := range p.Roles {
		roles = append(roles, cedar.NewEntityUID("Role", cedar.String(r)))
	}
	attributes := cedar.RecordMap{"mfa": cedar.Boolean(p.MFA), "mustChange": cedar.Boolean(p.MustChange)}
	if p.Site != "" {
		attributes["site"] = cedar.String(p.Site)
	}
	return types.Entity{UID: cedar.NewEntityUID(typ, cedar.String(p.ID)), Parents: cedar.NewEntityUIDSet(roles...), Attributes: cedar.NewRecord(attributes)}
}

func resourceEntity(on Resource) types.Entity {
	attributes := cedar.RecordMap{"kind": cedar.String(on.Kind)}
	if on.Site != "" {
		attributes["site"] = cedar.String(on.Site)
	}
	if on.System != "" {
		attributes["system"] = cedar.String(on.System)
	}
	return types.Entity{UID: cedar.NewEntityUID("Resource", cedar.String(fmt.Sprintf("%s/%s", on.Kind, on.ID))), Attributes: cedar.NewRecord(attributes)}
}
