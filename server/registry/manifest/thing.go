package manifest

import (
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
)

var thingKeys = []string{
	"@context", "@type", "id", "title", "titles", "description", "descriptions", "version", "created", "modified", "support", "base",
	"properties", "actions", "events", "links", "forms", "security", "securityDefinitions", "schemaDefinitions", "profile", "uriVariables",
	"tm:optional", "tm:required", "tw:name", "tw:gateway", "tw:baseline", "tw:traits",
}

// thing reads the whole Thing Model.
func (r *reading) thing(a at) fleet.DeviceType {
	typ := fleet.DeviceType{
		Properties: map[string]fleet.Property{}, Streams: map[string]fleet.Stream{protocol.StreamHealth: health()},
		Commands: map[string]fleet.Command{}, Events: map[string]fleet.Notice{},
	}
	if !a.is(mapping) {
		return typ
	}
	a.only(thingKeys...)
	a.context()
	a.thingType()
	a.names(&typ)
	a.version(&typ)
	a.links()
	a.affordances(&typ)
	if v, ok := a.get("tw:baseline"); ok {
		typ.Baseline = v.baseline()
	}
	if v, ok := a.get("tw:traits"); ok {
		typ.Traits = v.traits()
	}
	return typ
}

// health is the stream that every type has: the heartbeat.
func health() fleet.Stream {
	return fleet.Stream{
		Properties: []string{"uptimeSeconds", "cpuPercent", "memoryPercent", "diskPercent", "batteryPercent", "signalDBm", "queued"},
		Class:      "internal", Traffic: "telemetry",
	}
}

// context wants the TD 1.1 context and our namespace (TD 1.1, 5.3.1.1).
func (a at) context() {
	v, ok := a.need("@context", `["`+Context+`", {tw: "`+Namespace+`"}]`)
	if !ok {
		return
	}
	std, own := false, false
	values := []*node{v.node}
	if v.node.kind == list {
		values = v.node.items
	}
	for _, n := range values {
		std = std || n.kind == text && n.text == Context
		if tw, ok := (at{a.reading, v.path, n}).get("tw"); ok {
			own = own || tw.text() == Namespace
		}
	}
	if !std {
		v.fault("must hold %q, the context of Thing Models 1.1", Context)
	}
	if !own {
		v.fault("must hold {tw: %q}, or the tw: keys would mean nothing", Namespace)
	}
}

func (a at) thingType() {
	v, ok := a.need("@type", `"tm:ThingModel"`)
	if !ok {
		return
	}
	values := []*node{v.node}
	if v.node.kind == list {
		values = v.node.items
	}
	if !slices.ContainsFunc(values, func(n *node) bool { return n.kind == text && n.text == "tm:ThingModel" }) {
		v.fault("must be or hold \"tm:ThingModel\": a manifest describes a type, not one device")
	}
}

func (a at) names(typ *fleet.DeviceType) {
	if v, ok := a.need("title", "what people call the type, such as Door lock"); ok {
		typ.Title = strings.TrimSpace(v.text())
		if v.node.kind == text && (typ.Title == "" || len(typ.Title) > 120) {
			v.fault("want 1 to 120 bytes")
		}
		typ.Name = slug(typ.Title)
		if _, named := a.get("tw:name"); !named && typ.Title != "" && fleet.CheckName("", typ.Name) != nil {
			v.fault("gives no usable name (%q): add tw: name with 3 to 63 lower-case letters, digits and hyphens", typ.Name)
		}
	}
	if v, ok := a.get("tw:name"); ok {
		typ.Name = v.text()
		if v.node.kind == text && fleet.CheckName("", typ.Name) != nil {
			v.fault("is off the naming convention: 3 to 63 lower-case letters, digits and single hyphens, beginning with a letter (door-lock)")
		}
	}
	if v, ok := a.get("description"); ok {
		typ.Text = v.text()
	}
	if v, ok := a.get("tw:gateway"); ok {
		typ.Gateway = v.flag()
	}
}

// slug makes a name of a title: Door lock → door-lock.
func slug(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

// version reads version.model (TD 1.1, 5.3.1.5), by which a newer manifest is told from an older one.
func (a at) version(typ *fleet.DeviceType) {
	v, ok := a.need("version", "{model: 1.0.0}, to be raised with every change")
	if !ok || !v.is(mapping) {
		return
	}
	v.only("model", "instance")
	model, ok := v.need("model", "a semantic version such as 1.2.0")
	if !ok {
		return
	}
	typ.Version = model.text()
	if s := "v" + typ.Version; model.node.kind == text && (!semver.IsValid(s) || semver.Canonical(s) != strings.SplitN(s, "+", 2)[0]) {
		model.fault("%q is no semantic version: want three numbers, such as 1.2.0", clip(typ.Version))
	}
}

// links refuses inheritance, which would make a type depend on a file that is not here.
func (a at) links() {
	v, ok := a.get("links")
	if !ok {
		return
	}
	v.items(func(link at) {
		if rel, ok := link.get("rel"); ok && (rel.node.text == "tm:extends" || rel.node.text == "tm:submodel") {
			rel.fault("%s is not followed: write out what this type has", rel.node.text)
		}
	})
}
