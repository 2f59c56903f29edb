package main

import (
	"net/http"
	"os"

	"go.yaml.in/yaml/v4"
)

type manufacturerCmd struct {
	Add  manufacturerAddCmd  `cmd:"" help:"Add a manufacturer, replace its authorities, or add serial numbers."`
	List manufacturerListCmd `cmd:"" help:"List manufacturers whose certificates may enrol."`
}

type manufacturerAddCmd struct {
	Name    string `arg:""`
	PEM     string `name:"pem" type:"existingfile" help:"File with the authorities that signed the devices' manufacturer certificates; those known stay when absent."`
	Serials string `type:"existingfile" help:"YAML or JSON file with a list of {serial, type, site, name}."`
}

// Run adds or changes a manufacturer.
func (c *manufacturerAddCmd) Run(t *terminal) error {
	in := object{"name": c.Name}
	if c.PEM != "" {
		b, err := os.ReadFile(c.PEM)
		if err != nil {
			return err
		}
		in["pem"] = string(b)
	}
	if c.Serials != "" {
		b, err := os.ReadFile(c.Serials)
		if err != nil {
			return err
		}
		var serials []object
		if err := yaml.Unmarshal(b, &serials); err != nil {
			return err
		}
		in["serials"] = serials
	}
	return sendOne(t, http.MethodPost, "/manufacturers", in, "id", "name", "anchors", "serials", "enrolled", "unknown")
}

type manufacturerListCmd struct{ limitFlags }

// Run lists manufacturers.
func (c *manufacturerListCmd) Run(t *terminal) error {
	return getList(t, "/manufacturers", nil, c.Limit, "id", "name", "serials", "enrolled", "unknown")
}

type ruleCmd struct {
	List ruleListCmd `cmd:"" help:"List detection rules with the settings in force."`
}

type ruleListCmd struct{ limitFlags }

// Run lists detection rules.
func (c *ruleListCmd) Run(t *terminal) error {
	return getList(t, "/rules", nil, c.Limit, "id", "control", "severity", "threshold", "window", "routes", "title")
}
