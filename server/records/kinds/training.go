package kinds

import "github.com/thingward/thingward/server/records"

// AdministratorTraining serves TRN-01: that an administrator took the course within a year.
func AdministratorTraining() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "administrator-training", Title: "Training of an administrator", About: records.Account, Life: Year, Only: administrators,
			Purpose: "Shows that an administrator completed the course for administrators.",
			Form:    training(), Files: records.Files{Least: 1, What: "The certificate or the list of attendance with the mark."},
			Example: trainingExample("Running the fleet securely 2026.1"),
		},
		Serves: []Serves{{"TRN-01", "administrator-training", "administrator-trained", "The administrator was trained within 365 days", Current}},
	}
}

// UserTraining serves TRN-02: that a user took the course within a year.
func UserTraining() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "user-training", Title: "Training of a user", About: records.Account, Life: Year, Only: persons,
			Purpose: "Shows that a user completed the course for users.",
			Form:    training(), Files: records.Files{Least: 1, What: "The certificate or the list of attendance with the mark."},
			Example: trainingExample("Living with connected devices 2026.1"),
		},
		Serves: []Serves{
			{"TRN-02", "user-training", "user-trained", "The user was trained within 365 days", Current},
			{"TRN-02", "users-current", "user-reminded", "The user is reminded before the training ends, and listed after it", Current},
		},
	}
}

func training() []records.Field {
	return []records.Field{
		line("course", "Course and version", "An approved course."),
		done("completed", "Completed on", ""),
		line("trainer", "Trainer or platform", ""),
		number("mark", "Mark, percent", "", 0, 100),
		choice("result", "Result", "Only a course that was passed counts.", "passed"),
	}
}

func trainingExample(course string) records.Body {
	return records.Body{"course": course, "completed": "-20d", "trainer": "Learning platform", "mark": 92.0, "result": "passed"}
}
