package kinds

import (
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// AttackerProfiles serves TMM-03: who would attack, why, and which threats of the models that explains.
func AttackerProfiles() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "attacker-profiles", Title: "Attacker profiles", About: records.Organisation, Life: Year, Needs: []string{"type-threat-model", "system-threat-model"},
			Purpose: "Describes who would attack the fleet, why and with what means, and names the threats that this explains.",
			Form: []records.Field{
				rows("profiles", "Profiles", "", line("name", "Attacker", ""), line("motive", "Motive", ""), choice("capability", "Capability", "", "low", "moderate", "high", "very high"),
					line("means", "Means and habits", "Tools, entry points, reports of past attacks."), line("threats", "Threats", "Names of threats in the threat models, parted by semicolons.")),
				line("sources", "Sources", "Reports and feeds that the profiles rest on."),
				done("written", "Last revised on", ""),
			},
			Example: records.Body{
				"profiles": table("name motive capability means threats", cells{"Burglars with bought tools", "Entry without traces", "moderate", "Radio replay, cloned cards", "Replay of an unlock command"},
					cells{"Botnet operators", "Capacity to rent out", "moderate", "Scans for default passwords", "Battery drained by pairing requests"}),
				"sources": "ENISA threat landscape, sector ISAC reports", "written": "-30d",
			},
		},
		Serves: []Serves{
			{"TMM-03", "attacker-profiles", "profiles-current", "Attacker profiles are in force", Current},
			{"TMM-03", "profiles-linked", "profiles-linked", "Each attacker profile names a threat of a threat model in force", profilesLinked},
		},
	}
}

// profilesLinked looks for the threats that profiles name in the threat models in force.
func profilesLinked(d *records.Duty, now time.Time) posture.Verdict {
	known := map[string]bool{}
	for _, r := range d.Others {
		if r.Altered != "" || (!r.Expires.IsZero() && !now.Before(r.Expires)) {
			continue
		}
		for _, row := range rowsOf(r.Body, "threats") {
			known[strings.ToLower(cell(row, "threat"))] = true
		}
	}
	v := everyRow("profiles", "name", "profiles name a threat of a model in force", func(row map[string]any) string {
		for t := range strings.SplitSeq(cell(row, "threats"), ";") {
			if known[strings.ToLower(strings.TrimSpace(t))] {
				return ""
			}
		}
		return "names no threat of a model in force"
	})(d, now)
	for _, r := range d.Others {
		if now.Before(r.Expires) {
			v = v.At(r.Expires)
		}
	}
	return v
}
