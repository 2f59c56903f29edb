package registry

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"golang.org/x/mod/semver"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/registry/manifest"
	"github.com/thingward/thingward/server/store"
)

// typeCache is this node's copy of the types; it is replaced as a whole.
type typeCache struct {
	mu     sync.RWMutex
	byName map[string]*knownType
}

// knownType is a type with its schemas ready for use.
type knownType struct {
	def        *fleet.DeviceType
	digest     string
	properties map[string]*manifest.Schema
	commands   map[string]*manifest.Schema
}

func (s *Service) loadTypes(ctx context.Context) error {
	stored, err := s.storedTypes(ctx)
	if err != nil {
		return err
	}
	byName := map[string]*knownType{}
	for _, t := range stored {
		k, err := ready(&t.definition, t.digest)
		if err != nil {
			return err
		}
		byName[t.definition.Name] = k
	}
	s.types.mu.Lock()
	defer s.types.mu.Unlock()
	s.types.byName = byName
	return nil
}

func ready(def *fleet.DeviceType, digest string) (*knownType, error) {
	k := &knownType{def: def, digest: digest, properties: map[string]*manifest.Schema{}, commands: map[string]*manifest.Schema{}}
	for name, p := range def.Properties {
		schema, err := manifest.Compile(p.Schema)
		if err != nil {
			return nil, err
		}
		k.properties[name] = schema
	}
	for name, c := range def.Commands {
		if len(c.Input) == 0 {
			continue
		}
		schema, err := manifest.Compile(c.Input)
		if err != nil {
			return nil, err
		}
		k.commands[name] = schema
	}
	return k, nil
}

func (s *Service) known(name string) *knownType {
	s.types.mu.RLock()
	defer s.types.mu.RUnlock()
	return s.types.byName[name]
}

// Type is the device type of a name. It is shared: do not change it.
func (s *Service) Type(_ context.Context, name string) (*fleet.DeviceType, error) {
	if k := s.known(name); k != nil {
		return k.def, nil
	}
	return nil, fleet.Errorf(fleet.CodeNotFound, "there is no device type %q: thingward type list shows what there is", clip(name))
}

// typeOf is the type of a device, or nil for a device that was admitted without one.
func (s *Service) typeOf(d fleet.Device) *fleet.DeviceType {
	if k := s.known(d.Type); k != nil {
		return k.def
	}
	return nil
}

// Types lists the device types by name, with how many devices each has (retired ones aside).
func (s *Service) Types(ctx context.Context) ([]fleet.DeviceType, error) {
	return s.typesSeen(ctx, clause{})
}

// typesSeen is Types, where only the devices that seen chooses are counted.
func (s *Service) typesSeen(ctx context.Context, seen clause) ([]fleet.DeviceType, error) {
	counts, err := s.typeTally(ctx, seen)
	if err != nil {
		return nil, err
	}
	s.types.mu.RLock()
	defer s.types.mu.RUnlock()
	var out []fleet.DeviceType
	for _, name := range slices.Sorted(maps.Keys(s.types.byName)) {
		t := *s.types.byName[name].def
		t.Devices = counts[name]
		out = append(out, t)
	}
	return out, nil
}

// Applied says what applying a manifest did, or would do.
type Applied struct {
	Type    fleet.DeviceType `json:"type"`
	Created bool             `json:"created"`
	Changed bool             `json:"changed"`
}

// Apply takes a manifest into use. One that says the same as the present one changes nothing; one that differs must carry
// a higher version.model (CodeConflict otherwise), so that two manifests of one version never mean different things.
// With dryRun nothing is stored.
func (s *Service) Apply(ctx context.Context, raw []byte, dryRun bool) (Applied, error) {
	typ, err := manifest.Parse(raw)
	if err != nil {
		return Applied{}, err
	}
	digest, err := manifest.Digest(raw)
	if err != nil {
		return Applied{}, err
	}
	typ.Changed = s.Clock.Now()
	out := Applied{Type: *typ}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		out, err = s.apply(ctx, tx, *typ, digest, raw, dryRun)
		if err != nil || dryRun || !out.Changed {
			return orUnchanged(err)
		}
		tx.OnCommit(func() { s.typeApplied(ctx, typ.Name) })
		return nil
	})
	if errors.Is(err, errUnchanged) {
		err = nil
	}
	if err == nil && !out.Changed {
		out.Type = s.asListed(ctx, out.Type)
	}
	return out, err
}

// errUnchanged rolls a transaction back in which nothing had to be changed.
var errUnchanged = fleet.Errorf(fleet.CodeConflict, "nothing changed")

func orUnchanged(err error) error {
	if err != nil {
		return err
	}
	return errUnchanged
}

func (s *Service) apply(ctx context.Context, tx *store.Tx, typ fleet.DeviceType, digest string, raw []byte, dryRun bool) (Applied, error) {
	version, present, found, err := presentType(tx, typ.Name)
	if err != nil {
		return Applied{}, err
	}
	out := Applied{Type: typ, Created: !found, Changed: !found || present != digest}
	if !out.Changed {
		return out, nil
	}
	if found && semver.Compare("v"+typ.Version, "v"+version) <= 0 {
		return Applied{}, fleet.Errorf(fleet.CodeConflict, "%s %s is in use and this manifest says something else as version %s: raise version.model above %s", typ.Name, version, typ.Version, version)
	}
	if dryRun {
		return out, nil
	}
	by := access.PartyOf(ctx)
	if err := putType(tx, typ, digest, raw, by); err != nil {
		return Applied{}, taken(err, "type", typ.Name+" "+typ.Version)
	}
	return out, s.Audit.Record(tx, fleet.NewEvent("type.applied", typ.Changed, by, fleet.Party{Kind: "type", ID: typ.Name, Name: typ.Title},
		map[string]any{"type": typ.Name, "version": typ.Version, "before": version, "digest": digest}))
}

func (s *Service) typeApplied(ctx context.Context, name string) {
	if err := s.loadTypes(context.WithoutCancel(ctx)); err != nil {
		s.Log.Error("device types not read again", "error", err)
	}
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: "type", ID: name}); err != nil {
		s.Log.Warn("change not announced", "type", name, "error", err)
	}
}

// asListed is the stored type where there is one, with its true time of change and its count of devices that the caller may
// see.
func (s *Service) asListed(ctx context.Context, t fleet.DeviceType) fleet.DeviceType {
	if k := s.known(t.Name); k != nil {
		t = *k.def
	}
	if counts, err := s.typeTally(ctx, s.seen(ctx, devicesOfSite, 1)); err == nil {
		t.Devices = counts[t.Name]
	}
	return t
}
