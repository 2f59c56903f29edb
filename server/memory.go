package server

import (
	"os"
	"runtime/debug"
)

// gcPercent keeps the first evaluation of a large fleet under a gigabyte (docs/performance.md); the broker's throughput does not
// show it.
const gcPercent = 70

// collectEarlier has garbage collected a little earlier than Go does by itself, unless the operator says otherwise with GOGC.
func collectEarlier() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
