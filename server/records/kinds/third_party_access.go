package kinds

import (
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// ThirdPartyAccess serves RMT-02: who of a third party has access, to what, and until when.
func ThirdPartyAccess() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "third-party-access", Title: "Third-party access", About: records.Access, Life: Year,
			Purpose: "Names the person behind a third-party access, its role, its purpose and its end.",
			Form: []records.Field{
				line("name", "Person and company", ""),
				person("account", "Account", "Of this person alone."),
				line("role", "Role", "As the policy names it."),
				line("devices", "Devices", "Names, types or site."),
				prose("purpose", "Purpose", ""),
				line("data", "Data that leaves", "Or \"none\"."),
				person("sponsor", "Sponsor here", ""),
				ends("until", "Ends on", ""),
			},
			Example: records.Body{
				"name": "Jo Lindt, HeatPump AG", "account": "jlindt", "role": "Maker's service", "devices": "Heat pumps of site north", "purpose": "Diagnosis of the compressor fault of May.", "data": "Compressor telemetry, five minute means", "sponsor": "olga", "until": "+30d",
			},
		},
		Serves: []Serves{
			{"RMT-02", "access-within-policy", "access-in-date", "The third-party access is named, in date and inside the end of its entry", accessInDate},
			{"RMT-02", "access-within-policy", "access-people", "Account and sponsor of the third-party access are active", PeopleActive},
		},
	}
}

// accessInDate compares the record with the end that the register has for the access, where it has one.
func accessInDate(d *records.Duty, now time.Time) posture.Verdict {
	return onRecord(func(r *records.Record) posture.Verdict {
		good := posture.Pass("%s, %s, until %s", cell(r.Body, "name"), cell(r.Body, "role"), cell(r.Body, "until"))
		last, ok := dayOf(d.Object.Facts, "ends")
		switch {
		case !ok:
			return good
		case !now.Before(last.Add(day)):
			return posture.Fail("the register ends this access on %s: retire the entry", posture.Day(last))
		default:
			return good.At(last.Add(day))
		}
	})(d, now)
}
