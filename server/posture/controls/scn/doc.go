// Package scn holds what evaluates SCN, secure configuration and access.
package scn
