package collect

import (
	"slices"

	"github.com/thingward/thingward/protocol"
)

// rootServices lists processes that serve the network as root (SCN-06, SDV-03). It stays nil when owners of sockets
// cannot be seen, for then nothing was measured.
var rootServices = Collector{"root services", func(root string, inv *protocol.Inventory) {
	found, ok := listening(root)
	owners := socketOwners(root)
	if !ok || (len(found) > 0 && len(owners) == 0) {
		return
	}
	inv.RootServices = []string{}
	for _, s := range found {
		if o := owners[s.inode]; o.root && !slices.Contains(inv.RootServices, o.name) {
			inv.RootServices = append(inv.RootServices, o.name)
		}
	}
	slices.Sort(inv.RootServices)
}}
