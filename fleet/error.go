package fleet

import (
	"errors"
	"fmt"
	"time"
)

// Code is one of the six ways an operation fails on purpose. Anything without a Code is an internal fault.
type Code string

// The codes. Only package api turns them into HTTP statuses.
const (
	CodeInvalid         Code = "invalid"         // the input is wrong; nothing changed
	CodeUnauthenticated Code = "unauthenticated" // who is asking is not known
	CodeForbidden       Code = "forbidden"       // it is known, and not allowed
	CodeNotFound        Code = "not-found"
	CodeConflict        Code = "conflict"    // the state does not allow it, or changed meanwhile
	CodeUnavailable     Code = "unavailable" // not now: overload, limits, full disk
)

// Error is a failure that a person or program outside may read. Message says what happened and what to do next; it never
// holds a secret. Fields names the input's faulty parts.
type Error struct {
	Code       Code
	Message    string
	Fields     []FieldError
	RetryAfter time.Duration // with CodeUnavailable: when a new try makes sense
	Policies   []string      // with CodeForbidden: the policies that decided
	cause      error
}

// FieldError is one faulty part of an input; Path is dotted, or line and path for files.
type FieldError struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// Error is the message, followed by the faulty fields.
func (e *Error) Error() string {
	s := e.Message
	for _, f := range e.Fields {
		s += fmt.Sprintf("; %s: %s", f.Path, f.Message)
	}
	return s
}

// Unwrap gives the cause, which is for the log only.
func (e *Error) Unwrap() error { return e.cause }

// Because keeps the cause for the log.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

// Errorf makes an error of a code.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Invalid names one faulty field.
func Invalid(path, message string) *Error {
	return &Error{Code: CodeInvalid, Message: "the input is not valid", Fields: []FieldError{{path, message}}}
}

// CodeOf is the code of err, or "" for an internal fault (and for nil).
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
