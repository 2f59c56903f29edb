package kinds

import "github.com/thingward/thingward/server/records"

// LogSource serves IMT-01 for sources of logs beside devices.
func LogSource() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "log-source", Title: "Documentation of a log source", About: records.LogSource, Life: 2 * Year,
			Purpose: "Documents what a source logs, how the entries are protected, and where they go.",
			Form:    logging(), Example: loggingExample(),
		},
		Serves: []Serves{{"IMT-01", "sources-documented", "source-documented", "What the source logs is documented", Current}},
	}
}
