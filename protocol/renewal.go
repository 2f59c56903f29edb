package protocol

import (
	"crypto/x509"
	"time"
)

// RenewAt is when the holder of a certificate renews it: a point between 61 % and 72 % of its life, spread by the serial number,
// which is random, so that a fleet enrolled in one day does not renew in one minute (CRD-10). It is the same each time it is
// asked, so that a restart does not move it.
func RenewAt(c *x509.Certificate) time.Time {
	life := c.NotAfter.Sub(c.NotBefore)
	spread := 0.0
	for _, b := range c.SerialNumber.Bytes() {
		spread = spread/256 + float64(b)/256
	}
	return c.NotBefore.Add(time.Duration((0.61 + 0.11*min(spread, 1)) * float64(life)))
}
