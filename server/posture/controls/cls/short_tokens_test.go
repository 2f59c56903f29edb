package cls

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestShortTokens(t *testing.T) {
	posturetest.Check(t, ShortTokens(),
		posturetest.Case{Name: "short", Facts: posturetest.Service(), Want: fleet.Pass},
		posturetest.Case{Name: "none", Facts: posturetest.Account(), Want: fleet.Pass},
		posturetest.Case{Name: "endless", Facts: posturetest.Service(func(f *posture.AccountFacts) { f.Tokens[0].Expires = time.Time{} }), Want: fleet.Fail, Reason: "never ends"},
		posturetest.Case{Name: "long", Facts: posturetest.Service(func(f *posture.AccountFacts) { f.Tokens[0].Expires = posturetest.Now.Add(91 * 24 * time.Hour) }), Want: fleet.Fail, Reason: "2027-02-16"},
		posturetest.Case{Name: "disabled", Facts: posturetest.Service(func(f *posture.AccountFacts) { f.Tokens[0].Expires, f.State = time.Time{}, "disabled" }), Want: fleet.NotApplicable},
	)
}
