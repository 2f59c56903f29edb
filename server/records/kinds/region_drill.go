package kinds

import (
	"fmt"

	"github.com/thingward/thingward/server/records"
)

// RegionDrill serves OPA-03: the yearly failure of a region, on purpose.
func RegionDrill() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "region-drill", Title: "Drill: regional failover", About: records.Organisation, Life: Year,
			Purpose: "Shows that the devices of each region were served from another without a manual step, and how long that took.",
			Form: []records.Field{
				done("drilled", "Drilled on", "The day of the earliest of the drills below."),
				person("lead", "Lead", ""),
				rows("regions", "Regions", "One row for each region that there is.",
					line("region", "Region", ""), line("takenOverBy", "Taken over by", ""), number("devices", "Devices", "", 0, 10000000), choice("outcome", "Outcome", "", succeeded, failed),
					choice("manual", "Manual steps", "", "none", "some"), number("minutes", "Minutes to recover", "", 0, 10000), number("target", "Target, minutes", "", 0, 10000)),
				tracked("lessons", "What must change", ""),
			},
			Files: records.Files{Least: 1, What: "The timeline, such as an export of connections by region."},
			Example: records.Body{
				"drilled": "-60d", "lead": "olga",
				"regions": table("region takenOverBy devices outcome manual minutes target", cells{"north", "south", 1400.0, succeeded, "none", 3.0, 5.0}, cells{"south", "north", 900.0, succeeded, "none", 2.0, 5.0}),
				"lessons": table("title owner due", cells{"Shorten the life of the DNS record", "olga", "+30d"}),
			},
		},
		Serves: []Serves{
			{"OPA-03", "failover-drill", "regions-drilled", "The last drill of each region succeeded in its target time", everyRow("regions", "region", "regions succeeded", func(row map[string]any) string {
				took, _ := figure(row, "minutes")
				target, _ := figure(row, "target")
				switch {
				case cell(row, "outcome") != succeeded:
					return "failed"
				case cell(row, "manual") != "none":
					return "needed manual steps"
				case took > target:
					return fmt.Sprintf("took %.0f minutes of %.0f", took, target)
				default:
					return ""
				}
			})},
			{"OPA-03", "failover-drill", "lessons-on-time", "Nothing that a regional drill showed is overdue", ItemsDone},
		},
	}
}
