package catalogue

// MinWeight and MaxWeight bound what a control can weigh in a score. MinWeight
// is what a control weighs where a profile says nothing.
const (
	MinWeight = 1
	MaxWeight = 3
)

// Profile is an industry's tailoring: which controls weigh more there than
// others, and why. It takes no control away.
type Profile struct {
	ID      string   `yaml:"id" json:"id"`
	Name    string   `yaml:"name" json:"name"`
	Summary string   `yaml:"summary" json:"summary"`
	Weights []Weight `yaml:"weights" json:"weights"` // only those above MinWeight, in the order of the controls
}

// Weight is what a control weighs in an industry, and why.
type Weight struct {
	Control string `yaml:"control" json:"control"`
	Weight  int    `yaml:"weight" json:"weight"`
	Reason  string `yaml:"reason" json:"reason"`
}

// Profile returns the profile with that identifier, and whether there is one.
func (c *Catalogue) Profile(id string) (Profile, bool) {
	for _, p := range c.Profiles {
		if p.ID == id {
			return p, true
		}
	}
	return Profile{}, false
}

// validateProfiles notes profiles without text, and weights that are out of
// range, out of order or of no control.
func (c *Catalogue) validateProfiles(f *faults) {
	place := map[string]int{}
	for i, control := range c.Controls() {
		place[control.ID] = i + 1
	}
	seen := map[string]bool{}
	for _, p := range c.Profiles {
		f.text(p.ID, "name", p.Name)
		f.sentence(p.ID, "summary", p.Summary)
		if seen[p.ID] || !kebab.MatchString(p.ID) {
			f.addf("profile %q: the identifier is taken or not in kebab case", p.ID)
		}
		seen[p.ID] = true
		last := 0
		for _, w := range p.Weights {
			f.sentence(p.ID+"/"+w.Control, "reason", w.Reason)
			if at := place[w.Control]; at <= last {
				f.addf("profile %s: %s is unknown, named twice or out of order", p.ID, w.Control)
			} else {
				last = at
			}
			if w.Weight <= MinWeight || w.Weight > MaxWeight {
				f.addf("profile %s: %s weighs %d; write 2 or 3, and leave out what weighs 1", p.ID, w.Control, w.Weight)
			}
		}
	}
}
