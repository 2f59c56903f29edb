package telemetry

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
)

// missedBeats is after how many heartbeats without a word a device is silent.
const missedBeats = 3

// watch is what is known of one device's life. Guarded by Service.mu.
type watch struct {
	watchView
	since       time.Time // in its state
	seen        time.Time
	silentSince time.Time // zero: not silent
	health      *protocol.Health
	healthAt    time.Time // arrival of health
	dirty       bool      // to be stored
}

// watchView is the part of a watch that others may keep a copy of.
type watchView struct {
	id, name, typ, site string
	state               fleet.State
}

func (w watchView) party() fleet.Party { return fleet.Party{Kind: "device", ID: w.id, Name: w.name} }

// heard notes a sign of life and returns whose it is.
func (s *Service) heard(ctx context.Context, device string, at time.Time) (watchView, error) {
	w, err := s.watchOf(ctx, device)
	if w == nil || err != nil {
		return watchView{id: device}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if at = at.UTC(); at.After(w.seen) {
		w.seen, w.dirty = at, true
	}
	if !w.silentSince.IsZero() && at.After(w.silentSince) {
		s.back(w, at)
	}
	return w.watchView, nil
}

// watchOf finds or makes the watch of a device; nil when there is no such device.
func (s *Service) watchOf(ctx context.Context, device string) (*watch, error) {
	s.mu.Lock()
	w := s.watched[device]
	s.mu.Unlock()
	if w != nil && w.state != "" {
		return w, nil
	}
	d, _, err := s.Fleet.Find(ctx, device)
	if fleet.CodeOf(err) == fleet.CodeNotFound {
		return nil, nil //nolint:nilnil // nil is no device
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watchLocked(d, d.Changed), nil
}

// watchLocked brings a device's watch up to date with the registry.
func (s *Service) watchLocked(d fleet.Device, since time.Time) *watch {
	w := s.watched[d.ID]
	if w == nil {
		w = &watch{}
		s.watched[d.ID] = w
	}
	if w.state != d.State {
		w.since = since
	}
	w.watchView = watchView{d.ID, d.Name, d.Type, d.Site, d.State}
	return w
}

// back ends a silence.
func (s *Service) back(w *watch, at time.Time) {
	silent := at.Sub(w.silentSince)
	w.silentSince, w.dirty = time.Time{}, true
	s.publish(fleet.NewEvent("device.heard", at, w.party(), fleet.Server("telemetry"), map[string]any{"device": w.id, "silentFor": silent.Round(time.Second).Seconds()}))
	s.tell(w.watchView)
}

// noteHealth keeps a device's latest heartbeat. Two heartbeats that arrive as far apart as they were made, both late by
// the same, come from a clock that is behind; a backlog arrives all at once.
func (s *Service) noteHealth(v watchView, arrived time.Time, h protocol.Health) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.watched[v.id]
	if w == nil || !arrived.After(w.healthAt) {
		return
	}
	if w.health != nil && !h.Time.IsZero() {
		lag, before := arrived.Sub(h.Time), w.healthAt.Sub(w.health.Time)
		if apart := arrived.Sub(w.healthAt); lag > time.Minute && apart >= 5*time.Second && (lag-before).Abs() < 2*time.Second {
			s.reportSkew(v, arrived, -lag)
		}
	}
	w.health, w.healthAt, w.dirty = &h, arrived.UTC(), true
}

// LastSeen is when a device was last heard; ok is false when it never was.
func (s *Service) LastSeen(ctx context.Context, device string) (at time.Time, ok bool) {
	s.mu.Lock()
	if w := s.watched[device]; w != nil {
		at = w.seen
		s.mu.Unlock()
		return at, !at.IsZero()
	}
	s.mu.Unlock()
	row, err := s.readSeen(ctx, device)
	return row.seen, err == nil && !row.seen.IsZero()
}

// Silent tells since when a device is silent; ok is false when it is not.
func (s *Service) Silent(device string) (since time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.watched[device]; w != nil {
		return w.silentSince, !w.silentSince.IsZero()
	}
	return time.Time{}, false
}

// Health is a device's latest heartbeat; ok is false when it never sent one.
func (s *Service) Health(ctx context.Context, device string) (h protocol.Health, ok bool) {
	s.mu.Lock()
	if w := s.watched[device]; w != nil {
		defer s.mu.Unlock()
		if w.health == nil {
			return h, false
		}
		return *w.health, true
	}
	s.mu.Unlock()
	row, err := s.readSeen(ctx, device)
	if err != nil || row.health == nil {
		return h, false
	}
	return *row.health, true
}

// check finds the devices whose limit has passed and says so once. A device is judged only for the time that the server
// listened: after a restart everyone gets the full limit again.
func (s *Service) check(ctx context.Context, now time.Time) error {
	limits := map[string]time.Duration{}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.watched {
		if !w.state.MayConnect() || !w.silentSince.IsZero() {
			continue
		}
		limit, known := limits[w.typ]
		if !known {
			if typ, err := s.Fleet.Type(ctx, w.typ); err == nil {
				limit = missedBeats * typ.Baseline.Heartbeat
			}
			limits[w.typ] = limit
		}
		if limit > 0 && now.Sub(latest(w.seen, w.since, s.began)) > limit && !s.excused(w) {
			s.fallSilent(w, now, limit)
		}
	}
	return nil
}

// excused reports whether a quarantined device, which may send no heartbeat, holds a session.
func (s *Service) excused(w *watch) bool {
	if w.state != fleet.Quarantined || s.Connections == nil {
		return false
	}
	_, _, ok := s.Connections.Connected("device", w.id)
	return ok
}

func (s *Service) fallSilent(w *watch, now time.Time, limit time.Duration) {
	w.silentSince, w.dirty = now, true
	lastSeen := ""
	if !w.seen.IsZero() {
		lastSeen = w.seen.Format(time.RFC3339)
	}
	s.publish(fleet.NewEvent("device.silent", now, fleet.Server("telemetry"), w.party(), map[string]any{"device": w.id, "lastSeen": lastSeen, "limit": limit.Seconds()}))
	s.tell(w.watchView)
}

// tell announces that a device fell silent or was heard again.
func (s *Service) tell(w watchView) {
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: "device", ID: w.id}); err != nil {
		s.Log.Warn("change not announced", "device", w.id, "error", err)
	}
	s.live(w.site, "device", access.DeviceRead, map[string]any{"id": w.id})
}

