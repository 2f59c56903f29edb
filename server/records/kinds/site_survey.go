package kinds

import "github.com/thingward/thingward/server/records"

// searches are what a survey looks for.
var searches = []string{"unknown devices", "unknown access points", "unknown sensor networks", "jamming and noise", "replay and deauthentication", "tampered housings"}

// SiteSurvey serves SNT-13: the search of a site for what does not belong there.
func SiteSurvey() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "site-survey", Title: "Site survey", About: records.Site, Life: Quarter,
			Purpose: "Shows that a site was searched for rogue devices and radio attacks, and what became of what was found.",
			Form: []records.Field{
				done("surveyed", "Surveyed on", ""),
				person("surveyor", "Surveyor", ""),
				line("instruments", "Instruments", "Receivers, analysers, and the bands they cover."),
				covering("searches", "Searches", "", choice("search", "Search", "", searches...), searches, line("result", "Result", "")),
				tracked("anomalies", "Anomalies", "Whatever does not belong there.", line("place", "Place", "")),
			},
			Files: records.Files{Least: 1, What: "The export of the instruments, or the plan with notes."},
			Example: records.Body{
				"surveyed": "-14d", "surveyor": "theo", "instruments": "Spectrum analyser 100 kHz to 6 GHz, BLE and 802.15.4 sniffers",
				"searches":  filled(searches, "search result", "Nothing that does not belong there"),
				"anomalies": table("title owner due place", cells{"Find the owner of an unlabelled camera", "theo", "+14d", "Loading dock"}),
			},
		},
		Serves: []Serves{
			{"SNT-13", "site-survey", "survey-current", "The site was surveyed within 92 days", Current},
			{"SNT-13", "survey-anomaly", "anomalies-on-time", "No anomaly of the site is overdue", ItemsDone},
		},
	}
}
