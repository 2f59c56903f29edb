// Package msu holds what evaluates MSU, misuse.
package msu
