package collect

import (
	"strings"

	"github.com/thingward/thingward/protocol"
)

// mostPackages bounds what a report holds.
const mostPackages = 2000

// packages reads the installed packages of dpkg or opkg.
var packages = Collector{"packages", func(root string, inv *protocol.Inventory) {
	text := read(root, "var/lib/dpkg/status")
	if text == "" {
		text = read(root, "usr/lib/opkg/status")
	}
	for entry := range strings.SplitSeq(text, "\n\n") {
		var name, version string
		installed := false
		for line := range strings.Lines(entry) {
			k, v, _ := strings.Cut(strings.TrimRight(line, "\n"), ": ")
			switch k {
			case "Package":
				name = v
			case "Version":
				version = v
			case "Status":
				installed = strings.HasSuffix(v, " installed")
			}
		}
		switch {
		case !installed || name == "":
		case len(inv.Software) >= mostPackages:
			inv.SoftwareOmitted++
		default:
			inv.Software = append(inv.Software, protocol.Software{Name: name, Version: version})
		}
	}
}}
