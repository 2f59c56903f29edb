package server

import (
	"context"
	"crypto/fips140"
	"errors"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/registry"
)

// source shows posture one kind of subject.
type source struct {
	kind posture.Kind
	each func(context.Context, func(posture.Facts) error) error
	one  func(context.Context, string) (posture.Facts, error)
}

// Kind is what the source is about.
func (s source) Kind() posture.Kind { return s.kind }

// Each hands over all subjects.
func (s source) Each(ctx context.Context, fn func(posture.Facts) error) error { return s.each(ctx, fn) }

// following is a source whose facts hang on other kinds too.
type following struct {
	source
	follows func(posture.Kind) posture.Reach
}

// Follows says how far a change of another kind reaches.
func (f following) Follows(k posture.Kind) posture.Reach { return f.follows(k) }

// One reads one subject; one that does not exist is no error.
func (s source) One(ctx context.Context, id string) (posture.Facts, bool, error) {
	f, err := s.one(ctx, id)
	if fleet.CodeOf(err) == fleet.CodeNotFound {
		return nil, false, nil
	}
	return f, err == nil, err
}

func (s *Server) sources() []posture.Source {
	return []posture.Source{
		s.deviceSource(),
		source{posture.Type, s.eachType, s.oneType},
		source{posture.Certificate, s.eachCertificate, s.oneCertificate},
		source{posture.Account, s.eachAccount, s.oneAccount},
		source{posture.Alert, s.eachAlert, s.oneAlert},
		source{posture.Listener, s.eachListener, s.oneListener},
		source{posture.Risk, s.eachRisk, s.oneRisk},
		source{posture.Server, s.eachServer, func(ctx context.Context, _ string) (posture.Facts, error) { return s.serverFacts(ctx) }},
	}
}

func (s *Server) oneDevice(ctx context.Context, ref string) (posture.Facts, error) {
	d, err := s.registry.Facts(ctx, ref)
	if err != nil {
		return nil, err
	}
	return s.deviceFacts(ctx, d)
}

func (s *Server) deviceFacts(ctx context.Context, d registry.DeviceFacts) (*posture.DeviceFacts, error) {
	f := &posture.DeviceFacts{Device: d.Device, Type: d.Type, Inventory: d.Inventory, InventoryAt: d.InventoryAt}
	f.LastSeen, _ = s.telemetry.LastSeen(ctx, d.Device.ID)
	_, _, f.Connected = s.broker.Connected(string(protocol.SubjectDevice), d.Device.ID)
	if h, ok := s.telemetry.Health(ctx, d.Device.ID); ok {
		f.Health, f.HealthAt = &h, h.Time
	}
	var err error
	if f.Certificates, err = s.identity.Certificates(ctx, identity.Filter{Subject: d.Device.ID, Limit: heldMost}); err != nil {
		return nil, err
	}
	f.Reviewed, err = s.reviews.Kept(ctx, d.Device.ID)
	return f, err
}

func (s *Server) eachType(ctx context.Context, fn func(posture.Facts) error) error {
	types, err := s.registry.Types(ctx)
	for i := range types {
		types[i].Devices = 0 // how many there are is no fact about the type
		if err := fn(&posture.TypeFacts{Type: &types[i]}); err != nil {
			return err
		}
	}
	return err
}

func (s *Server) oneType(ctx context.Context, name string) (posture.Facts, error) {
	t, err := s.registry.Type(ctx, name)
	return &posture.TypeFacts{Type: t}, err
}

func (s *Server) oneCertificate(ctx context.Context, serial string) (posture.Facts, error) {
	k, ok, err := s.identity.OneKnown(ctx, serial)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fleet.Errorf(fleet.CodeNotFound, "there is no certificate %s", serial)
	}
	return s.certificateFacts(ctx, k)
}

// certificateFacts adds what is known about the holder.
func (s *Server) certificateFacts(ctx context.Context, k identity.Known) (*posture.CertificateFacts, error) {
	h, err := s.holdersOf(ctx, []identity.Known{k})
	return h.certificate(k), err
}

func (s *Server) eachAccount(ctx context.Context, fn func(posture.Facts) error) error {
	for after := ""; ; {
		page, err := s.access.Accounts(ctx, access.Filter{After: after, Limit: factsPage})
		if err != nil {
			return err
		}
		if err := s.accountsPage(ctx, page, fn); err != nil || len(page) < factsPage {
			return err
		}
		after = page[len(page)-1].Name
	}
}

func (s *Server) oneAccount(ctx context.Context, ref string) (posture.Facts, error) {
	a, err := s.access.Account(ctx, ref)
	if err != nil {
		return nil, err
	}
	return s.accountFacts(ctx, a)
}

