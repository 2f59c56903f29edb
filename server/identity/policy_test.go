package identity_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestPolicyRefusesWhatIsTooWeak(t *testing.T) {
	if err := identity.DefaultPolicy().Check(); err != nil {
		t.Fatal(err)
	}
	for field, weaken := range map[string]func(*identity.Policy){
		"minTls":       func(p *identity.Policy) { p.MinTLS = "1.1" },
		"curves":       func(p *identity.Policy) { p.Curves = []string{"P-224"} },
		"no curves":    func(p *identity.Policy) { p.Curves = nil },
		"keys":         func(p *identity.Policy) { p.Keys = []string{"P-224"} },
		"minRsa":       func(p *identity.Policy) { p.Keys, p.MinRSA = []string{"RSA"}, 1024 },
		"hashes":       func(p *identity.Policy) { p.Hashes = []string{"SHA-1"} },
		"lifetimeDays": func(p *identity.Policy) { p.LifetimeDays = 3*365 + 1 },
		"keyDays":      func(p *identity.Policy) { p.KeyDays = 4 * 365 },
		"serverDays":   func(p *identity.Policy) { p.ServerDays = 0 },
		"overlapDays":  func(p *identity.Policy) { p.OverlapDays = -1 },
	} {
		p := identity.DefaultPolicy()
		weaken(&p)
		if err := p.Check(); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestPolicyBelowTLS13KeepsForwardSecrecy(t *testing.T) {
	p := identity.DefaultPolicy()
	if c := p.TLS(); c.MinVersion != tls.VersionTLS13 || len(c.CurvePreferences) != 4 {
		t.Errorf("%x %v", c.MinVersion, c.CurvePreferences)
	}
	p.MinTLS = "1.2"
	c := p.TLS()
	if c.MinVersion != tls.VersionTLS12 || len(c.CipherSuites) == 0 || slices.Contains(c.CipherSuites, tls.TLS_RSA_WITH_AES_128_GCM_SHA256) || slices.Contains(c.CipherSuites, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA) {
		t.Errorf("%x %v", c.MinVersion, c.CipherSuites)
	}
}

func TestPolicyTakesRSAOnlyWhenTold(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := identity.DefaultPolicy()
	if _, err := p.CheckKey(key.Public(), nil); fleet.CodeOf(err) != fleet.CodeInvalid {
		t.Errorf("by default: %v", err)
	}
	p.Keys, p.MinRSA = append(p.Keys, "RSA"), 2048
	if name, err := p.CheckKey(key.Public(), nil); err != nil || name != "RSA" {
		t.Errorf("allowed: %q, %v", name, err)
	}
	if life := p.Lifetime(&fleet.DeviceType{Baseline: fleet.Baseline{Key: fleet.KeyBaseline{Lifetime: 2 * 365 * identity.Day}}}); life != 365*identity.Day {
		t.Errorf("a type may not lengthen the life: %v", life/(24*time.Hour))
	}
}

func TestChangeOfPolicyIsRecorded(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	w.open()
	if n := w.recorded("crypto-policy.changed"); n != 1 {
		t.Errorf("%d entries for one policy", n)
	}
	c := w.config()
	c.Policy = identity.DefaultPolicy()
	c.Policy.MinTLS = "1.2"
	if _, err := identity.New(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	if n := w.recorded("crypto-policy.changed"); n != 2 {
		t.Errorf("%d entries after a change", n)
	}
	if n := w.recorded("ca.created"); n != 2 {
		t.Errorf("%d entries for root and issuing authority", n)
	}
}

func TestRefusedKeySaysWhatToMake(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"P-384": "make a new key of type P-384 (openssl ecparam -name secp384r1",
		"RSA":   "allows no key that the crypto policy certifies, so change key.algorithms",
	} {
		typ := &fleet.DeviceType{Baseline: fleet.Baseline{Key: fleet.KeyBaseline{Algorithms: []string{name}}}}
		if _, err := identity.DefaultPolicy().CheckKey(key.Public(), typ); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
