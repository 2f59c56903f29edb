package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
)

// maxReported bounds a report, and what is kept of all of a device's reports together.
const maxReported = 256 << 10

// report is one device's news of one batch.
type report struct {
	device  fleet.Device
	twin    storedTwin
	fields  []string // of the inventory, that differ from before
	changed bool
}

// Handle takes what devices say of themselves (twin/reported). It may see a message again. What does not fit is dropped,
// counted and reported as message.invalid; an error means that nothing was kept and the batch must come again.
func (s *Service) Handle(ctx context.Context, msgs []fleet.Message) error {
	var reports map[string]*report
	err := s.DB.Keep(ctx, func(tx *store.Tx) error {
		reports = map[string]*report{}
		for _, m := range msgs {
			if t, ok := protocol.ParseTopic(m.Topic); !ok || t.Kind != protocol.KindReported || m.Device == "" || t.Device != m.Device {
				continue
			}
			if err := s.take(tx, reports, m); err != nil {
				return err
			}
		}
		for id, r := range reports {
			if err := writeReported(tx, id, r.twin); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(reports)) {
		s.tell(reports[id])
	}
	return nil
}

// take merges one message into its device's twin.
func (s *Service) take(tx *store.Tx, reports map[string]*report, m fleet.Message) error {
	r := reports[m.Device]
	if r == nil {
		d, err := findDevice(tx.QueryRow, m.Device)
		if fleet.CodeOf(err) == fleet.CodeNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		r = &report{device: d}
		if r.twin, err = readTwin(tx.QueryRow, d.ID); err != nil {
			return err
		}
	}
	if !r.device.State.MayConnect() || m.Time.Before(r.twin.reportedAt) {
		return nil // cut meanwhile, or older than what is known
	}
	said, reason := parseReported(m.Payload)
	if reason == "" {
		reason = s.merge(r, said)
	}
	if reason != "" {
		s.refuse(r.device, m, reason)
		return nil
	}
	r.twin.reportedAt = m.Time.UTC()
	if said.Inventory != nil {
		r.twin.inventoryAt = m.Time.UTC()
	}
	reports[m.Device] = r
	return nil
}

// parseReported reads a payload; reason says why it cannot be read.
func parseReported(payload []byte) (said protocol.Reported, reason string) {
	if len(payload) > maxReported {
		return said, fmt.Sprintf("has %d bytes, at most %d are read", len(payload), maxReported)
	}
	dec := json.NewDecoder(bytes.NewReader(payload))
	if err := dec.Decode(&said); err != nil {
		return said, "is no JSON of a report: " + clip(err.Error())
	}
	if dec.More() {
		return said, "holds more than one JSON value"
	}
	if said.Inventory == nil && said.Properties == nil {
		return said, "holds neither inventory nor properties"
	}
	return said, ""
}

// merge takes over what a report says, whole or not at all.
func (s *Service) merge(r *report, said protocol.Reported) (reason string) {
	properties := maps.Clone(r.twin.reported)
	if properties == nil {
		properties = map[string]any{}
	}
	for name, v := range said.Properties {
		p, ok := s.property(r.device.Type, name)
		switch {
		case !ok:
			return fmt.Sprintf("reports property %q, which its type does not declare", clip(name))
		case v == nil:
			delete(properties, name)
		case !fits(p.Type, v):
			return fmt.Sprintf("reports property %s as something other than %s", name, p.Type)
		default:
			properties[name] = v
		}
	}
	if b, err := json.Marshal(properties); err != nil || len(b) > maxReported {
		return fmt.Sprintf("would bring its reported properties above %d bytes", maxReported)
	}
	r.changed = r.changed || !reflect.DeepEqual(properties, r.twin.reported)
	r.twin.reported = properties
	if said.Inventory != nil {
		if r.twin.inventory != nil {
			r.fields = append(r.fields, inventoryDifferences(*r.twin.inventory, *said.Inventory)...)
		}
		r.twin.inventory = said.Inventory
	}
	return ""
}

func (s *Service) property(typ, name string) (fleet.Property, bool) {
	k := s.known(typ)
	if k == nil {
		return fleet.Property{}, false
	}
	p, ok := k.def.Properties[name]
	return p, ok
}

// fits reports whether a JSON value is of a WoT type. Bounds are not looked at: what a device reports may lie outside of
// what it may be told.
func fits(typ string, v any) bool {
	switch typ {
	case "number":
		_, ok := v.(float64)
		return ok
	case "integer":
		f, ok := v.(float64)
		return ok && f == math.Trunc(f)
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "string":
		_, ok := v.(string)
		return ok
	case "object":
		_, ok := v.(map[string]any)
		return ok
	case "array":
		_, ok := v.([]any)
		return ok
	default:
		return false
	}
}

// inventoryDifferences names the fields of an inventory that changed.
func inventoryDifferences(before, after protocol.Inventory) (fields []string) {
	a, b := reflect.ValueOf(canonical(before)), reflect.ValueOf(canonical(after))
	for i := range a.NumField() {
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			name, _, _ := bytes.Cut([]byte(a.Type().Field(i).Tag.Get("json")), []byte(","))
			fields = append(fields, string(name))
		}
	}
	return fields
}

// canonical puts lists whose order means nothing into one order.
func canonical(i protocol.Inventory) protocol.Inventory {
	i.Software = slices.SortedFunc(slices.Values(i.Software), func(a, b protocol.Software) int {
		if a.Name != b.Name {
			return compare(a.Name, b.Name)
		}
		return compare(a.Version, b.Version)
	})
	if i.RootServices != nil {
		i.RootServices = append([]string{}, i.RootServices...)
		slices.Sort(i.RootServices)
	}
	return i
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// tell announces a stored report.
func (s *Service) tell(r *report) {
	if len(r.fields) > 0 {
		slices.Sort(r.fields)
		s.publish(fleet.NewEvent("inventory.changed", r.twin.reportedAt, party(r.device), fleet.Server("registry"),
			map[string]any{"device": r.device.ID, "fields": slices.Compact(r.fields), "firmware": clip(r.twin.inventory.Firmware)}))
	}
	s.announce(r.device)
}

// refuse counts a message that was dropped and reports it, at most once a minute for each device.
func (s *Service) refuse(d fleet.Device, m fleet.Message, reason string) {
	s.dropped.Add(1)
	s.invalid.Inc()
	if held, ok := s.gate.Open(d.ID); ok {
		s.publish(fleet.NewEvent("message.invalid", m.Time, party(d), fleet.Server("registry"), map[string]any{"topic": m.Topic, "reason": reason, "count": held + 1}))
	}
}

// Dropped is how many reports were dropped since the start.
func (s *Service) Dropped() int64 { return s.dropped.Load() }
