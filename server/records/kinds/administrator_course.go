package kinds

import "github.com/thingward/thingward/server/records"

// AdministratorCourse serves TRN-01: what administrators are taught.
func AdministratorCourse() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "administrator-course", Title: "Course for administrators", About: records.Organisation, Life: Year,
			Purpose: "Shows that the course for administrators covers every topic.",
			Form:    course(administratorTopics), Files: records.Files{Least: 1, What: "The course material."},
			Example: courseExample(administratorTopics, "Running the fleet securely"),
		},
		Serves:  []Serves{{"TRN-01", "administrator-course", "course-current", "A course for administrators that covers every topic is in force", Current}},
		Refuses: []Refuses{{"TRN-01", "administrator-course", "incomplete-course", "A course for administrators that lacks a topic cannot be approved", Incomplete}},
	}
}
