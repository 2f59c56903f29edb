package manifest

import "github.com/thingward/thingward/fleet"

// industries are those that ask for certified systems (SDV-14).
var industries = []string{"aviation", "rail", "road", "maritime", "medical", "industrial", "energy"}

// traits reads tw:traits.
func (a at) traits() (t fleet.Traits) {
	if !a.is(mapping) {
		return t
	}
	a.only("origin", "personalData", "industries", "assurance", "legacy")
	t.Origin = a.optional("origin", []string{"developed", "acquired"})
	t.Assurance = a.optional("assurance", []string{"standard", "high"})
	t.PersonalData, t.Legacy = a.said("personalData"), a.said("legacy")
	if v, ok := a.get("industries"); ok {
		if t.Industries = v.words(industries...); t.Industries == nil {
			t.Industries = []string{}
		}
	}
	return t
}

// said reads a flag of which it matters whether it is there at all.
func (a at) said(key string) *bool {
	v, ok := a.get(key)
	if !ok {
		return nil
	}
	flag := v.flag()
	return &flag
}
