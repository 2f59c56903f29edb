package server

import (
	"context"
	"crypto/fips140"

	"github.com/thingward/thingward/server/posture"
)

// fipsRequired asks a copy of the configuration in force for FIPS mode. It must be taken where the cryptographic module is in that
// mode and refused where it is not, and the certificate authority must show which of the two it is.
func (s *Server) fipsRequired(ctx context.Context) (posture.ProbeResult, error) {
	shown, err := s.identity.Facts(ctx)
	if err != nil {
		return posture.ProbeResult{}, err
	}
	c := s.config
	c.RequireFIPS = true
	taken := c.Check() == nil
	switch on := fips140.Enabled(); {
	case shown.FIPS != on:
		return broke("the mode that is shown is not the one in which the module runs"), nil
	case taken && !on:
		return broke("FIPS mode can be required while the module is not in it"), nil
	case !taken && on:
		return broke("FIPS mode cannot be required although the module is in it"), nil
	case on:
		return held("the module is shown in FIPS mode, and a configuration that requires it is taken"), nil
	default:
		return held("the module is shown outside FIPS mode, and a configuration that requires it is refused"), nil
	}
}
