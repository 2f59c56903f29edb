package main

import (
	"net/http"
	"net/url"
	"os"

	"go.yaml.in/yaml/v4"
)

type sessionCmd struct {
	List sessionListCmd `cmd:"" default:"1" help:"List broker sessions."`
}

type sessionListCmd struct {
	limitFlags
	Device string `help:"Only this device."`
}

// Run lists broker sessions.
func (c *sessionListCmd) Run(t *terminal) error {
	return getList(t, "/sessions", query("device", c.Device), c.Limit, "subjectName", "subjectKind", "client", "protocol", "tls", "address", "state", "connectedSince", "queued")
}

type eventCmd struct {
	List eventListCmd `cmd:"" help:"List events, newest first."`
}

type eventListCmd struct {
	listFlags
	Type     string `help:"Only this type."`
	Severity string `help:"Only this severity."`
	Subject  string `help:"Only events that this id or name takes part in."`
	From     string `help:"Not before this time (RFC 3339)."`
	To       string `help:"Not after this time (RFC 3339)."`
}

// Run lists events; without --limit the newest 100.
func (c *eventListCmd) Run(t *terminal) error {
	q := query("q", c.Query, "type", c.Type, "severity", c.Severity, "subject", c.Subject, "from", c.From, "to", c.To)
	return getList(t, "/events", q, newest(c.Limit), "time", "severity", "type", "initiator.name", "initiator.address", "receiver.name", "data.reason")
}

func newest(limit int) int {
	if limit == 0 {
		return 100
	}
	return limit
}

type alertCmd struct {
	List  alertListCmd  `cmd:"" help:"List alerts."`
	Get   alertGetCmd   `cmd:"" help:"Show one alert."`
	Ack   alertAckCmd   `cmd:"" help:"Take an alert on."`
	Close alertCloseCmd `cmd:"" help:"Close an alert with its cause and remedy."`
}

type alertListCmd struct {
	listFlags
	State    string `help:"open, acknowledged or closed."`
	Severity string `help:"Only this severity."`
	Rule     string `help:"Only this rule."`
}

// Run lists alerts.
func (c *alertListCmd) Run(t *terminal) error {
	q := query("q", c.Query, "state", c.State, "severity", c.Severity, "rule", c.Rule)
	return getList(t, "/alerts", q, newest(c.Limit), "id", "severity", "state", "rule", "control", "subject.name", "count", "raised", "title")
}

type alertGetCmd struct {
	ID string `arg:""`
}

// Run shows an alert.
func (c *alertGetCmd) Run(t *terminal) error {
	return getOne(t, "/alerts/"+url.PathEscape(c.ID), "id", "title", "text", "severity", "state", "rule", "control", "subject.kind", "subject.id", "subject.name", "count", "first", "last", "raised", "notified", "owner", "cause", "remedy", "events")
}

type alertAckCmd struct {
	ID string `arg:""`
}

// Run takes an alert on.
func (c *alertAckCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/alerts/"+url.PathEscape(c.ID)+"/ack", object{}, "id", "state", "owner")
}

type alertCloseCmd struct {
	ID     string `arg:""`
	Cause  string `required:"" help:"What caused it."`
	Remedy string `required:"" help:"What was done about it."`
}

// Run closes an alert.
func (c *alertCloseCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/alerts/"+url.PathEscape(c.ID)+"/close", object{"cause": c.Cause, "remedy": c.Remedy}, "id", "state", "cause", "remedy")
}

type routeCmd struct {
	List routeListCmd `cmd:"" help:"List alert routes (webhook, mail)."`
	Set  routeSetCmd  `cmd:"" help:"Replace the alert routes by those of a YAML or JSON file."`
}

type routeListCmd struct{}

// Run lists routes; their secrets are never shown.
func (*routeListCmd) Run(t *terminal) error {
	c, err := signedIn()
	if err != nil {
		return err
	}
	var out struct {
		Routes []object `json:"routes"`
	}
	if err := c.call(t.ctx, http.MethodGet, "/routes", nil, &out); err != nil {
		return err
	}
	return t.showList(out.Routes, "name", "kind", "url", "address", "severity")
}

type routeSetCmd struct {
	File string `arg:"" type:"existingfile" help:"File with routes: [{name, kind, url | address, severity, secret}]."`
}

// Run replaces the routes.
func (c *routeSetCmd) Run(t *terminal) error {
	b, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	var in object
	if err := yaml.Unmarshal(b, &in); err != nil {
		return err
	}
	return sendOne(t, http.MethodPut, "/routes", in, "routes")
}
