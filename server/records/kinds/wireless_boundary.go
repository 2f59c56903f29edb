package kinds

import "github.com/thingward/thingward/server/records"

// WirelessBoundary serves SNT-11: how far a sensor network may reach, and with what power.
func WirelessBoundary() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "wireless-boundary", Title: "Boundary of a wireless segment", About: records.Segment, Life: Year,
			Purpose: "Sets the physical boundary of a wireless sensor network and its greatest transmit power, with a measurement at the boundary.",
			Form: []records.Field{
				prose("boundary", "Boundary", "Walls, fences or distances beyond which no signal should be usable."),
				number("powerLimit", "Greatest transmit power, dBm", "", -40, 36),
				number("atBoundary", "Strongest signal measured outside, dBm", "", -150, 20),
				line("measuredWith", "Measured with", "Instrument, and the points outside."),
				done("measured", "Measured on", ""),
			},
			Files: records.Files{Least: 1, What: "A plan with the boundary and the points of measurement."},
			Example: records.Body{
				"boundary": "Outer walls of building 2; the car park is outside.", "powerLimit": 10.0, "atBoundary": -92.0,
				"measuredWith": "Handheld analyser at six points of the car park", "measured": "-20d",
			},
		},
		Serves: []Serves{{"SNT-11", "radio-boundary", "boundary-current", "The boundary and power limit of the segment are on record", Current}},
	}
}
