package kinds

import (
	"testing"

	"github.com/thingward/thingward/server/posture"
)

func TestFollows(t *testing.T) {
	for _, tc := range []struct {
		kind    Spec
		changed posture.Kind
		want    posture.Reach
	}{
		{LegalObligations(), "record:type-baseline", posture.ReachAll},
		{LegalObligations(), "record:tracking-policy", posture.ReachNone},
		{SystemGovernance(), "record:link-responsibility", posture.ReachAll},
		{SystemGovernance(), "link", posture.ReachAll},
		{SystemGovernance(), "record:system-governance", posture.ReachNone},
		{TrackingPolicy(), "record:type-baseline", posture.ReachNone},
	} {
		if got := Follows(tc.kind.Kind)(tc.changed); got != tc.want {
			t.Errorf("%s and a change of %s: %v, want %v", tc.kind.Name, tc.changed, got, tc.want)
		}
	}
}
