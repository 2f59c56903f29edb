package kinds

import (
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

const (
	linksRegistered = "all are in the register"
	linksNone       = "there are none"
)

// SystemGovernance serves GVN-01: who answers for a system, with which duties.
func SystemGovernance() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "system-governance", Title: "Governance of a system", About: records.System, Life: Year,
			Purpose: "Names the system's owner and executive with their duties, and the roles of staff and third parties.",
			Looks:   []records.About{records.Link},
			Form: []records.Field{
				person("systemOwner", "Owner", "Who answers for the system's security."),
				rows("ownerDuties", "Duties of the owner", "", line("duty", "Duty", "")),
				person("executive", "Executive", "Who carries the system's risk for the organisation."),
				rows("executiveDuties", "Duties of the executive", "", line("duty", "Duty", "")),
				rows("staff", "Roles of staff", "In protecting data and equipment.", line("role", "Role", ""), prose("part", "Part in protecting", "")),
				rows("thirdParties", "Roles of third parties", "One row that says so where no third party has a part.", line("party", "Party", ""), prose("part", "Part in protecting", "")),
				choice("links", "Links to outside data services", "The cloud included.", linksRegistered, linksNone),
			},
			Check: differentPeople,
			Example: records.Body{
				"systemOwner": "mara", "ownerDuties": table("duty", cells{"decides exceptions and risks up to moderate"}, cells{"keeps records of the system current"}),
				"executive": "jonas", "executiveDuties": table("duty", cells{"accepts risks above moderate"}, cells{"gives budget and people to put findings right"}),
				"staff": table("role part", cells{"facility engineer", "Mounts devices, checks seals and reports damage."},
					cells{"operator", "Watches alerts and quarantines what misbehaves."}),
				"thirdParties": table("party part", cells{"installer", "Mounts devices under supervision, without access to data."}),
				"links":        linksRegistered,
			},
		},
		Serves: []Serves{
			{"GVN-01", "system-charter", "system-charter", "The system has a current record of owner, executive, duties and roles", ownerAgrees},
			{"GVN-01", "named-people-active", "people-active", "Owner and executive have active accounts", PeopleActive},
			{"GVN-01", "link-owner", "links-agree", "What the record says of outside services agrees with the register of links", linksAgree},
		},
	}
}

// differentPeople refuses an executive who would only answer to themselves.
func differentPeople(b records.Body, _ records.Object) []records.Fault {
	if b["executive"] == b["systemOwner"] {
		return []records.Fault{{Path: "executive", Message: "is the owner too: name somebody to whom the owner answers"}}
	}
	return nil
}

// ownerAgrees is Current where the registry does not name another owner.
func ownerAgrees(d *records.Duty, now time.Time) posture.Verdict {
	v := Current(d, now)
	if v.Status != "pass" {
		return v
	}
	if named, _ := d.InForce.Body["systemOwner"].(string); d.Object.Owner != "" && d.Object.Owner != named {
		return posture.Fail("the record names %s as owner, and the system %s", named, d.Object.Owner).At(v.Until)
	}
	return v
}

// linksAgree compares the record's word on outside services with the links registered for the system.
func linksAgree(d *records.Duty, now time.Time) posture.Verdict {
	v := Current(d, now)
	if v.Status != "pass" {
		return v
	}
	links := 0
	for _, l := range d.Objects[records.Link] {
		if l.System == d.Object.Name && !l.Retired {
			links++
		}
	}
	switch said := d.InForce.Body["links"]; {
	case said == linksNone && links > 0:
		return posture.Fail("the record says that there are no links, and %d are registered", links).At(v.Until)
	case said == linksRegistered && links == 0:
		return posture.Fail("the record says that the links are registered, and none is").At(v.Until)
	case links == 0:
		return posture.NotApplicable("the approved record says that it has no link to an outside service").At(v.Until)
	default:
		return posture.Pass("%d registered", links).At(v.Until)
	}
}
