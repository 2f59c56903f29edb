package kinds

import "github.com/thingward/thingward/server/records"

// UserCourse serves TRN-02: what all users are taught.
func UserCourse() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "user-course", Title: "Course for users", About: records.Organisation, Life: Year,
			Purpose: "Shows that the course for users covers every topic.",
			Form:    course(userTopics), Files: records.Files{Least: 1, What: "The course material."},
			Example: courseExample(userTopics, "Living with connected devices"),
		},
		Serves:  []Serves{{"TRN-02", "user-course", "course-current", "A course for users that covers every topic is in force", Current}},
		Refuses: []Refuses{{"TRN-02", "user-course", "incomplete-course", "A course for users that lacks a topic cannot be approved", Incomplete}},
	}
}
