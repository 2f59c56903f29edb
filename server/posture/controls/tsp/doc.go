// Package tsp holds what evaluates TSP, trust and security policy.
package tsp
