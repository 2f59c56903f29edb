package collect

import (
	"os"
	"path/filepath"

	"github.com/thingward/thingward/protocol"
)

// secureBoot reads UEFI's own word on secure boot. A machine without UEFI variables stays unknown.
var secureBoot = Collector{"secure boot", func(root string, inv *protocol.Inventory) {
	b, err := os.ReadFile(filepath.Join(root, "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"))
	if err == nil && len(b) == 5 { // four bytes of attributes, one of value
		on := b[4] == 1
		inv.SecureBoot = &on
	}
}}
