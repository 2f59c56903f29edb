// Package crd holds what evaluates CRD, credentials.
package crd
