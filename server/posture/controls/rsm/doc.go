// Package rsm holds what evaluates RSM, risk management.
package rsm
