package kinds

import "github.com/thingward/thingward/server/records"

// UserTraining serves TRN-02: that a user took the course within a year.
func UserTraining() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "user-training", Title: "Training of a user", About: records.Account, Life: Year, Only: persons, Needs: []string{"user-course"},
			Purpose: "Shows that a user completed the course for users.",
			Form:    training(), Files: records.Files{Least: 1, What: "The certificate or the list of attendance with the mark."},
			Example: trainingExample("Living with connected devices 2026.1"),
		},
		Serves: []Serves{
			{"TRN-02", "user-training", "user-trained", "The user was trained within 365 days, in an approved course", trainedIn("user-course")},
			{"TRN-02", "users-current", "user-reminded", "The user is reminded before the training ends, and listed after it", Current},
		},
	}
}
