package kinds

import (
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// LegalObligations serves GVN-02, and RSM-01 for what baselines must cover: the standards, laws and regulations of a system.
func LegalObligations() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "legal-obligations", Title: "Obligations of a system", About: records.System, Life: Year,
			Purpose: "Lists the standards, laws and regulations that apply to the system, and what each means for it.",
			Needs:   []string{"type-baseline", "component-baseline"},
			Form: []records.Field{
				may(rows("duties", "Obligations", "", line("reference", "Reference", "The same words in baselines that meet it."),
					choice("nature", "Nature", "", "law or regulation", "standard", "contract"), line("title", "Title", ""),
					prose("impact", "What it means for the system", "In plain words, for its owner."))),
				may(prose("none", "Why none applies", "Only where no obligation is listed.")),
				person("counsel", "Who found them", "Who looked for what applies."),
				ends("reviewBy", "Next review by", ""),
			},
			Readers: records.SystemOwners,
			Check:   dutiesOrReason,
			Example: records.Body{
				"duties": table("reference nature title impact",
					cells{"CRA Annex I", "law or regulation", "Cyber Resilience Act", "Locks get security updates for five years, and exploited faults are reported within a day."},
					cells{"GDPR Article 32", "law or regulation", "General Data Protection Regulation", "Door events say who was where: they are sealed and deleted after 90 days."}),
				"counsel": "jonas", "reviewBy": "+200d",
			},
		},
		Serves: []Serves{
			{"GVN-02", "obligation-register", "obligations-listed", "The system lists what applies to it, with its impact", Current},
			{"GVN-02", "owner-acknowledged", "owner-acknowledged", "The system's owner has acknowledged the newest version", Acknowledged},
			{"RSM-01", "duty-coverage", "duties-covered", "Each law and regulation that applies to the system is met by a baseline in force", dutiesCovered},
		},
	}
}

// dutiesOrReason asks for obligations, or for the reason why there are none.
func dutiesOrReason(b records.Body, _ records.Object) []records.Fault {
	listed, none := len(rowsOf(b, "duties")) > 0, cell(b, "none")
	switch {
	case !listed && len(none) < proseLeast:
		return []records.Fault{{Path: "duties", Message: "is empty: list what applies, or say under \"none\" why nothing does"}}
	case listed && none != "":
		return []records.Fault{{Path: "none", Message: "contradicts the obligations that are listed: empty one of the two"}}
	default:
		return nil
	}
}

// dutiesCovered looks for a baseline in force for every law and regulation.
func dutiesCovered(d *records.Duty, now time.Time) posture.Verdict {
	v := Current(d, now)
	if v.Status != "pass" {
		return v
	}
	var open []string
	duties := 0
	for _, row := range rowsOf(d.InForce.Body, "duties") {
		if cell(row, "nature") != "law or regulation" {
			continue
		}
		duties++
		until, met := coveredUntil(d.Others, cell(row, "reference"), now)
		if !met {
			open = append(open, cell(row, "reference"))
		}
		v = v.At(until)
	}
	switch {
	case len(open) > 0:
		return posture.Fail("no baseline in force meets %s", some(open)).At(v.Until)
	case duties == 0:
		return posture.NotApplicable("no law or regulation is listed for it").At(v.Until)
	default:
		return posture.Pass("all %d met by baselines in force", duties).At(v.Until)
	}
}

// coveredUntil is when the last baseline that meets a duty ends.
func coveredUntil(baselines []records.Record, duty string, now time.Time) (until time.Time, met bool) {
	for _, r := range baselines {
		if r.Altered != "" || r.State != records.Approved || !r.Expires.After(now) {
			continue
		}
		for _, row := range rowsOf(r.Body, "duties") {
			if cell(row, "reference") == duty && r.Expires.After(until) {
				until, met = r.Expires, true
			}
		}
	}
	return until, met
}
