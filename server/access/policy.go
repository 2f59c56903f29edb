package access

import (
	"embed"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

//go:embed policies
var policyFiles embed.FS

// Policy is one rule of who may do what. Roles are the standard roles it speaks of; none means everyone.
type Policy struct {
	ID     string `json:"id"`
	Effect string `json:"effect"` // permit, forbid
	Text   string `json:"text"`   // Cedar, with the comment that explains it
	Roles  []Role `json:"roles"`
}

// Policies lists the policies in force, by file and place.
func (s *Service) Policies() []Policy { return slices.Clone(s.policies.list) }

// policies is the validated set, made once. byAction holds for each permission only the policies whose scope can match,
// so that a decision costs what its few policies cost.
type policies struct {
	list            []Policy
	actions         map[Permission]cedar.EntityUID
	entities        types.EntityMap // the action groups
	byAction        map[Permission]policyList
	strict, relaxed cedar.Record
}

type namedPolicy struct {
	id     cedar.PolicyID
	policy *cedar.Policy
}

type policyList []namedPolicy

// All gives the policies to Cedar.
func (l policyList) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, p := range l {
			if !yield(p.id, p.policy) {
				return
			}
		}
	}
}

func loadPolicies() (*policies, error) {
	sch, err := loadSchema(policyFiles)
	if err != nil {
		return nil, fmt.Errorf("policy schema: %w", err)
	}
	all, list, err := readPolicies(policyFiles, validate.New(sch))
	if err != nil {
		return nil, err
	}
	ps := &policies{
		list: list, actions: map[Permission]cedar.EntityUID{}, entities: types.EntityMap{}, byAction: map[Permission]policyList{},
		strict:  cedar.NewRecord(cedar.RecordMap{"requireMFA": cedar.True}),
		relaxed: cedar.NewRecord(cedar.RecordMap{"requireMFA": cedar.False}),
	}
	for uid, a := range sch.Actions {
		ps.entities[uid] = a.Entity
	}
	for _, need := range Permissions {
		uid := cedar.NewEntityUID("Action", cedar.String(need))
		ps.actions[need] = uid
		ps.byAction[need] = policiesFor(all, ps.entities[uid])
	}
	return ps, nil
}

// loadSchema reads the schema and refuses one whose actions are not exactly the permissions.
func loadSchema(files fs.FS) (*resolved.Schema, error) {
	const name = "policies/schema.cedarschema"
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	var sch schema.Schema
	sch.SetFilename(name)
	if err := sch.UnmarshalCedar(text); err != nil {
		return nil, err
	}
	out, err := sch.Resolve()
	if err != nil {
		return nil, err
	}
	for _, p := range Permissions {
		if a, ok := out.Actions[cedar.NewEntityUID("Action", cedar.String(p))]; !ok || a.AppliesTo == nil {
			return nil, fmt.Errorf("%s: the permission %q is no action with appliesTo: add it", name, p)
		}
	}
	for uid, a := range out.Actions {
		if a.AppliesTo != nil && !slices.Contains(Permissions, Permission(uid.ID)) {
			return nil, fmt.Errorf("%s: the action %q is no permission", name, uid.ID)
		}
	}
	return out, nil
}

func readPolicies(files fs.FS, v *validate.Validator) (all []namedPolicy, list []Policy, err error) {
	names, err := fs.Glob(files, "policies/*.cedar")
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, nil, err
		}
		found, err := cedar.NewPolicyListFromBytes(name, text)
		if err != nil {
			return nil, nil, fmt.Errorf("policy file %s: %w", name, err)
		}
		for i, p := range found {
			id := string(p.Annotations()["id"])
			if id == "" || seen[id] {
				return nil, nil, fmt.Errorf("%s: policy %d needs an @id of its own, has %q", name, i+1, id)
			}
			seen[id] = true
			if err := v.Policy(id, (*ast.Policy)(p.AST())); err != nil {
				return nil, nil, fmt.Errorf("policy %s: %w", id, err)
			}
			all = append(all, namedPolicy{cedar.PolicyID(id), p})
			list = append(list, describe(id, p, string(text), found, i))
		}
	}
	return all, list, nil
}

// describe cuts a policy's own text, with the comment above it, out of its file.
func describe(id string, p *cedar.Policy, text string, found cedar.PolicyList, i int) Policy {
	end := len(text)
	if i+1 < len(found) {
		end = commentStart(text, found[i+1].Position().Offset)
	}
	own := strings.TrimSpace(text[commentStart(text, p.Position().Offset):end])
	out := Policy{ID: id, Effect: "permit", Text: own, Roles: []Role{}}
	if p.Effect() == cedar.Forbid {
		out.Effect = "forbid"
	}
	for _, r := range Roles {
		if strings.Contains(own, fmt.Sprintf("Role::%q", r)) {
			out.Roles = append(out.Roles, r)
		}
	}
	return out
}

// commentStart goes back from offset over the comment lines right above it.
func commentStart(text string, offset int) int {
	for offset > 0 {
		line := strings.LastIndexByte(text[:offset-1], '\n') + 1
		if !strings.HasPrefix(text[line:], "//") {
			break
		}
		offset = line
	}
	return offset
}

// policiesFor keeps the policies whose action scope can match action.
func policiesFor(all []namedPolicy, action types.Entity) (out policyList) {
	for _, p := range all {
		if scopeMatches((*ast.Policy)(p.policy.AST()).Action, action) {
			out = append(out, p)
		}
	}
	return out
}

func scopeMatches(scope ast.IsActionScopeNode, action types.Entity) bool {
	within := func(uid types.EntityUID) bool { return uid == action.UID || action.Parents.Contains(uid) }
	switch sc := scope.(type) {
	case ast.ScopeTypeEq:
		return sc.Entity == action.UID
	case ast.ScopeTypeIn:
		return within(sc.Entity)
	case ast.ScopeTypeInSet:
		return slices.ContainsFunc(sc.Entities, within)
	}
	return true
}
