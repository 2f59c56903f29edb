// Package dat holds what evaluates DAT, data.
package dat
