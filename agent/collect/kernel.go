package collect

import "github.com/thingward/thingward/protocol"

// kernel reads the running kernel's release.
var kernel = Collector{"kernel", func(root string, inv *protocol.Inventory) { inv.Kernel = read(root, "proc/sys/kernel/osrelease") }}
