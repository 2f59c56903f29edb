package fleet

import (
	"encoding/json"
	"time"
)

// DeviceType is what a device type's manifest (a W3C WoT Thing Model with a tw: section) says, checked and made ready for
// use. Broker access, data catalogue, safety limits and posture checks are derived from it, never typed twice.
type DeviceType struct {
	Name       string              `json:"name"`  // door-lock: the title as a name, or tw:name
	Title      string              `json:"title"` // Door lock
	Version    string              `json:"version"`
	Text       string              `json:"description,omitempty"`
	Gateway    bool                `json:"gateway"`
	Properties map[string]Property `json:"properties"`
	Streams    map[string]Stream   `json:"streams"` // telemetry streams by name; "health" is always there
	Commands   map[string]Command  `json:"commands"`
	Events     map[string]Notice   `json:"events"`
	Baseline   Baseline            `json:"baseline"`
	Traits     Traits              `json:"traits"`
	Devices    int                 `json:"devices"` // how many devices have this type; filled by the registry's lists
	Changed    time.Time           `json:"changed"`
}

// Property is a WoT property. Minimum and Maximum bound what a desired value may be.
type Property struct {
	Type     string          `json:"type"`
	Unit     string          `json:"unit,omitempty"`
	Title    string          `json:"title,omitempty"`
	Minimum  *float64        `json:"minimum,omitempty"`
	Maximum  *float64        `json:"maximum,omitempty"`
	ReadOnly bool            `json:"readOnly"`
	Class    string          `json:"class"`   // data class: public, internal, confidential, restricted
	Traffic  string          `json:"traffic"` // telemetry, alarm, bulk; empty when the property is twin only
	Stream   string          `json:"stream,omitempty"`
	Schema   json.RawMessage `json:"schema,omitempty"`
}

// Stream is a telemetry stream: the properties whose readings it carries. Its payload is a JSON object of property values,
// or the bare value where it carries one property.
type Stream struct {
	Properties []string `json:"properties"`
	Class      string   `json:"class"` // the strictest of its properties
	Traffic    string   `json:"traffic"`
}

// Command is a WoT action. Input is a JSON Schema, empty when it takes none.
type Command struct {
	Input      json.RawMessage `json:"input,omitempty"`
	Privileged bool            `json:"privileged"`
}

// Notice is a WoT event.
type Notice struct {
	Severity Severity `json:"severity"`
	Traffic  string   `json:"traffic"`
}

// Baseline is what a device of this type must be like. A zero field means that the manifest does not say.
type Baseline struct {
	Firmware     string            `json:"firmware,omitempty"` // a version constraint, such as >=2.4.1
	Heartbeat    time.Duration     `json:"heartbeat"`          // nanoseconds in JSON; a device silent for three of these is silent
	UpdateMaxAge time.Duration     `json:"updateMaxAge"`
	Key          KeyBaseline       `json:"key"`
	Network      []NetworkRule     `json:"network,omitempty"`
	Radio        map[string]string `json:"radio,omitempty"`        // ble.pairing → numeric-comparison
	Capabilities map[string]string `json:"capabilities,omitempty"` // secureBoot → evidence
	MaxMessage   int               `json:"maxMessage"`             // bytes; 0 means the broker's default
	MessageRate  float64           `json:"messageRate"`            // messages a second; 0 means the broker's default
}

// Traits is what decides which records and assessments a type owes. A field that is nil or empty is not said, and then the type
// owes whatever might apply: unknown is never pass.
type Traits struct {
	Origin       string   `json:"origin,omitempty"`       // developed or acquired
	PersonalData *bool    `json:"personalData,omitempty"` // it handles data about people
	Industries   []string `json:"industries"`             // where it is used, of those that want certified systems; null: not said; empty: none of them
	Assurance    string   `json:"assurance,omitempty"`    // standard or high
	Legacy       *bool    `json:"legacy,omitempty"`       // no longer made or maintained
}

// KeyBaseline is what a device's key must be like.
type KeyBaseline struct {
	Algorithms []string      `json:"algorithms,omitempty"` // P-256, P-384, Ed25519 …
	Storage    string        `json:"storage,omitempty"`    // secure-element, tpm, sealed-file
	Lifetime   time.Duration `json:"lifetime"`
}

// NetworkRule allows one kind of traffic (MUD, RFC 8520, in short).
type NetworkRule struct {
	To    string `json:"to"`
	Port  int    `json:"port,omitempty"`
	Proto string `json:"proto,omitempty"`
}

// Message is a message that a device published and the broker took.
type Message struct {
	Device  string // id of the publisher when it is a device, else ""
	Account string // id of the publisher when it is a service account, else ""
	Topic   string
	Payload []byte
	QoS     byte
	Retain  bool
	Time    time.Time
}
