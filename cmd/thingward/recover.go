package main

import "github.com/thingward/thingward/server"

type recoverCmd struct {
	Data        string `required:"" env:"THINGWARD_DATA" help:"The server's data folder; the server must be stopped."`
	Account     string `required:"" help:"Name of the person who lost the password."`
	ResetFactor bool   `help:"Remove the person's second factor too, because it is lost."`
	Config      string `type:"existingfile" help:"The server's configuration file, where it has one."`
	Database    string `help:"Database URL; SQLite in the data folder when absent."`
}

// Run makes a one-time sign-in link; it is shown this once.
func (c *recoverCmd) Run(t *terminal) error {
	f := listenFlags{Config: c.Config, Database: c.Database}
	cfg, err := f.load(c.Data)
	if err != nil {
		return err
	}
	link, expires, err := server.Recover(t.ctx, cfg, server.Recovery{Account: c.Account, DropFactor: c.ResetFactor})
	if err != nil {
		return err
	}
	return t.show(object{"account": c.Account, "link": link, "expires": expires.Format("2006-01-02T15:04:05Z07:00"), "next": "start the server, open the link, choose a new password"}, "account", "link", "expires", "next")
}
