package kinds

import "github.com/thingward/thingward/server/records"

// administratorTopics are what administrators learn.
var administratorTopics = []string{"allowable use", "what the organisation owns", "bootstrapping trust", "monitoring posture", "secure administration", "incident response"}

// userTopics are what all users learn.
var userTopics = []string{"roles and responsibilities", "policies and legal duties", "a safe environment", "personal devices on the network", "risk and privacy", "handling the organisation's devices"}

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

func course(topics []string) []records.Field {
	return []records.Field{
		line("name", "Course", ""),
		line("version", "Version", ""),
		covering("topics", "Topics", "Where a topic does not apply here, say why.", choice("topic", "Topic", "", topics...), topics, line("content", "Content", ""), number("minutes", "Minutes", "", 0, 10000)),
		prose("test", "Test", "How it is shown that the content was understood, and the mark to pass."),
		done("revised", "Last revised on", ""),
		person("owner", "Owner", ""),
	}
}

func courseExample(topics []string, name string) records.Body {
	return records.Body{
		"name": name, "version": "2026.1", "topics": filled(topics, "topic content minutes", "Lesson with examples from our own fleet", 20.0), "test": "Twelve questions, ten right to pass, one repetition.", "revised": "-60d", "owner": "ines",
	}
}
