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

func logging() []records.Field {
	return []records.Field{
		prose("events", "What is logged", "Sign-ins, changes, faults, updates, tamper."),
		line("format", "Format and transport", "Such as agent events over MQTT with TLS."),
		choice("integrity", "Protection of entries", "", "signed at the source", "authenticated transport", "chained or sealed at the source", "none"),
		line("clock", "Source of time", ""),
		number("keptDays", "Days kept at the source", "", 0, 3660),
		prose("away", "What happens while it is offline", "Buffer, its size, and what is dropped first."),
		person("owner", "Answers for it", ""),
	}
}

func loggingExample() records.Body {
	return records.Body{
		"events": "Boot, update, configuration, tamper, refused commands and sign-ins at the service port.", "format": "Agent events over MQTT with TLS", "integrity": "authenticated transport", "clock": "NTS from two servers",
		"keptDays": 7.0, "away": "Ten thousand entries on flash; telemetry is dropped before events.", "owner": "olga",
	}
}
