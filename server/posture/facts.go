package posture

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
)

// Facts is what is known about one subject.
type Facts interface {
	Ref() Ref
	// TypeName is the device type that the facts include, if any; when it changes, the subject is looked at again.
	TypeName() string
	// Touches lists other subjects whose facts include this one: a change of it is a change of theirs.
	Touches() []Ref
}

// Placed is implemented by facts of subjects that are at a site or belong to a system: an exception for either covers them.
type Placed interface {
	Place() (site, system string)
}

// Reported is implemented by facts that hold reports which go on by themselves (heartbeats, inventories, verifications). Ahead gives
// the facts as they will be then if those reports go on as they do: what a date ends is ended by the date alone.
type Reported interface {
	Ahead(by time.Duration) Facts
}

// DeviceFacts is what is known about a device.
type DeviceFacts struct {
	Device       fleet.Device
	Type         *fleet.DeviceType   // nil when the type is not known
	Inventory    *protocol.Inventory // nil until the device reports one
	InventoryAt  time.Time           // when the inventory was last reported, changed or not
	LastSeen     time.Time           // when the device last sent anything
	Connected    bool
	Health       *protocol.Health // nil until the device reports it
	HealthAt     time.Time
	Certificates []fleet.Certificate // operational certificates, of any state
	Reviewed     time.Time           // the last access review that kept it; zero: none
	Checklist    *Checklist          // of the hardware of its type, as approved; nil: there is none
}

// Checklist is what the approved record of a type says of its interfaces (SDV-08).
type Checklist struct {
	Closed  map[string]bool // of each interface that it names, such as wifi or ble: whether it is absent, disabled or locked
	Expires time.Time
}

// Ref names the device.
func (f *DeviceFacts) Ref() Ref { return Ref{Device, f.Device.ID, f.Device.Name} }

// TypeName is the device's type.
func (f *DeviceFacts) TypeName() string { return f.Device.Type }

// Touches lists the device's certificates: whether their holder is authorised is a fact of theirs.
func (f *DeviceFacts) Touches() (out []Ref) {
	for _, c := range f.Certificates {
		out = append(out, Ref{Kind: Certificate, ID: c.Serial})
	}
	return out
}

// Place is where the device is, and the system that it belongs to.
func (f *DeviceFacts) Place() (site, system string) { return f.Device.Site, f.Device.System }

// Ahead assumes that the device goes on to be heard and to report.
func (f *DeviceFacts) Ahead(by time.Duration) Facts {
	c := *f
	for _, t := range []*time.Time{&c.InventoryAt, &c.LastSeen, &c.HealthAt} {
		if !t.IsZero() {
			*t = t.Add(by)
		}
	}
	if c.Health != nil {
		h := *c.Health
		h.Time = h.Time.Add(by)
		c.Health = &h
	}
	return &c
}

// Live reports whether the device takes part in the fleet: it was enrolled and is not retired.
func (f *DeviceFacts) Live() bool {
	return f.Device.State == fleet.Active || f.Device.State == fleet.Quarantined || f.Device.State == fleet.Suspended
}

// TypeFacts is what is known about a device type.
type TypeFacts struct{ Type *fleet.DeviceType }

// Ref names the type.
func (f *TypeFacts) Ref() Ref { return Ref{Type, f.Type.Name, f.Type.Name} }

// TypeName is nothing.
func (f *TypeFacts) TypeName() string { return "" }

// Touches is nothing: devices follow their type by TypeName.
func (f *TypeFacts) Touches() []Ref { return nil }

// CertificateFacts is what is known about an issued certificate.
type CertificateFacts struct {
	Certificate fleet.Certificate
	URIs        []string  // of the subject alternative name
	KeySince    time.Time // when the first certificate for this key was issued
	SharedWith  []string  // serials of certificates for the same key that another subject holds, of any state
	HolderEnded time.Time // when its holder was retired or disabled; zero while the holder is authorised
	Known       bool      // its holder is in the registry, or is the server itself
}

// Ref names the certificate.
func (f *CertificateFacts) Ref() Ref {
	return Ref{Certificate, f.Certificate.Serial, f.Certificate.SubjectName}
}

// TypeName is nothing.
func (f *CertificateFacts) TypeName() string { return "" }

// Touches lists the holder and whoever shares the key.
func (f *CertificateFacts) Touches() []Ref {
	out := []Ref{{Kind: Kind(f.Certificate.SubjectKind), ID: f.Certificate.SubjectID}}
	for _, serial := range f.SharedWith {
		out = append(out, Ref{Kind: Certificate, ID: serial})
	}
	return out
}

// AccountFacts is what is known about a person's or a service's account.
type AccountFacts struct {
	ID, Name        string
	Kind            string // person, service
	Roles           []string
	State           string // active (locked for a while included), disabled
	HasPassword     bool
	MFA             bool // a second factor is enrolled
	MustChange      bool // the password must be changed before anything else
	PasswordChanged time.Time
	PasswordMaxAge  time.Duration // the rule in force for this account; 0: none
	LastLogin       time.Time
	Created         time.Time
	Expires         time.Time // when it ends by itself; zero: never
	Reviewed        time.Time // the last access review that kept it; zero: none
	Tokens          []TokenFacts
	Shared          time.Time // when it was last at work from several addresses at once; the engine fills it from account.shared
	Addresses       []string  // the addresses then
	Certificates    []string  // serials of its certificates
	Grants          []GrantFacts
}

