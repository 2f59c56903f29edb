package kinds

import (
	"fmt"

	"github.com/thingward/thingward/server/records"
)

// SpareStock serves OPA-01: what of a type's spare parts is in stock, against the least that must be.
func SpareStock() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "spare-stock", Title: "Stock of spare parts", About: records.Type, Life: Quarter,
			Purpose: "Shows by count that the spare parts for a type are at hand.",
			Form: []records.Field{
				done("counted", "Counted on", ""),
				person("counter", "Counted by", ""),
				rows("parts", "Parts", "", line("part", "Part", ""), number("stock", "In stock", "", 0, 1000000), number("minimum", "Least stock", "As the maintenance plan says.", 0, 1000000), line("place", "Place", "")),
			},
			Example: records.Body{
				"counted": "-6d", "counter": "theo",
				"parts": table("part stock minimum place", cells{"Lock body complete", 8.0, 5.0, "Depot north"}, cells{"Battery pack", 64.0, 40.0, "Depot north"}),
			},
		},
		Serves: []Serves{{"OPA-01", "spares-in-stock", "stock-sufficient", "Each spare part of the type is at or above its least stock", everyRow("parts", "part", "at or above the least stock", func(row map[string]any) string {
			stock, ok1 := figure(row, "stock")
			least, ok2 := figure(row, "minimum")
			if !ok1 || !ok2 || stock < least {
				return fmt.Sprintf("%.0f of at least %.0f", stock, least)
			}
			return ""
		})}},
	}
}
