// Package rmt holds what evaluates RMT, third parties.
package rmt
