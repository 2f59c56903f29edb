package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
)

// Day is the unit of certificate lifetimes.
const Day = 24 * time.Hour

// LifetimeLimit is what no policy and no device type may exceed (CRD-02, CRD-09).
const LifetimeLimit = 3 * 365 * Day

// keySmallest is the least time that a certificate on an old key must still have to be worth issuing.
const keySmallest = Day

// Policy is the cryptographic policy: one object that drives the certificate authority and every TLS listener. The zero
// value is not usable; begin with DefaultPolicy.
type Policy struct {
	MinTLS       string   `json:"minTls" doc:"Lowest TLS version of every listener: 1.3 or 1.2."`
	Curves       []string `json:"curves" doc:"Key exchange groups of every listener, in order."`
	Keys         []string `json:"keys" doc:"Key algorithms a certificate may be issued for."`
	MinRSA       int      `json:"minRsa" doc:"Fewest bits of an RSA key, where RSA is among the keys."`
	Hashes       []string `json:"hashes" doc:"Hashes a certificate request may be signed with."`
	LifetimeDays int      `json:"lifetimeDays" doc:"Longest life of a certificate of a device or account."`
	ServerDays   int      `json:"serverDays" doc:"Life of a server certificate; it is renewed after two thirds."`
	KeyDays      int      `json:"keyDays" doc:"Longest time one key may be certified, over all renewals."`
	OverlapDays  int      `json:"overlapDays" doc:"How long a certificate is still taken after its renewal."`
}

// DefaultPolicy is the secure default: TLS 1.3, elliptic keys, certificates of at most one year.
func DefaultPolicy() Policy {
	return Policy{
		MinTLS: "1.3", Curves: []string{"X25519MLKEM768", "X25519", "P-256", "P-384"},
		Keys: []string{"P-256", "P-384", "Ed25519"}, MinRSA: 3072, Hashes: []string{"SHA-256", "SHA-384", "SHA-512"},
		LifetimeDays: 365, ServerDays: 90, KeyDays: 3 * 365, OverlapDays: 7,
	}
}

var (
	curveIDs    = map[string]tls.CurveID{"X25519MLKEM768": tls.X25519MLKEM768, "X25519": tls.X25519, "P-256": tls.CurveP256, "P-384": tls.CurveP384, "P-521": tls.CurveP521}
	tlsVersions = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}
	keyNames    = []string{"P-256", "P-384", "P-521", "Ed25519", "RSA"}
	hashNames   = map[crypto.Hash]string{crypto.SHA256: "SHA-256", crypto.SHA384: "SHA-384", crypto.SHA512: "SHA-512"}
)

// Check refuses a policy that cannot be put in force or is weaker than the product ever allows, naming the setting.
func (p Policy) Check() error {
	limit := int(LifetimeLimit / Day)
	switch {
	case tlsVersions[p.MinTLS] == 0:
		return fleet.Invalid("minTls", "want 1.3 or 1.2")
	case len(p.Keys) == 0 || !within(p.Keys, keyNames):
		return fleet.Invalid("keys", "want some of "+strings.Join(keyNames, ", "))
	case slices.Contains(p.Keys, "RSA") && p.MinRSA < 2048:
		return fleet.Invalid("minRsa", "want 2048 or more")
	case len(p.Hashes) == 0 || !within(p.Hashes, []string{"SHA-256", "SHA-384", "SHA-512"}):
		return fleet.Invalid("hashes", "want some of SHA-256, SHA-384, SHA-512")
	case p.LifetimeDays < 1 || p.LifetimeDays > limit:
		return fleet.Invalid("lifetimeDays", fmt.Sprintf("want 1 to %d", limit))
	case p.ServerDays < 1 || p.ServerDays > 365:
		return fleet.Invalid("serverDays", "want 1 to 365")
	case p.KeyDays < p.LifetimeDays || p.KeyDays > limit:
		return fleet.Invalid("keyDays", fmt.Sprintf("want lifetimeDays to %d", limit))
	case p.OverlapDays < 0 || p.OverlapDays > 90:
		return fleet.Invalid("overlapDays", "want 0 to 90")
	}
	for _, c := range p.Curves {
		if curveIDs[c] == 0 {
			return fleet.Invalid("curves", fmt.Sprintf("%q is no group that is offered: want some of X25519MLKEM768, X25519, P-256, P-384, P-521", c))
		}
	}
	if len(p.Curves) == 0 {
		return fleet.Invalid("curves", "want at least one group")
	}
	return nil
}

