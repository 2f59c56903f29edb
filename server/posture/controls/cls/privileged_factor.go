package cls

import (
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// PrivilegedFactor checks CLS-11: a password alone must not open what a privileged role may do.
func PrivilegedFactor() posture.Check {
	return posture.Check{
		ID: "CLS-11/privileged-factor", Control: "CLS-11", Obligation: "privileged-mfa",
		Title: "Every privileged person has a second factor",
		Reads: "account roles, enrolled factors", Subject: posture.Account,
		Eval: posture.On(func(f *posture.AccountFacts, _ time.Time) posture.Verdict {
			privileged := slices.ContainsFunc(f.Roles, func(r string) bool { return slices.Contains(privilegedRoles, r) })
			switch {
			case f.Kind != "person" || f.State == "disabled":
				return posture.NotApplicable("no person, or disabled")
			case !privileged:
				return posture.NotApplicable("holds no privileged role")
			case !f.MFA:
				return posture.Fail("holds %s without a second factor", strings.Join(f.Roles, ", "))
			default:
				return posture.Pass("a second factor is enrolled")
			}
		}),
	}
}

var privilegedRoles = []string{"system-administrator", "system-operator", "key-manager", "auditor"}
