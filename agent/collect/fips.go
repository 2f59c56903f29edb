package collect

import (
	"crypto/fips140"

	"github.com/thingward/thingward/protocol"
)

// fips says whether the agent's own cryptography runs in FIPS 140-3 mode (SDV-07).
var fips = Collector{"fips", func(_ string, inv *protocol.Inventory) {
	on := fips140.Enabled()
	inv.FIPS = &on
}}
