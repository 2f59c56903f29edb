package cls

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAdminActionsLogged(t *testing.T) { posturetest.Gate(t, AdminActionsLogged()) }
