package kinds

import "github.com/thingward/thingward/server/records"

// TypeLogging serves IMT-01 for device types, each of which is a source of logs.
func TypeLogging() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "type-logging", Title: "Logging of a device type", About: records.Type, Life: 2 * Year,
			Purpose: "Documents what devices of a type log, how the entries are protected, and how they reach the platform.",
			Form:    logging(), Example: loggingExample(),
		},
		Serves: []Serves{{"IMT-01", "sources-documented", "type-documented", "What devices of the type log is documented", Current}},
	}
}
