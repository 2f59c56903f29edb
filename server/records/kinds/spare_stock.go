package kinds

import (
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// SpareStock serves OPA-01: what of a type's spare parts is in stock, against the least that must be.
func SpareStock() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "spare-stock", Title: "Stock of spare parts", About: records.Type, Life: Quarter, Needs: []string{"maintenance-plan"},
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
		Serves: []Serves{{"OPA-01", "spares-in-stock", "stock-sufficient", "Each spare part of the type is at or above its least stock", stocked}},
	}
}

// stocked passes when every part that was counted is at or above its least stock, and every part that the maintenance plan in
// force keeps was counted and is at or above what the plan says.
func stocked(d *records.Duty, now time.Time) posture.Verdict {
	least := map[string]float64{}
	counted := map[string]bool{}
	plan := other(d, "maintenance-plan", now)
	if plan != nil {
		for _, row := range rowsOf(plan.Body, "parts") {
			least[partName(row)], _ = figure(row, "minimum")
		}
	}
	v := everyRow("parts", "part", "at or above the least stock", func(row map[string]any) string {
		counted[partName(row)] = true
		stock, ok1 := figure(row, "stock")
		own, ok2 := figure(row, "minimum")
		if must := max(own, least[partName(row)]); !ok1 || !ok2 || stock < must {
			return fmt.Sprintf("%.0f of at least %.0f", stock, must)
		}
		return ""
	})(d, now)
	if v.Status != fleet.Pass || plan == nil {
		return v
	}
	var missing []string
	for _, row := range rowsOf(plan.Body, "parts") {
		if !counted[partName(row)] {
			missing = append(missing, cell(row, "part"))
		}
	}
	if len(missing) > 0 {
		return posture.Fail("the maintenance plan keeps parts that were not counted: %s", some(missing)).At(v.Until)
	}
	return v.At(plan.Expires)
}

// partName is what two records must call a part alike, however it is spelt.
func partName(row map[string]any) string {
	return strings.ToLower(strings.Join(strings.Fields(cell(row, "part")), " "))
}