// GrantFacts is what is known about a grant of messages.
type GrantFacts struct {
	Name    string
	Broad   bool // nothing narrows it
	Created time.Time
	Used    time.Time // zero: never
}

// TokenFacts is what is known about an API token.
type TokenFacts struct {
	ID      string
	Created time.Time
	Expires time.Time // zero: never
}

// Ref names the account.
func (f *AccountFacts) Ref() Ref { return Ref{Account, f.ID, f.Name} }

// TypeName is nothing.
func (f *AccountFacts) TypeName() string { return "" }

// Touches lists the account's certificates.
func (f *AccountFacts) Touches() (out []Ref) {
	for _, serial := range f.Certificates {
		out = append(out, Ref{Kind: Certificate, ID: serial})
	}
	return out
}

// AlertFacts is what is known about an alert.
type AlertFacts struct {
	ID, Rule, Control, Title string
	Severity                 fleet.Severity
	State                    string // open, acknowledged, closed
	Subject                  Ref
	Event                    time.Time // time of the event that crossed the rule's threshold
	Raised                   time.Time
	Delivered                time.Time // first delivery by a route; zero: none
	Closed                   time.Time
	Cause, Remedy            string
}

// Ref names the alert.
func (f *AlertFacts) Ref() Ref { return Ref{Alert, f.ID, f.Title} }

// TypeName is nothing.
func (f *AlertFacts) TypeName() string { return "" }

// Touches is nothing.
func (f *AlertFacts) Touches() []Ref { return nil }

// ListenerFacts is what is configured for a listener.
type ListenerFacts struct {
	Name, Address, Protocol string // protocol: https, mqtts, ocsp, ops …
	Plain                   string // why it is allowed to be without TLS; empty: it must not be
	TLSMin                  string // TLS 1.2, TLS 1.3; empty without TLS
	ClientAuth              bool   // a client certificate is required
	MaxPacket               int    // bytes; 0: no limit
}

// Ref names the listener.
func (f *ListenerFacts) Ref() Ref { return Ref{Listener, f.Name, f.Name} }

// TypeName is nothing.
func (f *ListenerFacts) TypeName() string { return "" }

// Touches is nothing.
func (f *ListenerFacts) Touches() []Ref { return nil }

// ServerFacts is what is known about this process and its settings.
type ServerFacts struct {
	Name, Version string
	RunsAsRoot    bool
	Weakened      []string // settings below the secure default: the name, or "name: what that means"
	Excused       []string // names of those that an exception in force names; the engine fills it
	FIPS          bool     // the FIPS 140-3 module is in use
	Limits        BrokerLimits
	Audit         AuditFacts
	Routes        []RouteFacts
	ClockBehind   time.Duration // how far the machine's clock is behind what was seen before
}

// BrokerLimits is what the broker holds traffic to; 0 means that there is no limit.
type BrokerLimits struct {
	MaxPacket              int
	ClientRate, GlobalRate float64 // messages a second
}

// AuditFacts is the state of the Merkle log.
type AuditFacts struct {
	Verified   time.Time // when it was last verified from end to end
	VerifiedOK bool
	Problem    string    // what did not verify
	Checkpoint time.Time // when the newest checkpoint was signed
	Pending    int       // entries that no checkpoint covers yet
}

// RouteFacts is the state of an alert route.
type RouteFacts struct {
	Name, Kind string
	LastOK     time.Time // last delivery
	LastError  time.Time
}

// Ahead assumes that the log goes on to be verified and sealed, and alerts to be delivered.
func (f *ServerFacts) Ahead(by time.Duration) Facts {
	c := *f
	for _, t := range []*time.Time{&c.Audit.Verified, &c.Audit.Checkpoint} {
		if !t.IsZero() {
			*t = t.Add(by)
		}
	}
	c.Routes = append([]RouteFacts(nil), f.Routes...)
	for i := range c.Routes {
		if r := &c.Routes[i]; !r.LastOK.IsZero() {
			r.LastOK = r.LastOK.Add(by)
		}
	}
	return &c
}

// SettingFacts is a setting below the secure default.
type SettingFacts struct {
	Name    string
	Meaning string // what weaker means here; may be empty
}

// Ref names the setting.
func (f *SettingFacts) Ref() Ref { return Ref{Setting, f.Name, f.Name} }

// TypeName is nothing.
func (f *SettingFacts) TypeName() string { return "" }

// Touches is nothing.
func (f *SettingFacts) Touches() []Ref { return nil }

// Ref names the server.
func (f *ServerFacts) Ref() Ref { return Ref{Server, "thingward", f.Name} }

// TypeName is nothing.
func (f *ServerFacts) TypeName() string { return "" }

// Touches is nothing.
func (f *ServerFacts) Touches() []Ref { return nil }
