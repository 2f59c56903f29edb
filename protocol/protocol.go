// Package protocol is what device and server say to each other: topic names, identity URIs and payload schemas.
// It imports nothing of ours, so that the agent stays small.
package protocol

import (
	"fmt"
	"strings"
)

// Streams with a meaning to the server. Every other stream name comes from the device type.
const (
	// StreamHealth carries Health, published at the heartbeat interval of the type.
	StreamHealth = "health"
)

// Topic prefixes; every topic of a device begins with Root and its id.
const (
	Root            = "things/"
	telemetryPart   = "/telemetry/"
	commandPart     = "/command/"
	eventPart       = "/event"
	twinReportPart  = "/twin/reported"
	twinDesiredPart = "/twin/desired"
)

// TelemetryTopic is where a device publishes one stream of readings.
func TelemetryTopic(device, stream string) string { return Root + device + telemetryPart + stream }

// EventTopic is where a device publishes what happened to it (tamper, refused update …).
func EventTopic(device string) string { return Root + device + eventPart }

// ReportedTopic is where a device publishes its twin's reported state, inventory included.
func ReportedTopic(device string) string { return Root + device + twinReportPart }

// DesiredTopic is where the server publishes (retained) the state a device should take on.
func DesiredTopic(device string) string { return Root + device + twinDesiredPart }

// CommandTopic is where a device receives one command; "+" as the name subscribes to all.
func CommandTopic(device, name string) string { return Root + device + commandPart + name }

// Kind says what a device topic is for.
type Kind string

// The kinds of device topic.
const (
	KindTelemetry Kind = "telemetry"
	KindEvent     Kind = "event"
	KindReported  Kind = "twin/reported"
	KindDesired   Kind = "twin/desired"
	KindCommand   Kind = "command"
)

// Topic is a device topic taken apart. Name is the stream or command, empty for the other kinds.
type Topic struct {
	Device string
	Kind   Kind
	Name   string
}

// ParseTopic takes a device topic apart; ok is false for any other topic.
func ParseTopic(topic string) (t Topic, ok bool) {
	rest, found := strings.CutPrefix(topic, Root)
	if !found {
		return t, false
	}
	device, rest, found := strings.Cut(rest, "/")
	if !found || device == "" {
		return t, false
	}
	switch rest {
	case "event":
		return Topic{device, KindEvent, ""}, true
	case "twin/reported":
		return Topic{device, KindReported, ""}, true
	case "twin/desired":
		return Topic{device, KindDesired, ""}, true
	}
	kind, name, found := strings.Cut(rest, "/")
	if !found || name == "" || strings.Contains(name, "/") || (kind != "telemetry" && kind != "command") {
		return t, false
	}
	return Topic{device, Kind(kind), name}, true
}

// SubjectKind is what an identity URI names.
type SubjectKind string

// The kinds of certificate subject.
const (
	SubjectDevice  SubjectKind = "device"
	SubjectAccount SubjectKind = "account"
	SubjectServer  SubjectKind = "server"
)

const urnPrefix = "urn:thingward:"

// IdentityURI is the URI that a certificate's subjectAltName carries (RFC 5280, 4.2.1.6): urn:thingward:device:<id>.
// The same identifier runs through the whole life of its subject (ACT-05).
func IdentityURI(kind SubjectKind, id string) string { return urnPrefix + string(kind) + ":" + id }

// ParseIdentityURI takes an identity URI apart.
func ParseIdentityURI(uri string) (SubjectKind, string, error) {
	rest, ok := strings.CutPrefix(uri, urnPrefix)
	if !ok {
		return "", "", fmt.Errorf("%q is no identity URI: want %sdevice:<id>", uri, urnPrefix)
	}
	kind, id, ok := strings.Cut(rest, ":")
	if !ok || id == "" {
		return "", "", fmt.Errorf("%q names no id: want %sdevice:<id>", uri, urnPrefix)
	}
	switch k := SubjectKind(kind); k {
	case SubjectDevice, SubjectAccount, SubjectServer:
		return k, id, nil
	default:
		return "", "", fmt.Errorf("%q names an unknown kind of subject %q", uri, kind)
	}
}
