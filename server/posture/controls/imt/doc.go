// Package imt holds what evaluates IMT, audit and incidents.
package imt
