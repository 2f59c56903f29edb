// Package collect finds out what a Linux device is and how it is doing, one collector a file. A collector that cannot
// measure leaves its field empty: unknown is reported as unknown.
package collect

import (
	"os"
	"path/filepath"

	"github.com/thingward/thingward/protocol"
)

// Collector fills its part of the inventory from the file system under root ("/" on a device).
type Collector struct {
	Name    string
	Collect func(root string, inv *protocol.Inventory)
}

// All lists the collectors that are built in.
var All = []Collector{osRelease, kernel, hardware, rootServices, openPorts, interfaces, packages, secureBoot, fips}

// Inventory runs all collectors.
func Inventory(root, firmware, agent string) protocol.Inventory {
	inv := protocol.Inventory{Firmware: firmware, Agent: agent}
	for _, c := range All {
		c.Collect(root, &inv)
	}
	return inv
}

// read gives a file's content without surrounding space, "" when it cannot be read; 1 MiB at most.
func read(root string, path ...string) string {
	f, err := os.Open(filepath.Join(append([]string{root}, path...)...))
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	return readAll(f)
}
