package kinds

import (
	"slices"
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

const acceptedThreat = "accepted"

func threatModel(name string, about records.About, what string) Spec {
	return Spec{
		Kind: records.Kind{
			Name: name, Title: "Threat model of a " + what, About: about, Life: Year, Needs: []string{"release-results"},
			Purpose: "Rates what can be done to a " + what + " by a stated method, and turns each answer into a requirement that is tracked.",
			Form: []records.Field{
				choice("method", "Method", "", "STRIDE", "LINDDUN", "PASTA", "attack trees", "OCTAVE", "TARA", "other"),
				done("modelled", "Modelled on", ""),
				person("lead", "Lead", ""),
				rows("components", "Components and data flows", "What was looked at.", line("component", "Component or flow", ""), line("boundary", "Trust boundary", ""), choice("value", "Value of code and data", "", "low", "moderate", "high")),
				rows("threats", "Threats", "", line("threat", "Threat", "A short name, to which attacker profiles refer."), line("component", "Against", ""), choice("rating", "Rating", "", "very low", "low", "moderate", "high", "very high"),
					choice("answer", "Answer", "", "mitigated", "avoided", "transferred", acceptedThreat), line("how", "How, or why it is accepted", "")),
				tracked("mitigations", "Mitigations", "Each becomes a requirement that is tracked.", line("threat", "Threat", "")),
			},
			Files: records.Files{Least: 1, What: "The diagram or the model of the tool."},
			Example: records.Body{
				"method": "STRIDE", "modelled": "-25d", "lead": "ines",
				"components": table("component boundary value", cells{"Lock controller", "Housing", "high"}, cells{"MQTT to the broker", "Internet", "high"}),
				"threats": table("threat component rating answer how",
					cells{"Replay of an unlock command", "MQTT to the broker", "high", "mitigated", "TLS with certificates, command identifiers used once"},
					cells{"Battery drained by pairing requests", "Lock controller", "moderate", acceptedThreat, "The lock opens with the mechanical key; alarm at a steep drain"}),
				"mitigations": table("title owner due threat", cells{"Refuse a command identifier that was seen before", "olga", "+40d", "Replay of an unlock command"}),
			},
		},
		Serves: []Serves{
			{"TMM-01", "threat-model", what + "-modelled", "A threat model of the " + what + " is in force", Current},
			{"TMM-01", "threats-covered", what + "-threats", "Each threat to the " + what + " is rated and answered", everyRow("threats", "threat", "threats are rated and answered", unanswered)},
			{"TMM-01", "mitigations-tracked", what + "-mitigations", "No mitigation for the " + what + " is overdue or was open at a release", openAtRelease},
		},
	}
}

func unanswered(row map[string]any) string {
	switch {
	case cell(row, "rating") == "":
		return "no rating"
	case cell(row, "answer") == "" || cell(row, "how") == "":
		return "no answer"
	default:
		return ""
	}
}

// openAtRelease passes while no mitigation is overdue, and none was open when results of a release of the same type were
// approved.
func openAtRelease(d *records.Duty, now time.Time) posture.Verdict {
	v := ItemsDone(d, now)
	if v.Status != "pass" {
		return v
	}
	for _, r := range d.Others {
		if r.Kind != "release-results" || !slices.Contains([]string{d.Object.ID, d.Object.Name}, cell(r.Object.Facts, "type")) {
			continue
		}
		for _, it := range d.Items {
			if it.Opened.Before(r.Effective) && (it.Closed.IsZero() || it.Closed.After(r.Effective)) {
				return posture.Fail("%q was open when %s was released", it.Title, r.Object.Name).At(v.Until)
			}
		}
	}
	return v
}
