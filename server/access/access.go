// Package access knows who may do what: people and service accounts, their credentials and sessions, and the Cedar
// policies that decide. It serves no HTTP; package people does.
package access
