package cls

import (
	"github.com/thingward/thingward/server/posture"
)

// OwnIdentity is a gate of CLS-10: the probe api.anonymous calls every operation without a credential, and api.false-
// token calls one with a token that was never issued; each must answer 401.
func OwnIdentity() posture.Gate {
	return posture.Gate{
		ID: "CLS-10/own-identity", Control: "CLS-10", Obligation: "own-identity",
		Title:  "A call without an identity of its own is refused",
		Probes: []string{"api.anonymous", "api.false-token"},
		Events: []string{"login.failed"},
	}
}
