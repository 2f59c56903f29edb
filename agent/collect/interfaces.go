package collect

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/thingward/thingward/protocol"
)

// interfaces lists the network interfaces by kind. Encryption of a wireless link is not visible here and stays unknown.
var interfaces = Collector{"interfaces", func(root string, inv *protocol.Inventory) {
	dir := filepath.Join(root, "sys/class/net")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		inv.Interfaces = append(inv.Interfaces, protocol.Interface{Name: e.Name(), Kind: interfaceKind(dir, e.Name())})
	}
}}

func interfaceKind(dir, name string) string {
	if _, err := os.Stat(filepath.Join(dir, name, "wireless")); err == nil {
		return "wifi"
	}
	switch {
	case read(dir, name, "type") == "772":
		return "loopback"
	case strings.HasPrefix(name, "wwan"), strings.HasPrefix(name, "ppp"):
		return "cellular"
	default:
		return "ethernet"
	}
}
