// Package sdv holds what evaluates SDV, secure development of devices.
package sdv
