package access

import (
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
)

// AuditorMost is how far ahead the end of an auditor's account may lie: an audit that takes longer has it renewed.
const AuditorMost = 366 * 24 * time.Hour

// auditorEnds refuses an auditor whose account does not end by itself within AuditorMost: who reads everything, and often is
// no member of the organisation, is not forgotten.
func (s *Service) auditorEnds(roles []Role, expires *time.Time) error {
	if !slices.Contains(roles, Auditor) {
		return nil
	}
	latest := s.Clock.Now().Add(AuditorMost)
	switch {
	case expires == nil:
		return fleet.Invalid("expires", fmt.Sprintf("is required with the role %s: give the account an end (--expires, or thingward account expire), at most 366 days ahead", Auditor))
	case expires.After(latest):
		return fleet.Invalid("expires", fmt.Sprintf("is more than 366 days away, and the account of an auditor ends before: give %s or earlier, and renew it then", latest.Format(time.DateOnly)))
	}
	return nil
}
