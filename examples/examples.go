// Package examples holds files to start from: device types that the demo uses and that a newcomer may copy.
package examples

import "embed"

// Types holds the device types, one manifest a file, under types/.
//
//go:embed types/*.yaml
var Types embed.FS
