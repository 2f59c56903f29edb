package server

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/probe"
)

// configTries check copies of the configuration in force that each have one setting no configuration may have.
func (s *Server) configTries() map[string]probe.Try {
	return map[string]probe.Try{
		"config.oversize-limit":  s.refusedSetting("a packet limit of 1 GiB", func(c *Config) { c.MaxMessage = 1 << 30 }),
		"config.short-retention": s.refusedSetting("a retention of one hour", func(c *Config) { c.MessagesKept = time.Hour }),
		"config.weak-tls":        s.refusedSetting("TLS 1.1", func(c *Config) { c.MinTLS = "1.1" }),
	}
}

// refusedSetting is held when the configuration passes as it is and does not with the setting spoilt.
func (s *Server) refusedSetting(what string, spoil func(*Config)) probe.Try {
	return probe.Refused(what, func(context.Context) error {
		c := s.config
		if err := c.Check(); err != nil {
			return fmt.Errorf("the configuration in force does not pass: %w", err)
		}
		spoil(&c)
		if err := c.Check(); err != nil {
			return fleet.Errorf(fleet.CodeInvalid, "%v", err)
		}
		return nil
	})
}
