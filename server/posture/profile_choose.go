package posture

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
)

// ProfileView is an industry profile and whether it weighs the controls now.
type ProfileView struct {
	catalogue.Profile
	Active bool `json:"active"`
}

// ListProfiles lists the profiles.
func (s *Service) ListProfiles() []ProfileView {
	out := make([]ProfileView, 0, len(s.Catalogue.Profiles))
	active := s.ActiveProfile()
	for _, p := range s.Catalogue.Profiles {
		out = append(out, ProfileView{p, p.ID == active})
	}
	return out
}

// weigh is a profile in use; an unknown or empty one weighs every control the same.
func (s *Service) weigh(id string) *chosen {
	c := &chosen{profile: id, weights: map[string]int{}}
	p, ok := s.Catalogue.Profile(id)
	if !ok {
		c.profile = ""
	}
	for _, w := range p.Weights {
		c.weights[w.Control] = w.Weight
	}
	return c
}

// ChooseProfile makes a profile weigh the controls from now on; an empty one makes every control weigh the same.
func (s *Service) ChooseProfile(ctx context.Context, id, reason string) error {
	reason = strings.TrimSpace(reason)
	if _, ok := s.Catalogue.Profile(id); !ok && id != "" {
		return fleet.Invalid("id", fmt.Sprintf("there is no profile %q: GET /api/v1/profiles lists them; empty weighs every control the same", clipID(id)))
	}
	if reason == "" || utf8.RuneCountInString(reason) > 500 || !utf8.ValidString(reason) || strings.ContainsRune(reason, 0) {
		return fleet.Invalid("reason", "say in 1 to 500 characters why this profile fits")
	}
	return s.DB.Change(ctx, func(tx *store.Tx) error {
		seq, before, err := lastProfile(tx)
		switch {
		case err != nil:
			return err
		case before == id:
			return fleet.Errorf(fleet.CodeConflict, "%s weighs the controls already", nameOf(id))
		}
		now, by := s.Clock.Now(), access.PartyOf(ctx)
		if _, err := tx.Exec("INSERT INTO posture_profile (seq, at, profile, reason, who) VALUES (?, ?, ?, ?, ?)", seq+1, store.Time(now), id, reason, by.Name); err != nil {
			if store.IsUnique(err) {
				return fleet.Errorf(fleet.CodeConflict, "somebody else chose a profile this very moment: look at it and try again")
			}
			return err
		}
		tx.OnCommit(func() { s.tookProfile(id) })
		return s.Audit.Record(tx, fleet.NewEvent("profile.chosen", now, by, fleet.Party{Kind: "profile", ID: cmp.Or(id, "none")}, map[string]any{"before": before, "after": id, "reason": reason}))
	})
}

func nameOf(profile string) string {
	if profile == "" {
		return "no profile"
	}
	return profile
}

// tookProfile puts a profile to work here and tells the other nodes.
func (s *Service) tookProfile(id string) {
	s.weighing.current.Store(s.weigh(id))
	if s.Bus == nil {
		return
	}
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: "profile", ID: id}); err != nil {
		s.Log.Warn("the choice of a profile was not announced: other nodes take it at their next start", "profile", id, "error", err)
	}
}

// heardProfile takes over what another node chose. The database decides, not the announcement.
func (s *Service) heardProfile(c bus.Changed) {
	if c.Kind != "profile" {
		return
	}
	if err := s.restoreProfile(context.Background()); err != nil {
		s.Log.Error("the profile was not read again", "error", err)
	}
}

// restoreProfile reads the profile in use.
func (s *Service) restoreProfile(ctx context.Context) error {
	_, id, err := lastProfile(s.reader(ctx))
	if err == nil {
		s.weighing.current.Store(s.weigh(id))
	}
	return err
}

func lastProfile(r reading) (seq int64, id string, err error) {
	err = r.QueryRow("SELECT seq, profile FROM posture_profile ORDER BY seq DESC LIMIT 1").Scan(&seq, &id)
	if store.IsNoRows(err) {
		return 0, "", nil
	}
	return seq, id, err
}

// WeightsAt tells what each control weighed at a past time. Weights are those of this version of the program.
func (s *Service) WeightsAt(ctx context.Context, at time.Time) (map[string]int, error) {
	var id string
	err := s.DB.QueryRow(ctx, "SELECT profile FROM posture_profile WHERE at <= ? ORDER BY seq DESC LIMIT 1", store.Time(at)).Scan(&id)
	if err != nil && !store.IsNoRows(err) {
		return nil, err
	}
	return weightsOf(s.Catalogue, s.weigh(id)), nil
}
