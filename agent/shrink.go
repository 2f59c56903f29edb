package agent

import (
	"encoding/json"
	"sort"

	"github.com/thingward/thingward/protocol"
)

// report is protocol.Reported with its settings left as they were written.
type report struct {
	Inventory  *protocol.Inventory `json:"inventory,omitempty"`
	Properties json.RawMessage     `json:"properties,omitempty"`
}

// shrinkReport makes a report fit into most bytes by leaving out software from the end of its list and saying how much:
// a shortened inventory is worth more than none. ok is false where that does not help.
func shrinkReport(payload []byte, most int) (short []byte, ok bool) {
	var r report
	if err := json.Unmarshal(payload, &r); err != nil || r.Inventory == nil {
		return nil, false
	}
	all, before := r.Inventory.Software, r.Inventory.SoftwareOmitted
	first := func(n int) []byte {
		r.Inventory.Software, r.Inventory.SoftwareOmitted = all[:n], before+len(all)-n
		b, err := json.Marshal(r)
		if err != nil || len(b) > most {
			return nil
		}
		return b
	}
	tooMany := sort.Search(len(all)+1, func(n int) bool { return first(n) == nil })
	if tooMany == 0 {
		return nil, false
	}
	return first(tooMany - 1), true
}
