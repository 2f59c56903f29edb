package kinds

import "github.com/thingward/thingward/server/records"

// InspectionRound serves OPA-01: the last inspection of a type's devices, and when the next is due.
func InspectionRound() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "inspection-round", Title: "Inspection round", About: records.Type, Life: Year,
			Purpose: "Shows that devices of a type were inspected as planned, what was found, and when the next round is due.",
			Form: []records.Field{
				done("inspected", "Finished on", ""),
				person("inspector", "Inspector", ""),
				number("devices", "Devices of the type", "", 0, 10000000),
				number("looked", "Devices inspected", "", 0, 10000000),
				line("selection", "Which ones", "All, or how the sample was drawn."),
				tracked("faults", "Faults and their work orders", "", line("part", "Spare part", "Or \"none\".")),
				ends("next", "Next round due by", "The record ends on this day."),
			},
			Check: func(b records.Body, _ records.Object) []records.Fault {
				all, _ := figure(b, "devices")
				if looked, ok := figure(b, "looked"); ok && looked > all {
					return []records.Fault{{Path: "looked", Message: "more were inspected than there are: correct one of the two numbers"}}
				}
				return nil
			},
			Example: records.Body{
				"inspected": "-15d", "inspector": "theo", "devices": 120.0, "looked": 120.0, "selection": "All", "next": "+165d",
				"faults": table("title owner due part", cells{"Replace the worn seal of lock-17", "theo", "+14d", "Seal kit"}),
			},
		},
		Serves: []Serves{
			{"OPA-01", "inspection-on-time", "inspected", "Devices of the type were inspected, and the next round is not due", Current},
			{"OPA-01", "inspection-on-time", "faults-on-time", "No fault found by an inspection is overdue", ItemsDone},
		},
	}
}
