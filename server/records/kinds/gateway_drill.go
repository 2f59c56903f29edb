package kinds

import "github.com/thingward/thingward/server/records"

// GatewayDrill serves OPA-07: the yearly failure and overload of a site's gateways, on purpose.
func GatewayDrill() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "gateway-drill", Title: "Drill: gateway failover and load", About: records.Site, Life: Year, Only: unless("gateways", "the site has no gateway"),
			Purpose: "Shows that nodes turned to another gateway when theirs failed, and that load moved away from a busy one.",
			Form: []records.Field{
				done("drilled", "Drilled on", "The day of the earliest of the drills below."),
				person("lead", "Lead", ""),
				rows("clusters", "Clusters", "One row for each cluster of gateways at the site.",
					line("cluster", "Cluster", ""), number("gateways", "Gateways", "", 1, 1000), number("nodes", "Nodes", "", 0, 1000000),
					choice("failover", "Failover", "", succeeded, failed), number("seconds", "Seconds until all were back", "", 0, 100000), choice("load", "Load sharing", "", succeeded, failed)),
				tracked("lessons", "What must change", ""),
			},
			Files: records.Files{Least: 1, What: "The connections over the drill."},
			Example: records.Body{
				"drilled": "-30d", "lead": "theo",
				"clusters": table("cluster gateways nodes failover seconds load", cells{"Building 2", 2.0, 48.0, succeeded, 20.0, succeeded}),
				"lessons":  table("title owner due", cells{"Move the second gateway to another fuse", "theo", "+30d"}),
			},
		},
		Serves: []Serves{
			{"OPA-07", "cluster-drill", "clusters-drilled", "The last drill of failover and load sharing in each cluster succeeded", everyRow("clusters", "cluster", "clusters succeeded", func(row map[string]any) string {
				nodes, _ := figure(row, "gateways")
				switch {
				case nodes < 2:
					return "has no second gateway"
				case cell(row, "failover") != succeeded:
					return "failover failed"
				case cell(row, "load") != succeeded:
					return "load sharing failed"
				default:
					return ""
				}
			})},
		},
	}
}
