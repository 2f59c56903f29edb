package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"sync"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/detect/rules"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/posture/probe"
)

// testAccount is the service account that self-tests connect as. It may use its own topics and nothing else.
const testAccount = "thingward-self-test"

// shelf is every detection rule, for everybody but the self-tests' own client: what is refused to it on purpose is no misuse.
// It counts as that client only on this machine, so that its name alone hides nobody.
func shelf() []detect.Rule {
	all := rules.All()
	for i := range all {
		key := all[i].Key
		all[i].Key = func(ev fleet.Event) (fleet.Party, bool) {
			if i := ev.Initiator; i.Kind == "service" && i.Name == testAccount && probe.From(i.Address) {
				return fleet.Party{}, false
			}
			return key(ev)
		}
	}
	return all
}

// testClient is the self-tests' own client. Its key and certificate live in memory only; a new start of the server makes new
// ones and revokes those before.
type testClient struct {
	server *Server

	mu      sync.Mutex
	account access.Account
	cert    *tls.Certificate
}

// identity gives the certificate, made or renewed when due, and the account's id.
func (c *testClient) identity(ctx context.Context) (tls.Certificate, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.server.clock.Now()
	var err error
	switch leaf := c.leaf(); {
	case leaf == nil || now.After(leaf.NotAfter) || c.server.identity.Usable(ctx, leaf) != nil:
		err = c.enrol(ctx)
	case leaf.NotAfter.Sub(now) < leaf.NotAfter.Sub(leaf.NotBefore)/3:
		err = c.renew(ctx, leaf)
	}
	if err != nil {
		return tls.Certificate{}, "", err
	}
	return *c.cert, c.account.ID, nil
}

func (c *testClient) leaf() *x509.Certificate {
	if c.cert == nil {
		return nil
	}
	return c.cert.Leaf
}

// enrol gets the first certificate since the start, by a claim as any service does.
func (c *testClient) enrol(ctx context.Context) error {
	a, err := c.server.access.Account(ctx, testAccount)
	if fleet.CodeOf(err) == fleet.CodeNotFound {
		a, err = c.server.access.CreateAccount(ctx, access.NewAccount{Name: testAccount, Kind: access.ServiceAccount, Roles: []access.Role{access.Application}})
	}
	if err != nil {
		return fmt.Errorf("account %s: %w", testAccount, err)
	}
	if err := c.revokeOld(ctx, a.ID); err != nil {
		return err
	}
	claim, err := c.server.identity.NewClaim(ctx, protocol.SubjectAccount, a.ID, 0)
	if err != nil {
		return err
	}
	c.account = a
	return c.certify(func(request []byte) (*x509.Certificate, error) {
		return c.server.identity.EnrolByClaim(ctx, claim.User, claim.Secret, request, "")
	})
}

// revokeOld ends certificates whose keys died with earlier runs.
func (c *testClient) revokeOld(ctx context.Context, account string) error {
	old, err := c.server.identity.Certificates(ctx, identity.Filter{Subject: account, State: "active", Limit: 100})
	for _, o := range old {
		if _, _, rerr := c.server.identity.Revoke(ctx, o.Serial, "superseded: the key lived in memory and ended with the process", false); rerr != nil && fleet.CodeOf(rerr) != fleet.CodeConflict {
			return rerr
		}
	}
	return err
}

func (c *testClient) renew(ctx context.Context, old *x509.Certificate) error {
	return c.certify(func(request []byte) (*x509.Certificate, error) { return c.server.identity.Renew(ctx, old, request, "") })
}

// certify makes a key and has it certified.
func (c *testClient) certify(issue func(request []byte) (*x509.Certificate, error)) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: c.account.ID}}, key)
	if err != nil {
		return err
	}
	leaf, err := issue(request)
	if err != nil {
		return err
	}
	c.cert = &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
	return nil
}
