package broker

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
	database "github.com/thingward/thingward/server/store"
)

// Ban keeps a device, a service account or a range of addresses off every device protocol: its live sessions are cut and new
// ones refused until the ban runs out or is lifted. It concerns device protocols only: API, console, EST, metrics and
// revocation lists are never closed by a ban, so that nobody can lock out those who would lift it.
type Ban struct {
	ID           string     `json:"id"`
	Kind         string     `json:"kind" doc:"device, account or address."`
	Target       string     `json:"target" doc:"Id of the device or account, or an address prefix."`
	Name         string     `json:"name,omitempty" doc:"Name of the device or account when it was banned."`
	Cause        string     `json:"cause" doc:"operator, or what the platform saw: flapping, handshakes."`
	Reason       string     `json:"reason"`
	Placed       time.Time  `json:"placed"`
	PlacedBy     string     `json:"placedBy"`
	Until        *time.Time `json:"until,omitempty" doc:"When it ends by itself; absent: when it is lifted."`
	Lifted       *time.Time `json:"lifted,omitempty"`
	LiftedBy     string     `json:"liftedBy,omitempty"`
	LiftedReason string     `json:"liftedReason,omitempty"`
	Active       bool       `json:"active"`
}

// What a ban is about, and why it was placed.
const (
	BanDevice  = string(protocol.SubjectDevice)
	BanAccount = string(protocol.SubjectAccount)
	BanAddress = "address"

	causeOperator   = "operator"
	causeFlapping   = "flapping"
	causeHandshakes = "handshakes"
)

const (
	bansMost   = 100_000                   // in force at a time: they are held in memory
	banLongest = 10 * 366 * 24 * time.Hour // of a ban with an end
	banWords   = 500
	broadest4  = 8  // bits of the widest IPv4 prefix that may be banned
	broadest6  = 16 // and of the widest IPv6 prefix
)

var errNoBans = fleet.Errorf(fleet.CodeUnavailable, "bans need the database of a full server: none is attached to this broker")

// inForce reports whether the ban counts at now.
func (b *Ban) inForce(now time.Time) bool {
	return b.Lifted == nil && (b.Until == nil || now.Before(*b.Until))
}

// ends says when, in words.
func (b *Ban) ends() string {
	if b.Until == nil {
		return "until it is lifted"
	}
	return "until " + b.Until.UTC().Format(time.RFC3339)
}

// party is what is banned, as an event names it.
func (b *Ban) party() fleet.Party {
	if b.Kind == BanAddress {
		return fleet.Party{Kind: BanAddress, ID: b.Target}
	}
	return fleet.Party{Kind: partyKind(b.Kind), ID: b.Target, Name: b.Name}
}

// PlaceBan bans what b names for lasts, or until it is lifted when lasts is 0. Kind, Target and Reason are the caller's; a target
// of kind address may be an address or a prefix. Every node knows of it at once and cuts the live sessions it concerns.
func (s *Service) PlaceBan(ctx context.Context, b Ban, lasts time.Duration) (Ban, error) {
	b.Cause = causeOperator
	return s.placeBan(ctx, b, lasts, access.PartyOf(ctx))
}

func (s *Service) placeBan(ctx context.Context, b Ban, lasts time.Duration, by fleet.Party) (Ban, error) {
	if s.DB == nil {
		return b, errNoBans
	}
	if err := s.checkBan(ctx, &b, lasts); err != nil {
		return b, err
	}
	now := s.Clock.Now().UTC().Truncate(time.Microsecond)
	b.ID, b.Placed, b.PlacedBy, b.Active = id.New(), now, nameOf(by), true
	if lasts > 0 {
		until := now.Add(lasts)
		b.Until = &until
	}
	err := s.DB.Change(ctx, func(tx *database.Tx) error {
		if err := insertBan(tx, b, now); err != nil {
			return err
		}
		data := map[string]any{"ban": b.ID, "target": b.Kind + " " + b.Target, "cause": b.Cause, "reason": b.Reason, "until": ""}
		if b.Until != nil {
			data["until"] = b.Until.Format(time.RFC3339)
		}
		return s.Audit.Record(tx, fleet.NewEvent("ban.placed", now, by, b.party(), data))
	})
	if err != nil {
		return b, err
	}
	s.announceBans(ctx, b.ID)
	return b, nil
}

