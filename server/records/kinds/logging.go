package kinds

import "github.com/thingward/thingward/server/records"

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
