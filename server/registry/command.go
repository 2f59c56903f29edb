package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// commandLife is how long a command may wait for the broker. A door that unlocks an hour late is worse than one that
// does not.
const commandLife = 10 * time.Minute

// Queued is a command that the server has promised to send.
type Queued struct {
	Request string `json:"request"`
	Queued  bool   `json:"queued"`
}

// Command sends a command to a device: its input is checked against the type's schema, the command is recorded, and it is
// published (QoS 1) from an outbox, so that neither a crash nor a broker that is away loses it.
func (s *Service) Command(ctx context.Context, ref, name string, input map[string]any) (Queued, error) {
	request := id.New()
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		d, err := findDevice(tx.QueryRow, ref)
		if err != nil {
			return err
		}
		cmd, err := s.checkCommand(d, name, input)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		payload, err := json.Marshal(protocol.Command{Request: request, Time: now, Input: input})
		if err != nil {
			return err
		}
		l := letter{key: request, device: d.ID, topic: protocol.CommandTopic(d.ID, name), payload: payload, made: now, expires: now.Add(commandLife)}
		if err := post(tx, l); err != nil {
			return err
		}
		tx.OnCommit(s.kick)
		return s.Audit.Record(tx, fleet.NewEvent("command.sent", now, access.PartyOf(ctx), party(d),
			map[string]any{"device": d.ID, "command": name, "request": request, "privileged": cmd.Privileged, "fields": slices.Sorted(maps.Keys(input))}))
	})
	return Queued{request, err == nil}, err
}

func (s *Service) checkCommand(d fleet.Device, name string, input map[string]any) (fleet.Command, error) {
	k := s.known(d.Type)
	switch {
	case k == nil:
		return fleet.Command{}, fleet.Errorf(fleet.CodeConflict, "%s has no device type, which says what it can be told: give it one first", d.Name)
	case d.State != fleet.Active:
		return fleet.Command{}, fleet.Errorf(fleet.CodeConflict, "%s is %s: only an active device takes commands", d.Name, d.State)
	}
	cmd, ok := k.def.Commands[name]
	if !ok {
		return cmd, fleet.Errorf(fleet.CodeNotFound, "type %s has no command %q: it has %v", d.Type, clip(name), slices.Sorted(maps.Keys(k.def.Commands)))
	}
	schema := k.commands[name]
	if schema == nil {
		if len(input) > 0 {
			return cmd, fleet.Invalid("input", fmt.Sprintf("%s takes no input", name))
		}
		return cmd, nil
	}
	if input == nil {
		input = map[string]any{}
	}
	return cmd, schema.Check("input", input)
}

// publishWaiting hands the outbox to the broker, oldest first, until it is empty or the broker refuses.
func (s *Service) publishWaiting(ctx context.Context) error {
	for {
		letters, err := s.waitingLetters(ctx, 100)
		if err != nil || len(letters) == 0 {
			return err
		}
		if s.readers.Publisher == nil {
			return fleet.Errorf(fleet.CodeUnavailable, "no broker is wired")
		}
		var done []letter
		var failed error
		for _, l := range letters {
			if failed = s.deliver(ctx, l); failed != nil {
				break
			}
			done = append(done, l)
		}
		// What the broker has taken is noted even when the server is stopping: otherwise it would go out twice.
		if err := s.sent(context.WithoutCancel(ctx), done); err != nil {
			return err
		}
		if failed != nil {
			return failed
		}
	}
}

// deliver publishes a letter, or drops it when its time has passed.
func (s *Service) deliver(ctx context.Context, l letter) error {
	if !l.expires.IsZero() && s.Clock.Now().After(l.expires) {
		s.publish(fleet.NewEvent("messages.dropped", s.Clock.Now(), fleet.Server("registry"), fleet.Party{Kind: "device", ID: l.device},
			map[string]any{"session": l.device, "count": 1, "reason": "the command waited too long for the broker", "request": l.key}))
		return nil
	}
	return s.readers.Publisher.Publish(ctx, l.topic, l.payload, l.retain)
}
