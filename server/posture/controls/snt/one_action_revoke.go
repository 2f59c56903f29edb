package snt

import "github.com/thingward/thingward/server/posture"

// OneActionRevoke is a gate of SNT-06: the probe revoke.gateway retires a connected gateway on a bench and looks whether its
// sessions end, its certificate is revoked and it is refused from then on. Servers hold certificates of the same authority.
func OneActionRevoke() posture.Gate {
	return posture.Gate{
		ID: "SNT-06/one-action-revoke", Control: "SNT-06", Obligation: "one-action-revoke",
		Title:  "One action revokes a gateway and cuts all its connections",
		Probes: []string{"revoke.gateway"}, Events: []string{"certificate.revoked", "device.retired"},
	}
}
