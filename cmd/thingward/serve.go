package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"github.com/thingward/thingward/demo"
	"github.com/thingward/thingward/server"
)

type setupCmd struct {
	Data         string   `required:"" env:"THINGWARD_DATA" help:"Folder to make."`
	Admin        string   `required:"" help:"Name of the first administrator."`
	PasswordFile string   `type:"existingfile" help:"File with the administrator's password on its first line; asked for when absent."`
	Organisation string   `default:"Thingward" help:"Name in the certificate authority's certificates."`
	Hosts        []string `help:"Names and addresses clients reach the server by, comma separated."`
	Database     string   `env:"THINGWARD_DATABASE" help:"Database URL; SQLite in the folder when absent."`
}

// Run makes the data folder.
func (c *setupCmd) Run(t *terminal) error {
	password, err := readPassword(t, c.PasswordFile)
	if err != nil {
		return err
	}
	err = server.Setup(t.ctx, server.SetupOptions{Data: c.Data, Admin: c.Admin, Password: password, Organisation: c.Organisation, Hosts: c.Hosts, Database: c.Database})
	if err != nil {
		return err
	}
	return t.show(object{"data": c.Data, "root": c.Data + "/ca/root.pem", "next": "thingward serve --data " + c.Data}, "data", "root", "next")
}

// listenFlags are the flags of whatever runs a server; a flag that is not given leaves file and environment alone.
type listenFlags struct {
	Config   string   `type:"existingfile" help:"Configuration file (YAML); docs/config.md lists the settings."`
	HTTPS    string   `name:"https" help:"Address of API, console, EST and MQTT over WebSocket (:8443)."`
	MQTTS    string   `name:"mqtts" help:"Address of MQTT over mutual TLS (:8883)."`
	COAPS    string   `name:"coaps" help:"Address of CoAP over mutual DTLS, or off (:5684)."`
	OCSP     string   `name:"ocsp" help:"Address of CRL and OCSP, plain HTTP as the standards expect (:8080)."`
	Ops      string   `name:"ops" help:"Address of metrics and health (127.0.0.1:9090)."`
	Database string   `help:"Database URL; SQLite in the data folder when absent."`
	Hosts    []string `help:"Names and addresses for the server certificate, comma separated."`
	LogLevel string   `help:"debug, info, warn or error."`
}

func (f *listenFlags) load(data string) (server.Config, error) {
	c, err := server.LoadConfig(f.Config, os.Environ())
	if err != nil {
		return c, err
	}
	flags := map[string]string{"data": data, "https": f.HTTPS, "mqtts": f.MQTTS, "coaps": f.COAPS, "ocsp": f.OCSP, "ops": f.Ops, "database": f.Database, "hosts": strings.Join(f.Hosts, ","), "log_level": f.LogLevel}
	for name, value := range flags {
		if value != "" {
			if err := c.Set(name, value); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

type serveCmd struct {
	Data      string `help:"The folder that thingward setup made."`
	AllowRoot bool   `help:"Run as root (weaker; shows in posture)."`
	listenFlags
}

// Run runs the server until it is told to stop.
func (c *serveCmd) Run(t *terminal) error {
	cfg, err := c.load(c.Data)
	if err != nil {
		return err
	}
	if c.AllowRoot {
		cfg.AllowRoot = true
	}
	log, err := logger(t, cfg.LogLevel)
	if err != nil {
		return err
	}
	srv, err := server.Open(t.ctx, cfg, log)
	if err != nil {
		return err
	}
	return ended(srv.Run(t.ctx))
}

// ended makes an orderly stop no failure.
func ended(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func logger(t *terminal, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log_level: %q: want debug, info, warn or error", level)
	}
	return slog.New(slog.NewJSONHandler(t.err, &slog.HandlerOptions{Level: l})), nil
}

type demoCmd struct {
	Data    string `default:"demo-data" help:"Folder for the demo's data; a second run goes on with it."`
	Devices int    `default:"40" help:"How many devices to simulate."`
	Links   int    `default:"0" hidden:"" help:"More sign-in links, for browser tests."`
	listenFlags
}

// Run shows the product working.
func (c *demoCmd) Run(t *terminal) error {
	cfg, err := c.load(c.Data)
	if err != nil {
		return err
	}
	cfg.AllowRoot = true
	for _, a := range []*string{&cfg.HTTPS, &cfg.MQTTS, &cfg.COAPS, &cfg.OCSP} {
		if strings.HasPrefix(*a, ":") { // a demo is for this machine
			*a = "127.0.0.1" + *a
		}
	}
	if c.LogLevel == "" {
		cfg.LogLevel = "error"
	}
	log, err := logger(t, cfg.LogLevel)
	if err != nil {
		return err
	}
	return ended(demo.Run(t.ctx, demo.Options{Config: cfg, Devices: c.Devices, Links: c.Links, Out: t.out, Log: log}))
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
