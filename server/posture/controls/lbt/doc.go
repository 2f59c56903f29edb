// Package lbt holds what evaluates LBT, liability.
package lbt
