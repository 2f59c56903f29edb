// Command thingward-agent runs on a device: it enrols, connects, reports inventory and health, renews its certificate and
// keeps what it could not send. It needs no rights beyond reading /proc and /sys and owning its folder.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/thingward/thingward/agent"
	"github.com/thingward/thingward/agent/collect"
	"github.com/thingward/thingward/protocol"
)

var version = "dev"

type cli struct {
	Dir                     string           `required:"" env:"THINGWARD_AGENT_DIR" help:"Folder for key, certificate and unsent messages."`
	Server                  string           `required:"" env:"THINGWARD_AGENT_SERVER" help:"https://HOST:8443"`
	Broker                  string           `env:"THINGWARD_AGENT_BROKER" help:"HOST:8883; the server's host when absent."`
	CA                      string           `required:"" name:"ca" type:"existingfile" env:"THINGWARD_AGENT_CA" help:"The server's root certificate, got out of band."`
	Device                  string           `env:"THINGWARD_AGENT_DEVICE" help:"Device id, for the first enrolment with a claim."`
	ClaimFile               string           `type:"path" env:"THINGWARD_AGENT_CLAIM_FILE" help:"File with the one-time claim; read only while there is no certificate."`
	ManufacturerCertificate string           `type:"path" help:"Manufacturer's certificate (PEM), to enrol without a claim."`
	ManufacturerKey         string           `type:"path" help:"Its key (PEM)."`
	Heartbeat               time.Duration    `default:"60s" help:"Time between health reports."`
	Firmware                string           `env:"THINGWARD_AGENT_FIRMWARE" help:"Firmware version to report; from /etc/os-release IMAGE_VERSION when absent."`
	Once                    bool             `help:"Enrol, then end."`
	Version                 kong.VersionFlag `help:"Print the version."`
}

func main() { os.Exit(run()) }

func run() int {
	var c cli
	kong.Parse(&c, kong.Name("thingward-agent"), kong.Description("Enrols this device with Thingward and keeps it connected."), kong.Vars{"version": version})
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, c, log); err != nil && !errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(os.Stderr, "thingward-agent:", err)
		return 1
	}
	return 0
}

func serve(ctx context.Context, c cli, log *slog.Logger) error {
	root, err := os.ReadFile(c.CA)
	if err != nil {
		return err
	}
	var health collect.Health
	a, err := agent.New(agent.Config{
		Dir: c.Dir, Server: c.Server, Broker: c.Broker, Root: root, Device: c.Device, ClaimFile: c.ClaimFile,
		ManufacturerCertificate: c.ManufacturerCertificate, ManufacturerKey: c.ManufacturerKey, Heartbeat: c.Heartbeat,
		Inventory: func() protocol.Inventory { return collect.Inventory("/", c.Firmware, version) },
		Health:    func() protocol.Health { return health.Read("/") },
		OnCommand: func(name string, _ []byte) { log.Warn("no handler for this command on this device", "command", name) },
		Log:       log,
	})
	if err != nil {
		return err
	}
	if c.Once {
		return a.Enrol(ctx)
	}
	return a.Run(ctx)
}
