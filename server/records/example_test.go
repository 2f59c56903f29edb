package records

import (
	"testing"
	"time"
)

func TestExampleOnMakesOutDates(t *testing.T) {
	k := Kind{Example: Body{"done": "-14d", "text": "-14 days", "rows": []any{map[string]any{"due": "+31d", "n": 2.0}}}}
	b := k.ExampleOn(time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC))
	row, _ := b["rows"].([]any)[0].(map[string]any)
	if b["done"] != "2026-11-08" || b["text"] != "-14 days" || row["due"] != "2026-12-23" || row["n"] != 2.0 || k.Example["done"] != "-14d" {
		t.Errorf("%v, and the example itself is now %v", b, k.Example)
	}
}
