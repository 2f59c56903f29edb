package access

import (
	"context"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
)

// Kind is what sort of caller a Principal is.
type Kind string

// The kinds of caller.
const (
	Person         Kind = "person"
	ServiceAccount Kind = "service"
	Device         Kind = "device"
)

// Role is a standard role (SCN-07). What a role may do is decided by policy, never by comparing roles in code.
type Role string

// The standard roles.
const (
	SystemAdministrator Role = "system-administrator"
	SystemOperator      Role = "system-operator"
	Auditor             Role = "auditor"
	KeyManager          Role = "key-manager"
	LocalUser           Role = "local-user"
	Application         Role = "application"
	GatewayRole         Role = "gateway"
	DeviceRole          Role = "device"
	RiskManager         Role = "risk-manager"
)

// Roles lists the standard roles.
var Roles = []Role{SystemAdministrator, SystemOperator, Auditor, KeyManager, LocalUser, Application, GatewayRole, DeviceRole, RiskManager}

// Principal is a caller whose identity is proved.
type Principal struct {
	Kind    Kind      `json:"kind"`
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Roles   []Role    `json:"roles"`
	Session string    `json:"session,omitempty"` // session or token id, never its secret
	Method  string    `json:"method"`            // password, totp, link, token, certificate
	MFA     bool      `json:"mfa"`               // a second factor was shown in this session
	Since   time.Time `json:"since"`             // when identity was last proved
	Address string    `json:"address,omitempty"`
	Site    string    `json:"site,omitempty"` // the one place of a local user or gateway

	// MustChange is set while the password is past its age or was set by somebody else: policy allows nothing but
	// changing it (TSP-05).
	MustChange bool `json:"mustChange,omitempty"`
}

// Has reports whether p carries a role; for showing, not for deciding.
func (p Principal) Has(r Role) bool { return slices.Contains(p.Roles, r) }

// Party is p as an event names it.
func (p Principal) Party() fleet.Party {
	return fleet.Party{Kind: string(p.Kind), ID: p.ID, Name: p.Name, Address: p.Address}
}

type contextKey struct{}

// With puts the caller into a context.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From takes the caller out of a context; ok is false where nobody has proved who they are.
func From(ctx context.Context) (p Principal, ok bool) {
	p, ok = ctx.Value(contextKey{}).(Principal)
	return p, ok
}

// PartyOf is the caller as an event names it, or the server itself for what it does on its own.
func PartyOf(ctx context.Context) fleet.Party {
	if p, ok := From(ctx); ok {
		return p.Party()
	}
	return fleet.Server("core")
}

// Permission is what a route needs, "noun:verb" (device:read). Each is a Cedar action.
type Permission string

// Resource is what an operation touches, for policies that look at it. Empty fields are not known.
type Resource struct {
	Kind   string // device, account, control …
	ID     string
	System string
	Site   string
}

// Decision is what policy says, with the names of the policies that decided.
type Decision struct {
	Allowed  bool
	Policies []string
}

// Permissions. A route names exactly one; docs and policies list them.
const (
	DeviceRead        Permission = "device:read"
	DeviceWrite       Permission = "device:write"      // create, change, labels
	DeviceQuarantine  Permission = "device:quarantine" // quarantine, release, suspend, resume
	DeviceRetire      Permission = "device:retire"
	DeviceCommand     Permission = "device:command"
	TypeRead          Permission = "type:read"
	TypeWrite         Permission = "type:write"
	ClaimCreate       Permission = "claim:create"
	CertificateRead   Permission = "certificate:read"
	CertificateRevoke Permission = "certificate:revoke"
	KeyWrite          Permission = "key:write" // CA and crypto policy
	TelemetryRead     Permission = "telemetry:read"
	EventRead         Permission = "event:read"
	AlertRead         Permission = "alert:read"
	AlertWrite        Permission = "alert:write"
	RouteWrite        Permission = "route:write" // where alerts go
	ControlRead       Permission = "control:read"
	ControlWrite      Permission = "control:write" // run checks now
	AuditRead         Permission = "audit:read"    // entries: auditors only
	AuditVerify       Permission = "audit:verify"  // anyone signed in
	AccountRead       Permission = "account:read"
	AccountWrite      Permission = "account:write"
	SystemRead        Permission = "system:read"
	FindingWrite      Permission = "finding:write"     // owner and notes; a finding closes by measurement only
	ExceptionRequest  Permission = "exception:request" // ask for one, withdraw it
	ExceptionDecide   Permission = "exception:decide"  // approve or refuse, never one's own
	FrameworkWrite    Permission = "framework:write"   // import and map frameworks, choose a profile
	RecordRead        Permission = "record:read"
	RecordWrite       Permission = "record:write"   // draft, submit, evidence, items, register entries
	RecordApprove     Permission = "record:approve" // approve or reject, never one's own
	RiskRead          Permission = "risk:read"
	RiskWrite         Permission = "risk:write"
	RiskDecide        Permission = "risk:decide" // mitigate, defer or accept
	EngagementRead    Permission = "engagement:read"
	EngagementWrite   Permission = "engagement:write"  // an auditor's requests, samples and sign-off
	EngagementAnswer  Permission = "engagement:answer" // answer an auditor's request
	ExportCreate      Permission = "export:create"
	ReviewWrite       Permission = "review:write" // access reviews
	SelfRead          Permission = "self:read"    // whoami and one's own settings
	SelfWrite         Permission = "self:write"   // own password, factor, tokens, sign-out
)

// Permissions lists them all.
var Permissions = []Permission{
	DeviceRead, DeviceWrite, DeviceQuarantine, DeviceRetire, DeviceCommand, TypeRead, TypeWrite, ClaimCreate, CertificateRead,
	CertificateRevoke, KeyWrite, TelemetryRead, EventRead, AlertRead, AlertWrite, RouteWrite, ControlRead, ControlWrite,
	AuditRead, AuditVerify, AccountRead, AccountWrite, SystemRead, FindingWrite, ExceptionRequest, ExceptionDecide, FrameworkWrite,
	RecordRead, RecordWrite, RecordApprove, RiskRead, RiskWrite, RiskDecide, EngagementRead, EngagementWrite, EngagementAnswer,
	ExportCreate, ReviewWrite, SelfRead, SelfWrite,
}

// SessionCookie is the console's session cookie: bound to the host, HTTPS only, unreadable to scripts.
const SessionCookie = "__Host-thingward"
