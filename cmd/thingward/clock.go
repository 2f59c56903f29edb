package main

import (
	"time"

	"github.com/thingward/thingward/server"
)

type clockCmd struct {
	Accept clockAcceptCmd `cmd:"" help:"Take the machine's clock for right although the audit log has seen later times, while the server is stopped."`
}

type clockAcceptCmd struct {
	Data     string `required:"" env:"THINGWARD_DATA" help:"The server's data folder; the server must be stopped."`
	Reason   string `required:"" help:"Why the later times were wrong; it stands in the audit log."`
	Config   string `type:"existingfile" help:"The server's configuration file, where it has one."`
	Database string `help:"Database URL; SQLite in the data folder when absent."`
}

// Run accepts the clock.
func (c *clockAcceptCmd) Run(t *terminal) error {
	f := listenFlags{Config: c.Config, Database: c.Database}
	cfg, err := f.load(c.Data)
	if err != nil {
		return err
	}
	seen, now, err := server.AcceptClock(t.ctx, cfg, c.Reason)
	if err != nil {
		return err
	}
	return t.show(object{"seen": seen.Format(time.RFC3339), "time": now.Format(time.RFC3339), "next": "start the server; what ended meanwhile stays ended"}, "seen", "time", "next")
}
