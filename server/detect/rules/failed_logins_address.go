package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// FailedLoginsAddress is MSU-04 seen from the other side: one address trying account after account, few times each, so that none of them
// crosses its own threshold. A success does not end the sequence, for an attacker may own one account.
func FailedLoginsAddress() detect.Rule {
	return detect.Rule{
		ID: "MSU-04/failed-logins-address", Control: "MSU-04", Severity: fleet.High,
		Title:     "Failed log-ins to many accounts from one address",
		Text:      "Log-ins to five different accounts failed from one address within 30 minutes: somebody may be trying common passwords on many names. Find out whose address it is; block it; check whether any of its log-ins succeeded.",
		Events:    []string{"login.failed"},
		Key:       func(ev fleet.Event) (fleet.Party, bool) { return address(ev.Initiator.Address) },
		Threshold: 5, Window: 30 * time.Minute,
		Distinct: func(ev fleet.Event) string { return text(ev, "account") + "/" + text(ev, "name") },
	}
}
