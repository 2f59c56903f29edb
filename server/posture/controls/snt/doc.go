// Package snt holds what evaluates SNT, secure networks.
package snt
