package cls

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDocumentedListeners(t *testing.T) { posturetest.Gate(t, DocumentedListeners()) }
