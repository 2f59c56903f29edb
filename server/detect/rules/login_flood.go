package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// LoginFlood is MSU-04 for sheer number: an address that fails faster than its failures are reported one by one.
func LoginFlood() detect.Rule {
	return detect.Rule{
		ID: "MSU-04/login-flood", Control: "MSU-04", Severity: fleet.High,
		Title:     "A flood of failed log-ins from one address",
		Text:      "Fifty log-ins, tokens or links from one address were refused within 10 minutes: a program is guessing, or has an old credential and goes on trying. Find out whose address it is; mend the program or block it.",
		Events:    []string{"login.failed"},
		Key:       func(ev fleet.Event) (fleet.Party, bool) { return address(ev.Initiator.Address) },
		Threshold: 50, Window: 10 * time.Minute,
		Count: func(ev fleet.Event) int { return 1 + number(ev, "unreported") },
	}
}
