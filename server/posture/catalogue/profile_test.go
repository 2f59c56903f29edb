package catalogue

import (
	"slices"
	"strings"
	"testing"
)

func TestProfilesAreThoseOfTheIndustries(t *testing.T) {
	var ids []string
	for _, p := range mustLoad(t).Profiles {
		ids = append(ids, p.ID)
		if len(p.Weights) < 20 {
			t.Errorf("%s weighs only %d controls", p.ID, len(p.Weights))
		}
	}
	if want := []string{"connected-vehicle", "health", "industrial", "retail", "smart-city"}; !slices.Equal(ids, want) {
		t.Errorf("profiles are %v, want %v", ids, want)
	}
}

// A reason that serves two industries says nothing about either.
func TestEveryWeightHasItsOwnReason(t *testing.T) {
	seen := map[string]string{}
	for _, p := range mustLoad(t).Profiles {
		for _, w := range p.Weights {
			where := p.ID + "/" + w.Control
			if other, taken := seen[w.Reason]; taken {
				t.Errorf("%s has the reason of %s", where, other)
			}
			seen[w.Reason] = where
			if len(strings.Fields(w.Reason)) > 25 {
				t.Errorf("%s: the reason is long", where)
			}
		}
	}
}

func TestProfileByIdentifier(t *testing.T) {
	c := mustLoad(t)
	if p, ok := c.Profile("health"); !ok || p.Name != "Health care" {
		t.Errorf("health is %+v, %v", p, ok)
	}
	if _, ok := c.Profile(""); ok {
		t.Error("there is a profile without a name")
	}
}