func latest(times ...time.Time) (t time.Time) {
	for _, u := range times {
		if u.After(t) {
			t = u
		}
	}
	return t
}

// refresh reads which devices should be heard from. A device that left that list keeps its last seen and is not judged.
func (s *Service) refresh(ctx context.Context) error {
	listed := map[string]bool{}
	err := s.Fleet.Listening(ctx, func(d fleet.Device, _ *fleet.DeviceType, since time.Time) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		listed[d.ID] = true
		s.watchLocked(d, since)
		return nil
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, w := range s.watched {
		if !listed[id] && w.state.MayConnect() && !w.dirty {
			delete(s.watched, id)
		}
	}
	return nil
}

// changed follows a device's life cycle.
func (s *Service) changed(c bus.Changed) {
	if c.Kind != "device" {
		return
	}
	d, _, err := s.Fleet.Find(context.Background(), c.ID)
	if err != nil {
		return // deleted or unreadable: the next refresh knows
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.watched[d.ID]; w != nil || d.State.MayConnect() {
		was := fleet.State("")
		if w != nil {
			was = w.state
		}
		w = s.watchLocked(d, d.Changed)
		if was != d.State && !d.State.MayConnect() && !w.silentSince.IsZero() {
			w.silentSince, w.dirty = time.Time{}, true // it is expected to be silent now
		}
	}
}
