// Package cmp holds what evaluates CMP, component procurement.
package cmp