func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// CheckKey refuses a public key that the policy, narrowed by the device type, does not certify, and says what to make
// instead. It returns the key's name, such as P-256.
func (p Policy) CheckKey(pub any, t *fleet.DeviceType) (string, error) {
	name, strength := keyName(pub)
	allowed := p.allowedKeys(t)
	if rsaKey, ok := pub.(*rsa.PublicKey); ok && rsaKey.N.BitLen() < max(p.MinRSA, 2048) {
		return "", refusedKey("an RSA key of %d bits is too weak", allowed, rsaKey.N.BitLen())
	}
	if !slices.Contains(allowed, name) {
		return "", refusedKey("a key of type %s is not accepted", allowed, strength)
	}
	return name, nil
}

func refusedKey(what string, allowed []string, arg any) error {
	if len(allowed) == 0 {
		return fleet.Errorf(fleet.CodeInvalid, what+": the device type allows no key that the crypto policy certifies, so change key.algorithms in its manifest and apply it again", arg)
	}
	return fleet.Errorf(fleet.CodeInvalid, what+": make a new key of type %s%s", arg, strings.Join(allowed, " or "), makeKey[allowed[0]])
}

// makeKey says how a key is made that is accepted.
var makeKey = map[string]string{
	"P-256":   " (openssl ecparam -name prime256v1 -genkey makes a P-256 key)",
	"P-384":   " (openssl ecparam -name secp384r1 -genkey makes a P-384 key)",
	"Ed25519": " (openssl genpkey -algorithm ed25519 makes an Ed25519 key)",
}

// allowedKeys is what both the policy and the type's baseline allow.
func (p Policy) allowedKeys(t *fleet.DeviceType) []string {
	if t == nil || len(t.Baseline.Key.Algorithms) == 0 {
		return p.Keys
	}
	var both []string
	for _, k := range p.Keys {
		if slices.Contains(t.Baseline.Key.Algorithms, k) {
			both = append(both, k)
		}
	}
	return both
}

func keyName(pub any) (name, described string) {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		return k.Curve.Params().Name, k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519", "Ed25519"
	case *rsa.PublicKey:
		return "RSA", fmt.Sprintf("RSA with %d bits", k.N.BitLen())
	default:
		return "", "unknown"
	}
}

// CheckSignature refuses a request that is signed with a hash outside of the policy.
func (p Policy) CheckSignature(alg x509.SignatureAlgorithm) error {
	h, ok := signatureHash[alg]
	if !ok || (h != 0 && !slices.Contains(p.Hashes, hashNames[h])) {
		return fleet.Errorf(fleet.CodeInvalid, "the request is signed with %s, which is not accepted: sign it with %s (openssl req -sha256)", alg, strings.Join(p.Hashes, " or "))
	}
	return nil
}

// signatureHash maps the signature algorithms of certificate requests to their hash; 0 where the key type decides it.
var signatureHash = map[x509.SignatureAlgorithm]crypto.Hash{
	x509.ECDSAWithSHA256: crypto.SHA256, x509.ECDSAWithSHA384: crypto.SHA384, x509.ECDSAWithSHA512: crypto.SHA512,
	x509.SHA256WithRSA: crypto.SHA256, x509.SHA384WithRSA: crypto.SHA384, x509.SHA512WithRSA: crypto.SHA512,
	x509.SHA256WithRSAPSS: crypto.SHA256, x509.SHA384WithRSAPSS: crypto.SHA384, x509.SHA512WithRSAPSS: crypto.SHA512,
	x509.PureEd25519: 0,
}

// Lifetime is how long a new certificate lives: the policy's limit, or the type's where that is shorter.
func (p Policy) Lifetime(t *fleet.DeviceType) time.Duration {
	d := time.Duration(p.LifetimeDays) * Day
	if t != nil && t.Baseline.Key.Lifetime > 0 {
		d = min(d, t.Baseline.Key.Lifetime)
	}
	return min(d, LifetimeLimit)
}

// TLS is what every listener begins with. Below TLS 1.3 only suites with forward secrecy and authenticated encryption
// remain (CRD-02).
func (p Policy) TLS() *tls.Config {
	c := &tls.Config{MinVersion: tlsVersions[p.MinTLS]} //nolint:gosec // Check takes 1.2 and 1.3 only
	for _, name := range p.Curves {
		c.CurvePreferences = append(c.CurvePreferences, curveIDs[name])
	}
	for _, s := range tls.CipherSuites() {
		if strings.HasPrefix(s.Name, "TLS_ECDHE_") && !strings.Contains(s.Name, "_CBC_") {
			c.CipherSuites = append(c.CipherSuites, s.ID)
		}
	}
	return c
}
