package main

import (
	"net/http"
	"net/url"

	"github.com/thingward/thingward/fleet"
)

type profileCmd struct {
	List   profileListCmd   `cmd:"" help:"List the industry profiles."`
	Get    profileGetCmd    `cmd:"" help:"Show what weighs more in an industry, and why."`
	Choose profileChooseCmd `cmd:"" help:"Let a profile weigh the controls."`
}

type profileListCmd struct{}

// Run lists profiles.
func (*profileListCmd) Run(t *terminal) error {
	return getList(t, "/profiles", url.Values{}, 0, "id", "active", "name", "summary")
}

type profileGetCmd struct {
	ID string `arg:""`
}

// Run shows a profile's weights.
func (c *profileGetCmd) Run(t *terminal) error {
	cl, err := signedIn()
	if err != nil {
		return err
	}
	items, err := cl.list(t.ctx, "/profiles", nil, 0)
	if err != nil {
		return err
	}
	for _, p := range items {
		if p["id"] == c.ID {
			if t.format != "table" {
				return t.encode(p)
			}
			return t.showList(objectsOf(p["weights"]), "control", "weight", "reason")
		}
	}
	return fleet.Errorf(fleet.CodeNotFound, "there is no profile %q: thingward profile list shows what there is", c.ID)
}

type profileChooseCmd struct {
	ID     string `arg:"" help:"A profile, or none."`
	Reason string `required:"" help:"Why it fits."`
}

// Run chooses a profile.
func (c *profileChooseCmd) Run(t *terminal) error {
	if c.ID == "none" {
		c.ID = ""
	}
	out, err := ask(t, http.MethodPut, "/posture/profile", object{"id": c.ID, "reason": c.Reason})
	if err != nil {
		return err
	}
	return t.showList(objectsOf(out["items"]), "id", "active", "name")
}
