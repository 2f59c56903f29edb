package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
)

type typeCmd struct {
	Apply typeApplyCmd `cmd:"" help:"Add or change a device type from its manifest (WoT Thing Model, YAML or JSON)."`
	List  typeListCmd  `cmd:"" help:"List device types."`
	Get   typeGetCmd   `cmd:"" help:"Show one device type."`
}

type typeApplyCmd struct {
	File   string `arg:"" type:"existingfile" help:"The manifest."`
	DryRun bool   `help:"Check only."`
}

// Run sends the manifest; every fault comes back with its line and path.
func (c *typeApplyCmd) Run(t *terminal) error {
	body, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	cl, err := signedIn()
	if err != nil {
		return err
	}
	path := "/types"
	if c.DryRun {
		path += "?dryRun=true"
	}
	resp, err := cl.do(t.ctx, http.MethodPut, path, "application/yaml", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	var out object
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return err
	}
	return t.show(out, "type.name", "type.version", "created", "changed")
}

type typeListCmd struct{ limitFlags }

// Run lists device types.
func (c *typeListCmd) Run(t *terminal) error {
	return getList(t, "/types", nil, c.Limit, "name", "title", "version", "devices", "gateway")
}

type typeGetCmd struct {
	Name string `arg:""`
}

// Run shows one device type.
func (c *typeGetCmd) Run(t *terminal) error {
	return getOne(t, "/types/"+url.PathEscape(c.Name), "name", "title", "version", "description", "devices")
}

type deviceCmd struct {
	Create     deviceCreateCmd `cmd:"" help:"Register a device and show it."`
	List       deviceListCmd   `cmd:"" help:"List and search devices."`
	Get        deviceGetCmd    `cmd:"" help:"Show one device."`
	Quarantine deviceMoveCmd   `cmd:"" help:"Cut a device's sessions and leave it only its twin."`
	Release    deviceMoveCmd   `cmd:"" help:"End a quarantine."`
	Suspend    deviceMoveCmd   `cmd:"" help:"Take a device out of service for a while."`
	Resume     deviceMoveCmd   `cmd:"" help:"Put a suspended device back into service."`
	Retire     deviceMoveCmd   `cmd:"" help:"Retire a device for good: its certificates are revoked."`
	Command    deviceCallCmd   `cmd:"" help:"Send a command of the device's type."`
	Posture    devicePostCmd   `cmd:"" help:"What the checks say of one device."`
}

type deviceCreateCmd struct {
	Type     string   `required:"" help:"Device type."`
	Name     string   `required:"" help:"Name: lower-case letters, digits and single hyphens."`
	Site     string   `help:"Site."`
	System   string   `help:"System."`
	Serial   string   `help:"Manufacturer's serial number."`
	Assignee string   `help:"Who answers for it."`
	Label    []string `help:"Labels."`
}

// Run registers a device.
func (c *deviceCreateCmd) Run(t *terminal) error {
	in := object{"type": c.Type, "name": c.Name}
	for k, v := range map[string]string{"site": c.Site, "system": c.System, "serial": c.Serial, "assignee": c.Assignee} {
		if v != "" {
			in[k] = v
		}
	}
	if len(c.Label) > 0 {
		in["labels"] = c.Label
	}
	return sendOne(t, http.MethodPost, "/devices", in, "id", "name", "type", "state")
}

type deviceListCmd struct {
	listFlags
	Type   string `help:"Only this type."`
	Site   string `help:"Only this site."`
	System string `help:"Only this system."`
	State  string `help:"Only this state."`
	Sort   string `help:"Sort by name, state, type or changed; a leading - turns it round."`
}

// Run lists devices.
func (c *deviceListCmd) Run(t *terminal) error {
	q := query("q", c.Query, "type", c.Type, "site", c.Site, "system", c.System, "state", c.State, "sort", c.Sort)
	return getList(t, "/devices", q, c.Limit, "id", "name", "type", "site", "state", "connected", "firmware", "lastSeen")
}

type deviceGetCmd struct {
	Device string `arg:"" help:"Id or name."`
}

// Run shows a device.
func (c *deviceGetCmd) Run(t *terminal) error {
	return getOne(t, "/devices/"+url.PathEscape(c.Device), "id", "name", "type", "site", "system", "state", "reason", "serial", "assignee", "connected", "lastSeen", "firmware", "certificateExpires", "created")
}

type deviceMoveCmd struct {
	Device string `arg:"" help:"Id or name."`
	Reason string `required:"" help:"Why; kept in the audit log."`
	DryRun bool   `help:"Say what would happen, change nothing."`
}

// Run moves a device along its life cycle; the move is the command's own name.
func (c *deviceMoveCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/devices/"+url.PathEscape(c.Device)+"/"+t.command, object{"reason": c.Reason, "dryRun": c.DryRun}, "device.id", "device.name", "device.state", "device.reason", "effects")
}

type deviceCallCmd struct {
	Device  string `arg:"" help:"Id or name."`
	Command string `arg:"" help:"Name of the command."`
	Input   string `default:"{}" help:"Input as JSON."`
}

// Run sends a command.
func (c *deviceCallCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/devices/"+url.PathEscape(c.Device)+"/commands/"+url.PathEscape(c.Command), json.RawMessage(c.Input), "request", "queued")
}

type devicePostCmd struct {
	Device string `arg:"" help:"Id or name."`
}

// Run shows what the checks say of a device.
func (c *devicePostCmd) Run(t *terminal) error {
	return getList(t, "/devices/"+url.PathEscape(c.Device)+"/posture", nil, 0, "control", "status", "title", "reason", "since")
}

type siteCmd struct {
	List   siteListCmd   `cmd:"" help:"List sites."`
	Create siteCreateCmd `cmd:"" help:"Add a site."`
}

type siteListCmd struct{ limitFlags }

// Run lists sites.
func (c *siteListCmd) Run(t *terminal) error {
	return getList(t, "/sites", nil, c.Limit, "id", "name", "system", "latitude", "longitude")
}

type siteCreateCmd struct {
	Name      string   `required:"" help:"Name."`
	System    string   `help:"System it belongs to."`
	Latitude  *float64 `help:"Degrees north."`
	Longitude *float64 `help:"Degrees east."`
}

// Run adds a site.
func (c *siteCreateCmd) Run(t *terminal) error {
	in := object{"name": c.Name}
	if c.System != "" {
		in["system"] = c.System
	}
	if c.Latitude != nil && c.Longitude != nil {
		in["latitude"], in["longitude"] = *c.Latitude, *c.Longitude
	}
	return sendOne(t, http.MethodPost, "/sites", in, "id", "name")
}

type systemCmd struct {
	List   systemListCmd   `cmd:"" help:"List systems."`
	Create systemCreateCmd `cmd:"" help:"Add a system."`
}

type systemListCmd struct{ limitFlags }

// Run lists systems.
func (c *systemListCmd) Run(t *terminal) error {
	return getList(t, "/systems", nil, c.Limit, "id", "name", "owner")
}

type systemCreateCmd struct {
	Name  string `required:"" help:"Name."`
	Owner string `required:"" help:"Who answers for it."`
}

// Run adds a system.
func (c *systemCreateCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/systems", object{"name": c.Name, "owner": c.Owner}, "id", "name", "owner")
}
