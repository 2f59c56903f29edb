package server

import (
	"context"
	"sync"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records/kinds"
)

// checklists holds the approved hardware checklist of each type, so that a hundred thousand devices do not ask for a handful of
// records one by one. Any change of one empties it.
type checklists struct {
	duties func() dutyReader

	mu    sync.Mutex
	known map[string]*posture.Checklist // nil: the type has none
	age   int                           // rises with every change
}

// deviceSource shows posture the devices, each with the checklist of its type.
func (s *Server) deviceSource() posture.Source {
	c := &checklists{duties: func() dutyReader { return s.records }, known: map[string]*posture.Checklist{}}
	complete := func(ctx context.Context, f posture.Facts) error {
		d, ok := f.(*posture.DeviceFacts)
		if !ok {
			return nil
		}
		var err error
		d.Checklist, err = c.of(ctx, d.Device.Type)
		return err
	}
	each := func(ctx context.Context, fn func(posture.Facts) error) error {
		return s.eachDevice(ctx, func(f posture.Facts) error {
			if err := complete(ctx, f); err != nil {
				return err
			}
			return fn(f)
		})
	}
	one := func(ctx context.Context, ref string) (posture.Facts, error) {
		f, err := s.oneDevice(ctx, ref)
		if err == nil {
			err = complete(ctx, f)
		}
		return f, err
	}
	return following{source{posture.Device, each, one}, c.follows}
}

// follows empties the memory when a checklist changes, before the devices are looked at again.
func (c *checklists) follows(changed posture.Kind) posture.Reach {
	if changed != kinds.SubjectKind(kinds.HardwareChecklistKind) {
		return posture.ReachNone
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.known)
	c.age++
	return posture.ReachAll
}

// of is the checklist of a type, or nil.
func (c *checklists) of(ctx context.Context, typ string) (*posture.Checklist, error) {
	c.mu.Lock()
	list, known := c.known[typ]
	age := c.age
	c.mu.Unlock()
	if known {
		return list, nil
	}
	d, ok, err := c.duties().Duty(ctx, kinds.HardwareChecklistKind, typ)
	if err != nil {
		return nil, err
	}
	if ok && d.InForce != nil && d.InForce.Altered == "" {
		list = &posture.Checklist{Closed: kinds.ClosedInterfaces(d.InForce.Body), Expires: d.InForce.Expires}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if age == c.age { // else it may be the one from before a change
		c.known[typ] = list
	}
	return list, nil
}
