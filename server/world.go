package server

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/records"
	"github.com/thingward/thingward/server/registry"
)

// world shows records what they can be about, and the people they name. What is not known is left out of an object's facts, and
// then the object owes the record.
type world struct {
	fleet    *registry.Service
	accounts *access.Service
}

// Objects lists everything of a kind. Entries of the register are the records service's own.
func (w world) Objects(ctx context.Context, about records.About) ([]records.Object, error) {
	switch about {
	case records.Organisation:
		return []records.Object{organisation()}, nil
	case records.System:
		return w.systems(ctx)
	case records.Site:
		return w.sites(ctx)
	case records.Type:
		return w.types(ctx)
	case records.Device:
		return w.retired(ctx)
	case records.Account:
		return w.people(ctx)
	default:
		return nil, nil
	}
}

// Object finds one by id or name.
func (w world) Object(ctx context.Context, about records.About, ref string) (records.Object, bool, error) {
	if about == records.Device { // of many: one question for one
		return w.retiredOne(ctx, ref)
	}
	all, err := w.Objects(ctx, about)
	i := slices.IndexFunc(all, func(o records.Object) bool { return o.ID == ref || o.Name == ref })
	if err != nil || i < 0 {
		return records.Object{}, false, err
	}
	return all[i], true, nil
}

// People lists everyone with an account.
func (w world) People(ctx context.Context) (out []records.PersonFacts, err error) {
	err = w.eachAccount(ctx, func(a access.Account) {
		if a.Kind == access.Person {
			out = append(out, records.PersonFacts{ID: a.ID, Name: a.Name, Active: a.State != access.Disabled, Administrator: slices.Contains(a.Roles, access.SystemAdministrator)})
		}
	})
	return out, err
}

func organisation() records.Object {
	return records.Object{Kind: records.Organisation, ID: "organisation", Name: "Organisation"}
}

func (w world) systems(ctx context.Context) (out []records.Object, err error) {
	systems, err := w.fleet.AllSystems(ctx)
	for _, s := range systems {
		facts := map[string]any{}
		if s.Owner != "" {
			facts["owner"] = s.Owner
		}
		out = append(out, records.Object{Kind: records.System, ID: s.ID, Name: s.Name, System: s.Name, Owner: s.Owner, Facts: facts})
	}
	return out, err
}

func (w world) sites(ctx context.Context) (out []records.Object, err error) {
	sites, err := w.fleet.AllSites(ctx)
	facts, err2 := w.siteFacts(ctx)
	for _, s := range sites {
		out = append(out, records.Object{Kind: records.Site, ID: s.ID, Name: s.Name, System: s.System, Site: s.Name, Facts: facts(s.Name)})
	}
	return out, errors.Join(err, err2)
}

// siteFacts says of a site which radios the types in use there have, by their manifests, and whether there is a gateway among
// them.
func (w world) siteFacts(ctx context.Context) (func(site string) map[string]any, error) {
	types, err1 := w.fleet.Types(ctx)
	at, err2 := w.fleet.TypesAt(ctx)
	return func(site string) map[string]any {
		radio, gateways := map[string]string{}, false
		for _, t := range types {
			if slices.Contains(at[site], t.Name) {
				maps.Copy(radio, t.Baseline.Radio)
				gateways = gateways || t.Gateway
			}
		}
		return map[string]any{"radio": radio, "gateways": gateways, "types": at[site]}
	}, errors.Join(err1, err2)
}

func (w world) types(ctx context.Context) (out []records.Object, err error) {
	types, err := w.fleet.Types(ctx)
	for i := range types {
		t := &types[i]
		out = append(out, records.Object{Kind: records.Type, ID: t.Name, Name: t.Name, Facts: typeFacts(t)})
	}
	return out, err
}

// typeFacts are the facts of a type that decide what it owes. A trait that its manifest does not state is left out.
func typeFacts(t *fleet.DeviceType) map[string]any {
	f := map[string]any{"gateway": t.Gateway, "capabilities": t.Baseline.Capabilities, "radio": t.Baseline.Radio, "sensitive": sensitive(t), "version": t.Version, "devices": t.Devices}
	for key, b := range map[string]*bool{"personalData": t.Traits.PersonalData, "legacy": t.Traits.Legacy} {
		if b != nil {
			f[key] = *b
		}
	}
	if o := t.Traits.Origin; o != "" {
		f["developed"], f["acquired"] = o == "developed", o == "acquired"
	}
	if t.Traits.Industries != nil {
		f["industries"] = t.Traits.Industries
	}
	if t.Traits.Assurance != "" {
		f["highAssurance"] = t.Traits.Assurance == "high"
	}
	return f
}

// sensitive reports whether devices of the type handle data whose class asks for care when they are disposed of.
func sensitive(t *fleet.DeviceType) bool {
	for _, p := range t.Properties {
		if p.Class == "confidential" || p.Class == "restricted" {
			return true
		}
	}
	return false
}

// retired lists retired devices: those of a type that handles no sensitive data, as far as is known, say so.
func (w world) retired(ctx context.Context) (out []records.Object, err error) {
	err = w.fleet.In(ctx, fleet.Retired, func(d fleet.Device, t *fleet.DeviceType, _ time.Time) error {
		out = append(out, retiredObject(d, t))
		return nil
	})
	return out, err
}

// retiredOne finds a retired device by id or name.
func (w world) retiredOne(ctx context.Context, ref string) (records.Object, bool, error) {
	d, err := w.fleet.Device(ctx, ref)
	switch {
	case fleet.CodeOf(err) == fleet.CodeNotFound:
		return records.Object{}, false, nil
	case err != nil || d.State != fleet.Retired:
		return records.Object{}, false, err
	}
	t, err := w.fleet.Type(ctx, d.Type)
	if fleet.CodeOf(err) == fleet.CodeNotFound {
		t, err = nil, nil
	}
	return retiredObject(d, t), err == nil, err
}

func retiredObject(d fleet.Device, t *fleet.DeviceType) records.Object {
	o := records.Object{Kind: records.Device, ID: d.ID, Name: d.Name, System: d.System, Site: d.Site, Owner: d.Assignee, Facts: map[string]any{"type": d.Type, "state": string(d.State), "retired": d.Changed}}
	if t != nil {
		o.Facts["sensitive"] = sensitive(t)
	}
	return o
}

func (w world) people(ctx context.Context) (out []records.Object, err error) {
	err = w.eachAccount(ctx, func(a access.Account) {
		roles := make([]string, len(a.Roles))
		for i, r := range a.Roles {
			roles[i] = string(r)
		}
		out = append(out, records.Object{
			Kind: records.Account, ID: a.ID, Name: a.Name, Site: a.Site, Owner: a.Name, Retired: a.State == access.Disabled,
			Facts: map[string]any{"kind": string(a.Kind), "state": string(a.State), "roles": roles, "administrator": slices.Contains(a.Roles, access.SystemAdministrator), "created": a.Created},
		})
	})
	return out, err
}

const accountPage = 500

func (w world) eachAccount(ctx context.Context, fn func(access.Account)) error {
	for after := ""; ; {
		page, err := w.accounts.Accounts(ctx, access.Filter{After: after, Limit: accountPage})
		if err != nil {
			return err
		}
		for _, a := range page {
			fn(a)
		}
		if len(page) < accountPage {
			return nil
		}
		after = page[len(page)-1].Name
	}
}
