package manifest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
)

var (
	classes  = []string{"public", "internal", "confidential", "restricted"} // mildest first
	traffics = []string{"telemetry", "alarm", "bulk"}
	scalars  = []string{"number", "integer", "boolean", "string"}
	types    = append(slices.Clone(scalars), "object", "array", "null")
)

// affordanceName is what a name may be: it becomes a level of MQTT topics.
var affordanceName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

var affordanceKeys = []string{"@type", "title", "titles", "description", "descriptions", "forms", "uriVariables"}

// affordances reads properties, actions and events.
func (a at) affordances(typ *fleet.DeviceType) {
	total := 0
	for _, part := range []struct {
		key  string
		read func(name string, v at)
	}{
		{"properties", func(name string, v at) { v.property(name, typ) }},
		{"actions", func(name string, v at) { v.action(name, typ) }},
		{"events", func(name string, v at) { v.event(name, typ) }},
	} {
		if v, ok := a.get(part.key); ok {
			v.each(func(name string, w at) {
				if total++; total == MaxAffordances+1 {
					w.fault("is one too many: a type has at most %d properties, actions and events", MaxAffordances)
				}
				if total <= MaxAffordances && w.nameable(name) && w.is(mapping) {
					part.read(name, w)
				}
			})
		}
	}
}

func (a at) nameable(name string) bool {
	if !affordanceName.MatchString(name) {
		a.fault("the name becomes part of a topic: want 1 to 64 letters, digits, - and _, beginning with a letter")
		return false
	}
	if v, ok := a.get("tm:ref"); ok {
		v.fault("is not followed: write the definition out")
		return false
	}
	return true
}

func (a at) property(name string, typ *fleet.DeviceType) {
	known := append(slices.Clone(affordanceKeys), "observable", "tw:class", "tw:traffic", "tw:stream")
	schema := a.schema(known...)
	p := fleet.Property{Schema: schema}
	p.Type = a.optional("type", types)
	if _, ok := a.need("type", "one of "+strings.Join(types, ", ")); !ok {
		return
	}
	p.Unit, p.Title = a.say("unit"), a.say("title")
	p.Minimum, p.Maximum = a.bound("minimum"), a.bound("maximum")
	if v, ok := a.get("readOnly"); ok {
		p.ReadOnly = v.flag()
	}
	p.Class, p.Traffic = a.optional("tw:class", classes), a.optional("tw:traffic", traffics)
	p.Stream = a.stream(name, p)
	typ.Properties[name] = p
	if p.Stream != "" {
		a.join(name, p, typ)
	}
}

// stream is the telemetry stream a property's readings travel on: tw:stream, or one of its own.
func (a at) stream(name string, p fleet.Property) string {
	v, ok := a.get("tw:stream")
	if !ok && p.Traffic == "" {
		return ""
	}
	if !ok {
		v, _ = a.get("tw:traffic")
		v.node = &node{kind: text, text: name, line: v.node.line, column: v.node.column}
	}
	s := v.text()
	switch {
	case p.Traffic == "":
		v.fault("names a stream, but without tw:traffic the property is not sent: add tw:traffic (telemetry, alarm or bulk)")
	case s == protocol.StreamHealth:
		v.fault("health is the heartbeat's own stream: set tw:stream to another name")
	case !affordanceName.MatchString(s):
		v.fault("becomes part of a topic: want 1 to 64 letters, digits, - and _, beginning with a letter")
	case p.Traffic != "bulk" && p.Type != "" && !slices.Contains(scalars, p.Type):
		v.fault("readings of type %s cannot be stored: send number, integer, boolean or string, or mark the traffic bulk", p.Type)
	default:
		return s
	}
	return ""
}

// join adds a property to its stream; one stream has one kind of traffic and the strictest class of its properties.
func (a at) join(name string, p fleet.Property, typ *fleet.DeviceType) {
	s, there := typ.Streams[p.Stream]
	if there && s.Traffic != p.Traffic {
		a.fault("sends %s on stream %s, which carries %s: one stream has one kind of traffic", p.Traffic, p.Stream, s.Traffic)
		return
	}
	s.Traffic = p.Traffic
	s.Properties = append(s.Properties, name)
	if slices.Index(classes, p.Class) > slices.Index(classes, s.Class) {
		s.Class = p.Class
	}
	typ.Streams[p.Stream] = s
}

func (a at) action(name string, typ *fleet.DeviceType) {
	a.only(append(slices.Clone(affordanceKeys), "input", "output", "safe", "idempotent", "synchronous", "tw:privileged")...)
	c := fleet.Command{}
	if v, ok := a.get("input"); ok && v.is(mapping) {
		c.Input = v.input()
	}
	if v, ok := a.get("output"); ok && v.is(mapping) {
		v.schema()
	}
	if v, ok := a.get("tw:privileged"); ok {
		c.Privileged = v.flag()
	}
	typ.Commands[name] = c
}

// input is a command's schema, closed: where a mapping names its properties and does not speak of others, others are
// refused, so that a misspelt parameter is not taken for a default.
func (a at) input() json.RawMessage {
	schema := a.schema()
	if _, spoken := a.get("additionalProperties"); spoken {
		return schema
	}
	if _, named := a.get("properties"); !named || schema == nil {
		return schema
	}
	var m map[string]any
	if json.Unmarshal(schema, &m) != nil {
		return schema
	}
	m["additionalProperties"] = false
	closed, _ := json.Marshal(m) // came from JSON
	return closed
}

func (a at) event(name string, typ *fleet.DeviceType) {
	a.only(append(slices.Clone(affordanceKeys), "subscription", "data", "dataResponse", "cancellation", "tw:severity", "tw:traffic")...)
	if v, ok := a.get("data"); ok && v.is(mapping) {
		v.schema()
	}
	e := fleet.Notice{Severity: fleet.Info, Traffic: "telemetry"}
	if s := a.optional("tw:severity", severities()); s != "" {
		e.Severity = fleet.Severity(s)
	}
	if s := a.optional("tw:traffic", traffics); s != "" {
		e.Traffic = s
	}
	typ.Events[name] = e
}

func severities() (out []string) {
	for _, s := range fleet.Severities {
		out = append(out, string(s))
	}
	return out
}

// optional reads one of a few words where the key is there.
func (a at) optional(key string, words []string) string {
	v, ok := a.get(key)
	if !ok {
		return ""
	}
	return v.word(words...)
}

// say reads text where the key is there.
func (a at) say(key string) string {
	v, ok := a.get(key)
	if !ok {
		return ""
	}
	return v.text()
}

func (a at) bound(key string) *float64 {
	v, ok := a.get(key)
	if !ok || v.node.kind != number {
		return nil // the schema has noted what is wrong
	}
	return &v.node.number
}
