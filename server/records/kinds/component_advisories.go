package kinds

import (
	"fmt"

	"github.com/thingward/thingward/server/records"
)

// ComponentAdvisories serves SDV-15: where the alerts about a component come from, and who reads them.
func ComponentAdvisories() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "component-advisories", Title: "Advisory sources of a component", About: records.Component, Life: Year,
			Purpose: "Names the sources of security alerts for a component, and who reads them.",
			Form: []records.Field{
				line("versions", "Versions in use", ""),
				rows("sources", "Sources", "", line("source", "Source", "Publisher, database or mailing list."), line("address", "Address", ""),
					choice("way", "Way", "", "mail", "feed", "API", "portal")),
				person("reader", "Who reads them", ""),
				done("proved", "Last alert or test that arrived", "A subscription that never delivered anything may be broken."),
			},
			Example: records.Body{
				"versions": "3.6.2", "reader": "mara", "proved": "-33d",
				"sources": table("source address way", cells{"Mbed TLS advisories", "https://mbed-tls.readthedocs.io/en/latest/security-advisories/", "feed"},
					cells{"OSV", "https://osv.dev", "API"}),
			},
		},
		Serves: []Serves{
			{"SDV-15", "advisory-source", "source-known", "The component has an advisory source that delivers, and somebody reads it", PeopleActive},
		},
	}
}

// ComponentReviews serves SDV-15: what was decided about the advisories and updates of a component.
func ComponentReviews() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "component-reviews", Title: "Reviews of a component's advisories", About: records.Component, Life: Quarter,
			Purpose: "Records the decision on every advisory and update of a component that arrived.",
			Form: []records.Field{
				done("until", "Reviewed up to", "Everything that arrived until then is in the table."),
				may(rows("reviews", "Reviews", "", line("advisory", "Advisory or update", "Its identifier or version."), date("arrived", "Arrived", ""), date("decided", "Decided", ""),
					choice("decision", "Decision", "", "deploy at once", "deploy as planned", "not affected", "risk accepted"), prose("reason", "Reason", ""), person("by", "Decided by", ""))),
				prose("statement", "Statement", "How it was made sure that nothing is missing; or that nothing arrived."),
			},
			Check: decidedAfterArrival,
			Example: records.Body{
				"until": "-2d", "statement": "Both sources were read from the last review on; they name the one advisory below.",
				"reviews": table("advisory arrived decided decision reason by",
					cells{"CVE-2026-10042", "-30d", "-29d", "deploy as planned", "Needs a local account, which locks do not have.", "mara"}),
			},
		},
		Serves: []Serves{
			{"SDV-15", "review-decision", "reviews-decided", "Every review of the component ended with a decision, reason and name", Current},
		},
	}
}

// decidedAfterArrival refuses a decision that is older than what it is about.
func decidedAfterArrival(b records.Body, _ records.Object) (faults []records.Fault) {
	for i, row := range rowsOf(b, "reviews") {
		if cell(row, "decided") < cell(row, "arrived") { // 2026-11-22: the order of texts is that of days
			faults = append(faults, records.Fault{Path: fmt.Sprintf("reviews[%d].decided", i), Message: "is before the advisory arrived"})
		}
	}
	return faults
}
