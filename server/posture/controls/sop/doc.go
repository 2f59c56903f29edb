// Package sop holds what evaluates SOP, safety.
package sop
