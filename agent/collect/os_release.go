package collect

import (
	"strings"

	"github.com/thingward/thingward/protocol"
)

// osRelease names the operating system and, where the image carries one and no firmware version was given, its version.
var osRelease = Collector{"os", func(root string, inv *protocol.Inventory) {
	values := map[string]string{}
	for line := range strings.Lines(read(root, "etc/os-release")) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			values[k] = strings.Trim(v, `"'`)
		}
	}
	inv.OS = values["PRETTY_NAME"]
	if inv.Firmware == "" {
		inv.Firmware = values["IMAGE_VERSION"]
	}
}}
