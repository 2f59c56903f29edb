package kinds

import "github.com/thingward/thingward/server/records"

// RiskMethod serves RSM-01: which risk method is in use, and when risks are assessed again.
func RiskMethod() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "risk-method", Title: "Risk method", About: records.Organisation, Life: Year,
			Purpose: "Names the method by which risks are found, ranked and decided, and who owns it.",
			Form: []records.Field{
				choice("method", "Method", "", "ISO/IEC 27005", "NIST SP 800-30", "IEC 62443-3-2", "EBIOS Risk Manager", "OCTAVE Allegro", "Open FAIR", "other"),
				line("edition", "Edition or revision", "With its full name where the method is another one."),
				person("methodOwner", "Owner of the method", "Who keeps it current and answers questions about it."),
				prose("ranking", "Ranking", "How likelihood and impact are ranked, and what level follows."),
				prose("acceptance", "Acceptance", "Who may accept or defer a risk of which level, and for how long at most."),
				number("months", "Months between assessments", "At most this many months pass before every system is assessed again.", 1, 12),
				prose("triggers", "Changes that call for it earlier", "Business needs, laws, incidents or new types of device."),
			},
			Example: records.Body{
				"method": "NIST SP 800-30", "edition": "Revision 1", "methodOwner": "mara", "months": 12.0,
				"ranking":    "Five steps each for likelihood and impact; the level is read from the matrix of the method's appendix.",
				"acceptance": "A system's owner accepts up to moderate for a year; high and above needs the executive, for 90 days.",
				"triggers":   "A new device type, a new outside service, a law that takes effect, and every incident of severity high.",
			},
		},
		Serves: []Serves{
			{"RSM-01", "risk-method", "risk-method", "The risk method in use is named, owned and approved", PeopleActive},
		},
	}
}
