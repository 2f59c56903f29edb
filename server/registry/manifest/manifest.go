// Package manifest reads device type manifests: a W3C WoT Thing Model (TD 1.1, clause 9) in YAML or JSON with a tw:
// section. It is strict, because broker access, safety limits and posture are derived from what it returns: a word it does
// not know is refused with the word it resembles, and every fault is reported at once with line, column and path.
package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/thingward/thingward/fleet"
)

// Limits of a manifest. Values counts every mapping, list and scalar after aliases are followed, which is what bounds a
// file whose aliases multiply.
const (
	MaxBytes       = 1 << 20
	MaxAffordances = 500
	maxDepth       = 32
	maxValues      = 50_000
	maxFaults      = 50
)

// Context and Namespace must both stand in a manifest's @context.
const (
	Context   = "https://www.w3.org/2022/wot/td/v1.1"
	Namespace = "urn:thingward:ns#"
)

// Parse reads a manifest. Its error is a fleet.Error of CodeInvalid whose Fields hold up to 50 faults, each with a path
// such as "line 12:30 · properties.battery.maximum".
func Parse(raw []byte) (*fleet.DeviceType, error) {
	r := &reading{}
	root := r.load(raw)
	if root == nil {
		return nil, r.err()
	}
	typ := r.thing(at{r, "", root})
	if err := r.err(); err != nil {
		return nil, err
	}
	return &typ, nil
}

// Digest is a hash of what a manifest says, hex. Layout, comments, order of keys and the choice between YAML and JSON do
// not change it.
func Digest(raw []byte) (string, error) {
	r := &reading{}
	root := r.load(raw)
	if root == nil {
		return "", r.err()
	}
	body, err := json.Marshal(root.plain())
	if err != nil {
		return "", fmt.Errorf("digest of a manifest: %w", err)
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

// load turns the file into a tree, or notes why it cannot and returns nil.
func (r *reading) load(raw []byte) *node {
	if len(raw) > MaxBytes {
		r.note(1, 1, "", fmt.Sprintf("the file has %d bytes, at most %d are read: leave out what no device needs", len(raw), MaxBytes))
		return nil
	}
	var root *node
	if json.Valid(raw) {
		root = r.fromJSON(raw)
	} else {
		root = r.fromYAML(raw)
	}
	if len(r.faults) > 0 {
		return nil
	}
	return root
}