// LiftBan ends a ban before its time.
func (s *Service) LiftBan(ctx context.Context, ref, reason string) (b Ban, err error) {
	if s.DB == nil {
		return b, errNoBans
	}
	if reason = strings.TrimSpace(reason); reason == "" || len(reason) > banWords {
		return b, fleet.Invalid("reason", fmt.Sprintf("say why in 1 to %d characters", banWords))
	}
	by, now := access.PartyOf(ctx), s.Clock.Now().UTC().Truncate(time.Microsecond)
	err = s.DB.Change(ctx, func(tx *database.Tx) error {
		if b, err = findBan(tx, ref, now); err != nil {
			return err
		}
		if !b.Active {
			return fleet.Errorf(fleet.CodeConflict, "the ban is over already: there is nothing to lift")
		}
		b.Lifted, b.LiftedBy, b.LiftedReason, b.Active = &now, nameOf(by), reason, false
		if err := endBan(tx, b); err != nil {
			return err
		}
		return s.Audit.Record(tx, fleet.NewEvent("ban.lifted", now, by, b.party(), map[string]any{"ban": b.ID, "target": b.Kind + " " + b.Target, "reason": reason}))
	})
	if err != nil {
		return b, err
	}
	s.announceBans(ctx, b.ID)
	return b, nil
}

// checkBan refuses a ban that cannot be meant, and puts its target into the one form it is compared in.
func (s *Service) checkBan(ctx context.Context, b *Ban, lasts time.Duration) error {
	b.Reason = strings.TrimSpace(b.Reason)
	switch {
	case b.Reason == "" || len(b.Reason) > banWords:
		return fleet.Invalid("reason", fmt.Sprintf("say why in 1 to %d characters", banWords))
	case lasts < 0 || lasts > banLongest:
		return fleet.Invalid("hours", "want 0 for a ban without an end, or up to ten years")
	case b.Kind == BanAddress:
		return s.checkBanPrefix(b)
	case b.Kind != BanDevice && b.Kind != BanAccount:
		return fleet.Invalid("kind", "want device, account or address")
	}
	c, err := s.Directory.Client(ctx, b.Kind, b.Target)
	if err != nil {
		return err
	}
	b.Target, b.Name = c.ID, c.Name
	return nil
}

func (s *Service) checkBanPrefix(b *Ban) error {
	p, err := parsePrefix(b.Target)
	if err != nil {
		return fleet.Invalid("address", fmt.Sprintf("%q: want an address or a prefix such as 192.0.2.0/24", clip([]byte(b.Target))))
	}
	least := broadest6
	if p.Addr().Is4() {
		least = broadest4
	}
	if p.Bits() < least {
		return fleet.Invalid("address", fmt.Sprintf("%s would ban too many: want /%d or narrower", p, least))
	}
	for _, keep := range s.NeverBan {
		if keep.Overlaps(p) {
			return fleet.Invalid("address", fmt.Sprintf("%s holds addresses of %s, which ban_never keeps from bans", p, keep))
		}
	}
	b.Target = p.String()
	return nil
}

// parsePrefix reads an address or a prefix; an IPv4 address inside IPv6 is the IPv4 address.
func parsePrefix(text string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(text); err == nil {
		if a := p.Addr().Unmap(); a != p.Addr() && p.Bits() >= 96 {
			return a.Prefix(p.Bits() - 96)
		}
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, fleet.Errorf(fleet.CodeInvalid, "no address")
	}
	a = a.Unmap()
	return a.Prefix(a.BitLen())
}

func nameOf(p fleet.Party) string {
	if p.Name != "" {
		return p.Name
	}
	return p.ID
}

// announceBans takes the change up here and tells the other nodes.
func (s *Service) announceBans(ctx context.Context, id string) {
	s.takeBans(context.WithoutCancel(ctx))
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: "ban", ID: id}); err != nil {
		s.Log.Warn("ban not announced: other nodes learn of it within a minute", "ban", id, "error", err)
	}
}
