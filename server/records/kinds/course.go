package kinds

import "github.com/thingward/thingward/server/records"

// administratorTopics are what administrators learn.
var administratorTopics = []string{"allowable use", "what the organisation owns", "bootstrapping trust", "monitoring posture", "secure administration", "incident response"}

// userTopics are what all users learn.
var userTopics = []string{"roles and responsibilities", "policies and legal duties", "a safe environment", "personal devices on the network", "risk and privacy", "handling the organisation's devices"}

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
