package cls

import (
	"github.com/thingward/thingward/server/posture"
)

// NoAnonymousPage is a gate of CLS-09: the probe api.anonymous calls every operation that the API describes, except
// those that are open by declaration, without any credential; each must answer 401.
func NoAnonymousPage() posture.Gate {
	return posture.Gate{
		ID: "CLS-09/no-anonymous-page", Control: "CLS-09", Obligation: "no-anonymous-page",
		Title:  "No operation of the console or API works without signing in",
		Probes: []string{"api.anonymous"},
		Events: []string{"access.refused"},
	}
}
