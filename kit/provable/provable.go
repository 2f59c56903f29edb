// Package provable holds what a log and those who check it must agree on: the growing Merkle tree (RFC 6962 hashing: leaf
// SHA-256(0x00 ‖ entry), node SHA-256(0x01 ‖ left ‖ right)), the signed checkpoint (C2SP signed note with a tlog
// checkpoint) and the export file, which anyone can verify with nothing but the log's public key.
package provable

import "fmt"

// Broken says where something that was signed is no longer what it was. Index is the first entry that is known to be
// affected; Line is the line of the export file, 0 where no file is involved.
type Broken struct {
	Index  int64  `json:"index"`
	Line   int    `json:"line,omitempty"`
	Reason string `json:"reason"`
}

// Error names the place and the reason.
func (b *Broken) Error() string {
	if b.Line > 0 {
		return fmt.Sprintf("line %d (entry %d): %s", b.Line, b.Index, b.Reason)
	}
	return fmt.Sprintf("entry %d: %s", b.Index, b.Reason)
}
