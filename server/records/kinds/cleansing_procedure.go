package kinds

import "github.com/thingward/thingward/server/records"

// CleansingProcedure serves GVN-05: how production data is cleansed before it leaves production, for debugging too.
func CleansingProcedure() Spec {
	uses := []string{"development", "testing", "debugging", "support"}
	return Spec{
		Kind: records.Kind{
			Name: "cleansing-procedure", Title: "Cleansing of production data", About: records.Organisation, Life: Year,
			Purpose: "Says how data is cleansed before it leaves production.",
			Form: []records.Field{
				covering("uses", "Uses", "", choice("use", "Use", "", uses...), uses, prose("steps", "Steps", "What is removed, masked or made up, by what tool.")),
				covering("classes", "Classes", "", choice("class", "Class", "", dataClasses()...), dataClasses(), line("treatment", "Treatment", "")),
				prose("check", "Check", "Who looks for what slipped through, before the data is handed over."),
				person("responsible", "Who answers for it", ""),
			},
			Example: records.Body{
				"uses": filled(uses, "use steps", "Exported by the operator of the system, masked by class, and handed over on a sealed share."),
				"classes": table("class treatment", cells{"public", "kept"}, cells{"internal", "kept, names of sites replaced"},
					cells{"confidential", "values masked, identifiers replaced by random ones"}, cells{"restricted", "removed"}),
				"check":       "A second operator samples 100 rows and searches for serial numbers and names that exist.",
				"responsible": "mara",
			},
		},
		Serves: []Serves{
			{"GVN-05", "cleansing-procedure", "procedure-current", "The cleansing procedure is approved, covers debugging and has not expired", Current},
		},
	}
}
