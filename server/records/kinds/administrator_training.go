package kinds

import "github.com/thingward/thingward/server/records"

// AdministratorTraining serves TRN-01: that an administrator took the course within a year.
func AdministratorTraining() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "administrator-training", Title: "Training of an administrator", About: records.Account, Life: Year, Only: administrators, Needs: []string{"administrator-course"},
			Purpose: "Shows that an administrator completed the course for administrators.",
			Form:    training(), Files: records.Files{Least: 1, What: "The certificate or the list of attendance with the mark."},
			Example: trainingExample("Running the fleet securely 2026.1"),
		},
		Serves: []Serves{{"TRN-01", "administrator-training", "administrator-trained", "The administrator was trained within 365 days, in an approved course", trainedIn("administrator-course")}},
	}
}
