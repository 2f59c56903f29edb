// Package server puts the parts together in floor order: it opens the stores, makes each domain with the interfaces it
// reads, and runs the listeners. There is no logic of a domain here.
package server

// Version is the program's version; the build sets it.
var Version = "dev"
