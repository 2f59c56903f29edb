package kinds

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/records"
)

// What the audit log knows and the database has no more fails every check of its kind, with the reason, but only where it is
// owed.
func TestRemovedFailsEveryCheck(t *testing.T) {
	for _, c := range Checks() {
		f := &Facts{Duty: &records.Duty{Owes: true, Removed: "version 2 was removed from the database"}}
		if v := c.Eval(f, testNow); v.Status != fleet.Fail || v.Reason != f.Duty.Removed {
			t.Errorf("%s: %+v", c.ID, v)
		}
		f.Duty.Owes = false
		if v := c.Eval(f, testNow); v.Status != fleet.NotApplicable {
			t.Errorf("%s, not owed: %+v", c.ID, v)
		}
	}
}