func (s *Server) accountFacts(ctx context.Context, a access.Account) (*posture.AccountFacts, error) {
	tokens, err := s.access.Tokens(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	certs, err := s.identity.Certificates(ctx, identity.Filter{Subject: a.ID, Limit: heldMost})
	if err != nil {
		return nil, err
	}
	f := s.accountWith(a, tokens, certs)
	return f, s.withGrants(ctx, f)
}

// accountWith puts an account's facts together.
func (s *Server) accountWith(a access.Account, tokens []access.Token, certs []fleet.Certificate) *posture.AccountFacts {
	f := &posture.AccountFacts{ID: a.ID, Name: a.Name, Kind: string(a.Kind), State: string(a.State), MFA: a.MFA, MustChange: a.MustChange, Created: a.Created, HasPassword: a.PasswordChanged != nil}
	for _, r := range a.Roles {
		f.Roles = append(f.Roles, string(r))
	}
	if a.State == access.Locked { // a lock passes, and failed log-ins must not take a failing account out of what is measured
		f.State = string(access.Active)
	}
	f.LastLogin, f.PasswordChanged, f.Reviewed, f.Expires = orZero(a.LastLogin), orZero(a.PasswordChanged), orZero(a.Reviewed), orZero(a.Expires)
	if f.HasPassword {
		f.PasswordMaxAge = s.access.Rules.MaxAge
	}
	for _, t := range tokens {
		f.Tokens = append(f.Tokens, posture.TokenFacts{ID: t.ID, Created: t.Created, Expires: t.Expires})
	}
	for _, c := range certs {
		f.Certificates = append(f.Certificates, c.Serial)
	}
	return f
}

// withGrants adds what a service may receive.
func (s *Server) withGrants(ctx context.Context, f *posture.AccountFacts) error {
	if f.Kind != string(access.ServiceAccount) {
		return nil
	}
	all, err := s.traffic.Of(ctx, f.ID)
	for _, g := range all {
		f.Grants = append(f.Grants, posture.GrantFacts{Name: g.Name, Broad: g.Broad, Created: g.Created, Used: orZero(g.Used)})
	}
	return err
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (s *Server) eachAlert(ctx context.Context, fn func(posture.Facts) error) error {
	const page = 500
	f := detect.AlertFilter{Limit: page}
	for {
		alerts, _, err := s.detect.Alerts(ctx, f)
		if err != nil {
			return err
		}
		for _, a := range alerts {
			if err := fn(alertFacts(a)); err != nil {
				return err
			}
			f.Before, f.BeforeID = a.Raised, a.ID
		}
		if len(alerts) < page {
			return nil
		}
	}
}

func (s *Server) oneAlert(ctx context.Context, id string) (posture.Facts, error) {
	a, err := s.detect.Alert(ctx, id)
	if err != nil {
		return nil, err
	}
	return alertFacts(a), nil
}

func alertFacts(a *detect.Alert) *posture.AlertFacts {
	return &posture.AlertFacts{
		ID: a.ID, Rule: a.Rule, Control: a.Control, Title: a.Title, Severity: a.Severity, State: string(a.State),
		Subject: posture.Ref{Kind: posture.Kind(a.Subject.Kind), ID: a.Subject.ID, Name: a.Subject.Name},
		Event:   a.Crossed, Raised: a.Raised, Delivered: orZero(a.Notified), Closed: orZero(a.Closed), Cause: a.Cause, Remedy: a.Remedy,
	}
}

func (s *Server) eachListener(_ context.Context, fn func(posture.Facts) error) error {
	for _, d := range s.doors() {
		if err := fn(s.listenerFacts(d)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) oneListener(_ context.Context, name string) (posture.Facts, error) {
	for _, d := range s.doors() {
		if d.Name == name {
			return s.listenerFacts(d), nil
		}
	}
	return nil, fleet.Errorf(fleet.CodeNotFound, "there is no listener %q", name)
}

func (s *Server) listenerFacts(d listenerInfo) *posture.ListenerFacts {
	f := &posture.ListenerFacts{Name: d.Name, Address: d.Address, Protocol: d.Protocol, Plain: d.Plain, TLSMin: d.TLS, ClientAuth: d.Name == "mqtts" || d.Name == "coaps"}
	if f.ClientAuth {
		f.MaxPacket = s.config.MaxMessage
	}
	return f
}

func (s *Server) eachServer(ctx context.Context, fn func(posture.Facts) error) error {
	f, err := s.serverFacts(ctx)
	if err != nil {
		return err
	}
	return fn(f)
}

func (s *Server) serverFacts(ctx context.Context) (*posture.ServerFacts, error) {
	pending, err := s.audit.Pending(ctx)
	if err != nil {
		return nil, err
	}
	f := &posture.ServerFacts{
		Name: "this server", Version: Version, RunsAsRoot: runsAsRoot(), Weakened: s.weakened(), FIPS: fips140.Enabled(),
		Limits: posture.BrokerLimits{MaxPacket: s.config.MaxMessage, ClientRate: s.config.DeviceRate, GlobalRate: s.config.GlobalRate},
		Audit:  posture.AuditFacts{Pending: int(pending)}, ClockBehind: s.forward.Behind(),
	}
	if last, ok := s.audit.LastVerification(); ok {
		f.Audit.Verified, f.Audit.VerifiedOK = last.Started.Add(last.Duration), last.OK
		if last.Broken != nil {
			f.Audit.Problem = last.Broken.Error()
		}
	}
	if cp, err := s.audit.Checkpoint(ctx); err == nil {
		f.Audit.Checkpoint = cp.Time
	} else if fleet.CodeOf(err) != fleet.CodeNotFound {
		return nil, errors.Join(err)
	}
	f.Routes, err = s.routeFacts(ctx)
	return f, err
}
