// Package act holds what evaluates ACT, asset inventory.
package act
