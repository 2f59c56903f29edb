package telemetry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
)

const (
	maxPayload = 64 << 10
	maxText    = 1024 // bytes of a text reading
)

// reading is one value of one property. Truth is stored as 0 or 1; text stands beside the number.
type reading struct {
	property string
	value    float64
	text     *string
}

// decoded is a payload, understood.
type decoded struct {
	readings []reading
	at       time.Time // as the device says; zero when it says nothing
	health   *protocol.Health
}

// decode reads a telemetry payload: a JSON object of property values with an optional "time", or the bare value where the
// stream carries one property. reason says why a payload is refused.
func decode(typ *fleet.DeviceType, stream string, payload []byte) (d decoded, reason string) {
	if len(payload) > maxPayload {
		return d, fmt.Sprintf("has %d bytes, at most %d are read", len(payload), maxPayload)
	}
	if stream == protocol.StreamHealth {
		return decodeHealth(payload)
	}
	var v any
	dec := json.NewDecoder(bytes.NewReader(payload))
	if err := dec.Decode(&v); err != nil {
		return d, "is no JSON: " + clip(err.Error())
	}
	if dec.More() {
		return d, "holds more than one JSON value"
	}
	properties := typ.Streams[stream].Properties
	values, isObject := v.(map[string]any)
	if !isObject {
		if len(properties) != 1 {
			return d, fmt.Sprintf("is a bare value, but stream %s carries %v: send an object", stream, properties)
		}
		values = map[string]any{properties[0]: v}
	}
	return decodeValues(typ, stream, properties, values)
}

func decodeValues(typ *fleet.DeviceType, stream string, properties []string, values map[string]any) (d decoded, reason string) {
	for name, v := range values {
		declared := slices.Contains(properties, name)
		if name == "time" && !declared {
			if d.at, reason = decodeTime(v); reason != "" {
				return d, reason
			}
			continue
		}
		if !declared {
			return d, fmt.Sprintf("holds %q, which stream %s does not carry", clip(name), stream)
		}
		r, ok := read(name, typ.Properties[name].Type, v)
		if !ok {
			return d, fmt.Sprintf("holds %s as something other than %s", name, typ.Properties[name].Type)
		}
		d.readings = append(d.readings, r)
	}
	if len(d.readings) == 0 {
		return d, "holds no reading"
	}
	return d, ""
}

func decodeTime(v any) (time.Time, string) {
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, "holds a time that is not RFC 3339"
	}
	return t.UTC(), ""
}

// read turns a JSON value of a property into a reading; ok is false when it is of another type.
func read(name, typ string, v any) (r reading, ok bool) {
	r.property = name
	switch v := v.(type) {
	case float64:
		r.value = v
		return r, typ == "number" || typ == "integer" && v == math.Trunc(v)
	case bool:
		if v {
			r.value = 1
		}
		return r, typ == "boolean"
	case string:
		r.text = &v
		return r, typ == "string" && len(v) <= maxText && !strings.ContainsRune(v, 0)
	default:
		return r, false
	}
}

// healthUnits gives the units of the health stream's readings.
var healthUnits = map[string]string{
	"uptimeSeconds": "second", "cpuPercent": "percent", "memoryPercent": "percent", "diskPercent": "percent", "batteryPercent": "percent", "signalDBm": "dBm", "queued": "messages",
}

func decodeHealth(payload []byte) (d decoded, reason string) {
	var h protocol.Health
	dec := json.NewDecoder(bytes.NewReader(payload))
	if err := dec.Decode(&h); err != nil {
		return d, "is no JSON of a heartbeat: " + clip(err.Error())
	}
	if dec.More() {
		return d, "holds more than one JSON value"
	}
	d.health, d.at = &h, h.Time.UTC()
	for _, percent := range []*float64{h.CPU, h.Memory, h.Disk, h.Battery} {
		if percent != nil && (*percent < 0 || *percent > 100) {
			return d, "holds a share outside of 0 to 100 percent"
		}
	}
	d.readings = []reading{{property: "uptimeSeconds", value: h.Uptime}, {property: "queued", value: float64(h.Queued)}}
	for _, f := range []struct {
		name  string
		value *float64
	}{{"cpuPercent", h.CPU}, {"memoryPercent", h.Memory}, {"diskPercent", h.Disk}, {"batteryPercent", h.Battery}, {"signalDBm", h.Signal}} {
		if f.value != nil {
			d.readings = append(d.readings, reading{property: f.name, value: *f.value})
		}
	}
	return d, ""
}

func clip(s string) string {
	if len(s) > 120 {
		return s[:120] + "…"
	}
	return s
}
