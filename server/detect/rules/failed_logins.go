package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// FailedLogins is MSU-04: five sequential failed log-ins of one account within 30 minutes. A success ends the sequence.
func FailedLogins() detect.Rule {
	return detect.Rule{
		ID: "MSU-04/failed-logins", Control: "MSU-04", Severity: fleet.High,
		Title:     "Repeated failed log-ins to an account",
		Text:      "Five log-ins to one account failed in a row within 30 minutes: somebody may be guessing its password. Ask its owner; look at where the attempts came from; if it was not the owner, block the source and change the password.",
		Events:    []string{"login.failed", "session.opened"},
		Key:       account,
		Threshold: 5, Window: 30 * time.Minute,
		Resets: func(ev fleet.Event) bool { return ev.Type == "session.opened" },
	}
}

// account is whose log-in it was. Names that no account has come as a digest, which tells them apart without telling them.
func account(ev fleet.Event) (fleet.Party, bool) {
	name, digest := text(ev, "account"), text(ev, "name")
	if name == "" && ev.Type == "session.opened" {
		name = ev.Initiator.Name
	}
	switch {
	case name == unknownAccount && digest != "":
		return fleet.Party{Kind: "account", ID: "unknown/" + digest, Name: "a name that no account has", Address: ev.Initiator.Address}, true
	case name == unknownAccount || name == "":
		return fleet.Party{}, false // a token or link names no account
	}
	return fleet.Party{Kind: "account", ID: name, Name: name, Address: ev.Initiator.Address}, true
}
