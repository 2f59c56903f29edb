// Package opa holds what evaluates OPA, operational availability.
package opa
