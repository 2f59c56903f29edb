package rules

import (
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// AdministratorMade is MSU-03: an account gained a role that can change who may do what, or sign certificates.
func AdministratorMade() detect.Rule {
	return detect.Rule{
		ID: "MSU-03/administrator-made", Control: "MSU-03", Severity: fleet.Medium,
		Title:     "An account became privileged",
		Text:      "An account gained the role of system administrator or key manager. Confirm with whoever gave it, by another way than this system, that it was meant; otherwise disable both accounts and look at what they did since.",
		Events:    []string{"account.roles-changed", "account.created"},
		Key:       madePrivileged,
		Threshold: 1, Window: time.Hour,
	}
}

// madePrivileged is the account that gained a privileged role. What the server itself makes (the first administrator, by
// setup on the machine) concerns nobody.
func madePrivileged(ev fleet.Event) (fleet.Party, bool) {
	after, before := texts(ev, "after"), texts(ev, "before")
	if ev.Type == "account.created" {
		after, before = texts(ev, "roles"), nil
	}
	gained := slices.ContainsFunc([]string{"system-administrator", "key-manager"}, func(role string) bool {
		return slices.Contains(after, role) && !slices.Contains(before, role)
	})
	return ev.Receiver, gained && ev.Initiator.Kind != "server"
}
