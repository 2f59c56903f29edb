// Package fleet is Thingward's vocabulary: what a device, a person, a certificate, an event or a finding is, and the
// error codes that everything answers with. It knows no storage, no transport and no domain's rules.
package fleet

import (
	"fmt"
	"regexp"
	"time"
)

// State is a device's place in its life cycle.
type State string

// The life cycle: registered → quarantined | active → suspended → retired. Retired is final.
const (
	Registered  State = "registered"
	Quarantined State = "quarantined"
	Active      State = "active"
	Suspended   State = "suspended"
	Retired     State = "retired"
)

var moves = map[State][]State{
	Registered:  {Active, Quarantined, Retired},
	Quarantined: {Active, Suspended, Retired},
	Active:      {Quarantined, Suspended, Retired},
	Suspended:   {Active, Quarantined, Retired},
}

// CanMove reports whether the life cycle allows a move from s to next.
func (s State) CanMove(next State) bool {
	for _, m := range moves[s] {
		if m == next {
			return true
		}
	}
	return false
}

// MayConnect reports whether a device in this state may hold a session. A quarantined device may connect: it keeps its
// twin, so that it can be examined and mended, but speaks on no other topic.
func (s State) MayConnect() bool { return s == Active || s == Quarantined }

// System is something with an owner that devices belong to; the widest scope of roles, policies and records.
type System struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Owner string `json:"owner,omitempty"`
}

// Site is a place. Latitude and longitude are degrees (WGS 84).
type Site struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	System    string   `json:"system,omitempty"`
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`
}

// Device is one thing in the fleet.
type Device struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Type     string    `json:"type"`
	Site     string    `json:"site,omitempty"`
	System   string    `json:"system,omitempty"`
	State    State     `json:"state"`
	Reason   string    `json:"reason,omitempty"` // why it is in this state
	Assignee string    `json:"assignee,omitempty"`
	Serial   string    `json:"serial,omitempty"`
	Labels   []string  `json:"labels,omitempty"`
	Created  time.Time `json:"created"`
	Changed  time.Time `json:"changed"`
	Version  int64     `json:"version"` // counts changes; the ETag
}

// CertificateState is where a certificate stands.
type CertificateState string

// The states of a certificate. Expiry is a matter of time and not stored.
const (
	CertificateActive     CertificateState = "active"
	CertificateSuperseded CertificateState = "superseded" // renewed; usable for the crypto policy's overlap, so that a lost answer locks nobody out
	CertificateRevoked    CertificateState = "revoked"
)

// Certificate is one issued certificate. Serial is lower-case hex; Subject is an identity URI's kind and id.
type Certificate struct {
	Serial      string           `json:"serial"`
	SubjectKind string           `json:"subjectKind"` // device, account, server
	SubjectID   string           `json:"subjectId"`
	SubjectName string           `json:"subjectName,omitempty"`
	Issuer      string           `json:"issuer"`
	KeyHash     string           `json:"keyHash"` // SHA-256 of the SubjectPublicKeyInfo, hex
	Algorithm   string           `json:"algorithm"`
	NotBefore   time.Time        `json:"notBefore"`
	NotAfter    time.Time        `json:"notAfter"`
	State       CertificateState `json:"state"`
	EnrolledBy  string           `json:"enrolledBy"` // claim, idevid, approval, renewal, setup
	Revoked     *time.Time       `json:"revoked,omitempty"`
	Reason      string           `json:"reason,omitempty"`
}

// NamePattern is the naming convention (ACT-04): lower-case letters, digits and single hyphens, 3 to 63 characters,
// beginning with a letter, so that a name is also a DNS label (RFC 1123).
var NamePattern = regexp.MustCompile(`^[a-z](-?[a-z0-9]){2,62}$`)

// CheckName refuses a name that is off the convention, saying what is wrong with it.
func CheckName(field, name string) error {
	if len(name) <= 63 && NamePattern.MatchString(name) {
		return nil
	}
	return Invalid(field, fmt.Sprintf("%q is off the naming convention: 3 to 63 lower-case letters, digits and single hyphens, beginning with a letter (door-lock-17)", clip(name)))
}

func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}
