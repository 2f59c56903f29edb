package kinds

import "github.com/thingward/thingward/server/records"

// FaultTree serves SOP-02: the fault tree of a system whose failure can harm, computed elsewhere.
func FaultTree() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "fault-tree", Title: "Fault tree analysis", About: records.System, Life: 2 * Year, Only: unless("safety", "the system has no safety effects"),
			Purpose: "Shows how failures combine into a hazard of a system, and which of them matter most.",
			Form: []records.Field{
				line("top", "Top event", ""),
				done("analysed", "Analysed on", ""),
				person("analyst", "Analyst", ""),
				line("tool", "Tool", "Name and version; the tree in the Open-PSA format is attached."),
				number("probability", "Probability of the top event a year", "", 0, 1),
				rows("cutSets", "Minimal cut sets that matter most", "", line("set", "Basic events", ""), number("probability", "Probability", "", 0, 1), number("importance", "Importance (Fussell-Vesely)", "", 0, 1)),
				tracked("measures", "Measures", ""),
			},
			Files: records.Files{Least: 1, What: "The tree in the Open-PSA model exchange format, and the tool's report."},
			Example: records.Body{
				"top": "Escape door locked during a fire", "analysed": "-50d", "analyst": "ines", "tool": "SCRAM 0.16.2", "probability": 0.00002,
				"cutSets":  table("set probability importance", cells{"Detector contact fails and supply stays on", 0.000015, 0.75}, cells{"Bolt jams", 0.000005, 0.25}),
				"measures": table("title owner due", cells{"Second detector contact on the north stair", "theo", "+90d"}),
			},
		},
		Serves: []Serves{
			{"SOP-02", "fault-tree", "tree-current", "A fault tree of the system is in force", Current},
			{"SOP-02", "fault-tree", "measures-on-time", "No measure from a fault tree is overdue", ItemsDone},
		},
	}
}
