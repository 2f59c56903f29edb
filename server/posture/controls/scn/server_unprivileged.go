package scn

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// ServerUnprivileged checks SCN-06: a fault in a server that runs as root gives the whole machine away. The server
// refuses to start so, unless it is told to.
func ServerUnprivileged() posture.Check {
	return posture.Check{
		ID: "SCN-06/server-unprivileged", Control: "SCN-06", Obligation: "server-unprivileged",
		Title: "The server does not run as root",
		Reads: "own process", Subject: posture.Server,
		Eval: posture.On(func(f *posture.ServerFacts, _ time.Time) posture.Verdict {
			if f.RunsAsRoot {
				v := posture.Fail("the server runs as root (--allow-root): run it under an account of its own")
				v.Settings = []string{"allow_root"}
				return v
			}
			return posture.Pass("the server runs under an unprivileged account")
		}),
	}
}
