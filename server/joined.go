package server

import (
	"context"
	"errors"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/registry"
)

const (
	factsPage = 500 // subjects whose facts are put together at a time, by one query for each thing that belongs to them
	heldMost  = 50  // certificates of one subject, the newest
)

// inPages gathers what each hands over, one by one, into pages.
func inPages[T any](each func(func(T) error) error, fn func([]T) error) error {
	var page []T
	err := each(func(v T) error {
		if page = append(page, v); len(page) < factsPage {
			return nil
		}
		err := fn(page)
		page = page[:0]
		return err
	})
	if err == nil && len(page) > 0 {
		err = fn(page)
	}
	return err
}

func idsOf[T any](page []T, id func(T) string) []string {
	out := make([]string, len(page))
	for i, v := range page {
		out[i] = id(v)
	}
	return out
}

// eachDevice hands over what deviceFacts says of each device, read for a page of them at once.
func (s *Server) eachDevice(ctx context.Context, fn func(posture.Facts) error) error {
	each := func(fn func(registry.DeviceFacts) error) error { return s.registry.Each(ctx, fn) }
	return inPages(each, func(page []registry.DeviceFacts) error { return s.devicesPage(ctx, page, fn) })
}

func (s *Server) devicesPage(ctx context.Context, page []registry.DeviceFacts, fn func(posture.Facts) error) error {
	ids := idsOf(page, func(d registry.DeviceFacts) string { return d.Device.ID })
	lives, err1 := s.telemetry.Lives(ctx, ids)
	certs, err2 := s.identity.Held(ctx, ids, heldMost)
	kept, err3 := s.reviews.AllKept(ctx, ids)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	for _, d := range page {
		id := d.Device.ID
		f := &posture.DeviceFacts{
			Device: d.Device, Type: d.Type, Inventory: d.Inventory, InventoryAt: d.InventoryAt, LastSeen: lives[id].Seen, Health: lives[id].Health, Certificates: certs[id], Reviewed: kept[id],
		}
		_, _, f.Connected = s.broker.Connected(string(protocol.SubjectDevice), id)
		if f.Health != nil {
			f.HealthAt = f.Health.Time
		}
		if err := fn(f); err != nil {
			return err
		}
	}
	return nil
}

// eachCertificate hands over every certificate that has not ended, with its holder.
func (s *Server) eachCertificate(ctx context.Context, fn func(posture.Facts) error) error {
	each := func(fn func(identity.Known) error) error { return s.identity.EachKnown(ctx, fn) }
	return inPages(each, func(page []identity.Known) error {
		h, err := s.holdersOf(ctx, page)
		if err != nil {
			return err
		}
		for _, k := range page {
			if err := fn(h.certificate(k)); err != nil {
				return err
			}
		}
		return nil
	})
}

// holders are the devices and accounts that certificates were issued to, by id.
type holders struct {
	devices  map[string]fleet.Device
	accounts map[string]access.Account
}

func (s *Server) holdersOf(ctx context.Context, page []identity.Known) (holders, error) {
	ids := map[protocol.SubjectKind][]string{}
	for _, k := range page {
		kind := protocol.SubjectKind(k.Certificate.SubjectKind)
		ids[kind] = append(ids[kind], k.Certificate.SubjectID)
	}
	devices, err1 := s.registry.ByID(ctx, ids[protocol.SubjectDevice])
	accounts, err2 := s.access.ByID(ctx, ids[protocol.SubjectAccount])
	return holders{devices, accounts}, errors.Join(err1, err2)
}

// certificate puts a certificate's facts together.
func (h holders) certificate(k identity.Known) *posture.CertificateFacts {
	f := &posture.CertificateFacts{Certificate: k.Certificate, URIs: k.URIs, KeySince: k.KeySince, SharedWith: k.SharedWith, Known: true}
	switch protocol.SubjectKind(k.Certificate.SubjectKind) {
	case protocol.SubjectDevice:
		var d fleet.Device
		if d, f.Known = h.devices[k.Certificate.SubjectID]; d.State == fleet.Retired {
			f.HolderEnded = d.Changed
		}
	case protocol.SubjectAccount:
		var a access.Account
		if a, f.Known = h.accounts[k.Certificate.SubjectID]; a.State == access.Disabled {
			f.HolderEnded = a.Changed
		}
	case protocol.SubjectServer:
	}
	return f
}

func (s *Server) accountsPage(ctx context.Context, page []access.Account, fn func(posture.Facts) error) error {
	ids := idsOf(page, func(a access.Account) string { return a.ID })
	tokens, err1 := s.access.TokensOf(ctx, ids)
	certs, err2 := s.identity.Held(ctx, ids, heldMost)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	for _, a := range page {
		f := s.accountWith(a, tokens[a.ID], certs[a.ID])
		if err := s.withGrants(ctx, f); err != nil {
			return err
		}
		if err := fn(f); err != nil {
			return err
		}
	}
	return nil
}
