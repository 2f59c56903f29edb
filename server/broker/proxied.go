package broker

import (
	"crypto/tls"
	"net/netip"
	"slices"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/proxyproto"
)

// reasonProxy refuses a PROXY protocol header from whom none is taken, and a balancer's connection without a right one.
const reasonProxy = "proxy-header"

// fromProxy reports whether an address is that of a balancer whose header is taken, and asked for.
func (s *Service) fromProxy(a netip.Addr) bool {
	return slices.ContainsFunc(s.ProxyFrom, func(p netip.Prefix) bool { return p.Contains(a) })
}

// acceptProxied starts a connection that a balancer passes on. It counts as open while its header is waited for; the sweep closes
// it when none comes in time. From the header on, the client's own address is what bans, limits and events look at.
func (s *Service) acceptProxied(c *conn, config *tls.Config) {
	if !s.enter(c) {
		s.refuseEarly(c, reasonFull)
		_ = c.raw.Close()
		return
	}
	go func() {
		h, err := proxyproto.Read(c.raw)
		if err != nil {
			s.refuseConnection(c, reasonProxy, "the balancer sent no right header: "+err.Error())
			c.leave()
			return
		}
		if !h.Local {
			c.ip = h.Source.Addr().Unmap().WithZone("")
			c.address = c.ip.String()
			c.party = fleet.Anonymous(c.address)
		}
		if !s.counts(c) {
			c.leave()
			return
		}
		s.shake(c, config)
	}()
}
