package cls

import (
	"github.com/thingward/thingward/server/posture"
)

// AdminActionsLogged is a gate of CLS-13: the probe api.audited reads the API's own description: every writing
// operation must name a state change of the event catalogue, without whose entry the store commits nothing.
func AdminActionsLogged() posture.Gate {
	return posture.Gate{
		ID: "CLS-13/admin-actions-logged", Control: "CLS-13", Obligation: "admin-action-logged",
		Title:  "Every operation that changes something names its audit entry",
		Probes: []string{"api.audited"},
	}
}
