package kinds

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/records"
)

func policySections() []string {
	return []string{"encryption", "monitoring and audit", "authentication and access", "physical protection"}
}

// SecurityPolicy serves TSP-01: what every component must carry, in five sections, for a stated scope. Its clauses name the
// controls by which the platform finds what does not comply.
func SecurityPolicy() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "security-policy", Title: "Enterprise IoT security policy", About: records.Organisation, Life: Year,
			Purpose: "Says which controls every component must carry, and to what it applies.",
			Form: []records.Field{
				prose("scope", "Scope", "Systems, sites and kinds of component that it applies to."),
				prose("encryption", "Encryption", ""),
				prose("monitoring", "Monitoring and audit", ""),
				prose("authentication", "Authentication and access", ""),
				prose("physical", "Physical protection", ""),
				prose("exceptions", "How exceptions are asked for", ""),
				covering("clauses", "Clauses", "What is measured: each clause with the controls whose findings show who misses it.",
					choice("section", "Section", "", policySections()...), policySections(),
					line("clause", "Clause", ""), line("controls", "Controls", "Their identifiers, parted by commas: COM-08, COM-09.")),
			},
			Readers: records.Administrators,
			Check:   clausesNameControls,
			Example: records.Body{
				"scope":          "Every device, gateway, service and account of the building fleet, at all sites.",
				"encryption":     "All traffic inside TLS 1.2 or later, or DTLS; classified data sealed at rest.",
				"monitoring":     "Security events reach the platform within a minute and are kept for a year.",
				"authentication": "One certificate for each device; people sign in with a second factor.",
				"physical":       "Devices in public places have sealed cases and report when they are opened.",
				"exceptions":     "By the system's owner, with compensating control and end, approved by the risk manager.",
				"clauses": table("section clause controls",
					cells{"encryption", "No traffic in clear on any link", "COM-08, COM-09"},
					cells{"monitoring and audit", "Each security event is complete when it arrives", "MSU-05"},
					cells{"authentication and access", "No two devices share a key", "TSP-07"},
					cells{"physical protection", "Keys in hardware that does not give them away", "CMP-05"}),
			},
		},
		Serves: []Serves{
			{"TSP-01", "policy-in-force", "policy-current", "A security policy is approved and inside its review period", Current},
		},
		Refuses: []Refuses{
			{"TSP-01", "five-sections", "incomplete-policy", "A policy with an empty section cannot be approved", Incomplete},
		},
	}
}

var controlID = regexp.MustCompile(`^[A-Z]{3}-[0-9]{2}$`)

// Clauses reads the controls of each clause of a security policy, by the clause.
func Clauses(b records.Body) map[string][]string {
	out := map[string][]string{}
	for _, row := range rowsOf(b, "clauses") {
		for _, id := range strings.Split(cell(row, "controls"), ",") {
			out[cell(row, "clause")] = append(out[cell(row, "clause")], strings.TrimSpace(id))
		}
	}
	return out
}

// clausesNameControls refuses clauses that nothing could measure.
func clausesNameControls(b records.Body, _ records.Object) (faults []records.Fault) {
	cat, err := catalogue.Load()
	if err != nil {
		return []records.Fault{{Path: "clauses", Message: "cannot be compared with the catalogue now: try again"}}
	}
	for i, row := range rowsOf(b, "clauses") {
		for _, id := range strings.Split(cell(row, "controls"), ",") {
			id = strings.TrimSpace(id)
			if _, known := cat.Control(id); !known || !controlID.MatchString(id) || id == "TSP-01" {
				faults = append(faults, records.Fault{
					Path:    fmt.Sprintf("clauses[%d].controls", i),
					Message: fmt.Sprintf("%q is no control that a clause can name: write identifiers such as COM-08, parted by commas, and not TSP-01 itself", id),
				})
			}
		}
	}
	return faults
}
