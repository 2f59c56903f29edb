// Package phy holds what evaluates PHY, physical access.
package phy
