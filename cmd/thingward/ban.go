package main

import (
	"net/http"
	"net/url"
	"strconv"
)

type banCmd struct {
	List banListCmd `cmd:"" default:"1" help:"List bans, newest first."`
	Add  banAddCmd  `cmd:"" help:"Ban a device, a service account or an address from device protocols; its live sessions are cut."`
	Lift banLiftCmd `cmd:"" help:"Lift a ban before its time."`
}

type banListCmd struct {
	limitFlags
	Past bool `help:"Also those that ran out or were lifted."`
}

// Run lists bans.
func (c *banListCmd) Run(t *terminal) error {
	return getList(t, "/bans", query("past", strconv.FormatBool(c.Past)), c.Limit, "id", "kind", "target", "name", "cause", "placed", "placedBy", "until", "active", "reason")
}

type banAddCmd struct {
	Device  string  `xor:"who" help:"Id or name of the device."`
	Account string  `xor:"who" help:"Id or name of the service account."`
	Address string  `xor:"who" help:"Address or prefix, such as 192.0.2.7 or 2001:db8::/48."`
	Reason  string  `required:"" help:"Why; shown to operators, not to who is banned."`
	Hours   float64 `help:"How long; until it is lifted when left out."`
}

// Run places a ban.
func (c *banAddCmd) Run(t *terminal) error {
	in := object{"device": c.Device, "account": c.Account, "address": c.Address, "reason": c.Reason}
	if c.Hours != 0 {
		in["hours"] = c.Hours
	}
	return sendOne(t, http.MethodPost, "/bans", in, "id", "kind", "target", "name", "until")
}

type banLiftCmd struct {
	ID     string `arg:""`
	Reason string `required:"" help:"Why."`
}

// Run lifts a ban.
func (c *banLiftCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/bans/"+url.PathEscape(c.ID)+"/lift", object{"reason": c.Reason}, "id", "kind", "target", "lifted")
}
