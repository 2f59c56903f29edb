package collect

import (
	"strings"

	"github.com/thingward/thingward/protocol"
)

// hardware reads the board's name from the device tree or from DMI.
var hardware = Collector{"hardware", func(root string, inv *protocol.Inventory) {
	inv.Hardware = read(root, "proc/device-tree/model")
	if inv.Hardware == "" {
		inv.Hardware = strings.TrimSpace(read(root, "sys/class/dmi/id/sys_vendor") + " " + read(root, "sys/class/dmi/id/product_name"))
	}
}}
