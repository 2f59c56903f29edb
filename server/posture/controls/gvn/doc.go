// Package gvn holds what evaluates GVN, governance.
package gvn
