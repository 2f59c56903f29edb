package kinds

import (
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/records"
)

// judged finds what a kind says under a check, after its good duty was spoilt.
func judged(t *testing.T, s Spec, name string, spoil func(d *records.Duty)) (fleet.Status, string) {
	t.Helper()
	for _, v := range s.Serves {
		if v.Name == name {
			d := dutyOf(s)
			spoil(d)
			got := v.Judge(d, testNow)
			return got.Status, got.Reason
		}
	}
	t.Fatalf("%s serves no %s", s.Name, name)
	return "", ""
}

// row is a row of a table of the record in force.
func row(d *records.Duty, table string, n int) map[string]any {
	return rowsOf(d.InForce.Body, table)[n]
}

// Each line turns one check red, or unknown, by something that a person may well write down.
func TestWhatIsWrittenCounts(t *testing.T) {
	open := func(d *records.Duty) {
		d.Items = []records.Item{{Title: "Session timeout", Owner: "olga", Opened: testNow.Add(-day), Due: testNow.Add(day)}}
	}
	overdue := func(d *records.Duty) {
		d.Items = []records.Item{{Title: "Session timeout", Owner: "olga", Opened: testNow.Add(-9 * day), Due: testNow.Add(-day)}}
	}
	for _, tc := range []struct {
		spec   Spec
		check  string
		want   fleet.Status
		reason string
		spoil  func(d *records.Duty)
	}{
		{HostHardening(), "host-items", fleet.Fail, "Session timeout", open},
		{HostHardening(), "host-items", fleet.Unknown, "3 items", func(d *records.Duty) { d.InForce.Body["unchecked"] = 3.0 }},
		{BluetoothChecklist(), "deficiencies-on-time", fleet.Fail, "was due", overdue},
		{MobileClient(), "client-keys", fleet.Fail, softwareKeys, func(d *records.Duty) { d.InForce.Body["keys"] = softwareKeys }},
		{SpareStock(), "stock-sufficient", fleet.Fail, "2 of at least 5", func(d *records.Duty) { row(d, "parts", 0)["stock"] = 2.0 }},
		{SpareStock(), "stock-sufficient", fleet.Fail, "9 of at least 12", func(d *records.Duty) {
			row(d, "parts", 0)["stock"] = 9.0
			rowsOf(d.Others[0].Body, "parts")[0]["minimum"] = 12.0
		}},
		{SpareStock(), "stock-sufficient", fleet.Fail, "not counted: Hinge", func(d *records.Duty) { rowsOf(d.Others[0].Body, "parts")[1]["part"] = "Hinge" }},
		{SpareStock(), "stock-sufficient", fleet.Pass, "all 2", func(d *records.Duty) { row(d, "parts", 0)["part"] = "lock  BODY complete" }},
		{SpareStock(), "stock-sufficient", fleet.Pass, "all 2", func(d *records.Duty) {
			rowsOf(d.Others[0].Body, "parts")[1]["part"] = "Hinge"
			d.Others[0].Object.ID = "another type's plan"
		}},
		{SpareStock(), "stock-sufficient", fleet.Fail, "6 of at least 7", func(d *records.Duty) {
			d.Others = nil
			row(d, "parts", 0)["stock"], row(d, "parts", 0)["minimum"] = 6.0, 7.0
		}},
		{RegionDrill(), "regions-drilled", fleet.Fail, "took 9 minutes of 5", func(d *records.Duty) { row(d, "regions", 0)["minutes"] = 9.0 }},
		{RegionDrill(), "regions-drilled", fleet.Fail, "manual", func(d *records.Duty) { row(d, "regions", 1)["manual"] = "some" }},
		{RegionDrill(), "regions-drilled", fleet.Fail, "south: failed", func(d *records.Duty) { row(d, "regions", 1)["outcome"] = failed }},
		{GatewayDrill(), "clusters-drilled", fleet.Fail, "no second gateway", func(d *records.Duty) { row(d, "clusters", 0)["gateways"] = 1.0 }},
		{GatewayDrill(), "clusters-drilled", fleet.Fail, "load sharing", func(d *records.Duty) { row(d, "clusters", 0)["load"] = failed }},
		{TwinDrill(), "drill-succeeded", fleet.Fail, failed, func(d *records.Duty) { d.InForce.Body["outcome"] = failed }},
		{UpdateDrill(), "drill-succeeded", fleet.Unknown, "how the drill", func(d *records.Duty) { delete(d.InForce.Body, "outcome") }},
		{RootOfTrust(), "evidence-current", fleet.Fail, "secure boot", func(d *records.Duty) { d.InForce.Body["secureBoot"] = "not shown" }},
		{RootOfTrust(), "evidence-current", fleet.Fail, "no root", func(d *records.Duty) { d.InForce.Body["root"] = "none" }},
		{GatewayModule(), "validation-active", fleet.Fail, "historical", func(d *records.Duty) { d.InForce.Body["status"] = "historical" }},
		{LiabilityAssessment(), "warnings-posted", fleet.NotApplicable, "nobody", func(d *records.Duty) { d.InForce.Body["contact"] = noContact }},
		{LiabilityAssessment(), "warnings-posted", fleet.Fail, "no warning", func(d *records.Duty) { delete(d.InForce.Body, "notices") }},
		{ContinuityPlan(), "contacts-active", fleet.Fail, "theo", func(d *records.Duty) { d.People["theo"] = false }},
		{IncidentPlan(), "contacts-know", fleet.Fail, "not acknowledged by olga", func(d *records.Duty) { d.Acks = append(d.Acks, records.Ack{Account: "olga"}) }},
		{TypeThreatModel(), "type-threats", fleet.Fail, "no rating", func(d *records.Duty) { row(d, "threats", 0)["rating"] = "" }},
		{TypeThreatModel(), "type-mitigations", fleet.Fail, "was due", overdue},
		{TypeThreatModel(), "type-mitigations", fleet.Fail, "was released", func(d *records.Duty) {
			open(d)
			d.Items[0].Opened = testNow.Add(-5 * day)
			d.Others[0].Object.Facts["type"] = d.Object.Name
		}},
		{TypeThreatModel(), "type-mitigations", fleet.Pass, "1 open", func(d *records.Duty) {
			open(d)
			d.Items[0].Opened = testNow.Add(-5 * day)
			d.Others[0].Object.Facts["type"] = "another"
		}},
		{ReleaseResults(), "requirements-passed", fleet.Fail, "test failed", func(d *records.Duty) { row(d, "requirements", 0)["result"] = failed }},
		{AttackerProfiles(), "profiles-linked", fleet.Fail, "names no threat", func(d *records.Duty) { row(d, "profiles", 0)["threats"] = "Weather" }},
		{AttackerProfiles(), "profiles-linked", fleet.Fail, "names no threat", func(d *records.Duty) { d.Others = nil }},
		{ThreatFeeds(), "feeds-fresh", fleet.Fail, "due every 30 days", func(d *records.Duty) {
			row(d, "feeds", 0)["updated"] = testNow.AddDate(0, 0, -31).Format(time.DateOnly)
		}},
		{ThreatFeeds(), "feeds-fresh", fleet.Fail, "not known", func(d *records.Duty) { row(d, "feeds", 0)["updated"] = testNow.AddDate(0, 0, 9).Format(time.DateOnly) }},
		{AdminActivityReview(), "reviewed", fleet.Fail, "less than a week", func(d *records.Duty) { d.InForce.Body["from"] = testNow.AddDate(0, 0, -3).Format(time.DateOnly) }},
		{ComputerClaim(), "claim-positive", fleet.Fail, "not met", func(d *records.Duty) { row(d, "protections", 2)["state"] = "not met" }},
		{DataStore(), "store-evaluated", fleet.Fail, "without encryption", func(d *records.Duty) { d.InForce.Body["encryption"] = "none" }},
		{ProviderPerformance(), "figures-compared", fleet.Pass, "the breach is an item", func(d *records.Duty) { d.InForce.Body["uptime"] = 98.0 }},
		{ProviderPerformance(), "figures-compared", fleet.Fail, "no breach was opened", func(d *records.Duty) {
			d.InForce.Body["uptime"] = 98.0
			delete(d.InForce.Body, "breaches")
		}},
		{ProviderPerformance(), "figures-compared", fleet.Fail, "no agreement", func(d *records.Duty) { d.Others = nil }},
		{SupplierPerformance(), "times-compared", fleet.Fail, "no agreement", func(d *records.Duty) { d.Others[0].Expires = testNow }},
		{SupplierPerformance(), "times-compared", fleet.Fail, "not every breach", func(d *records.Duty) {
			delete(row(d, "cases", 0), "patched")
			delete(d.InForce.Body, "breaches")
		}},
		{ThirdPartyAccess(), "access-in-date", fleet.Fail, "retire the entry", func(d *records.Duty) { d.Object.Facts["ends"] = testNow.AddDate(0, 0, -1).Format(time.DateOnly) }},
		{AdministratorTraining(), "administrator-trained", fleet.Fail, "no course that is approved", func(d *records.Duty) { d.InForce.Body["course"] = "Bee keeping" }},
		{UserTraining(), "user-trained", fleet.Fail, "no course that is approved", func(d *records.Duty) { d.Others[0].Expires = testNow }},
		{StagingCoverage(), "versions-covered", fleet.Fail, "none in staging", func(d *records.Duty) { row(d, "versions", 1)["staging"] = 0.0 }},
	} {
		if status, reason := judged(t, tc.spec, tc.check, tc.spoil); status != tc.want || !strings.Contains(reason, tc.reason) {
			t.Errorf("%s, %s: %s (%s), want %s (%s)", tc.spec.Name, tc.check, status, reason, tc.want, tc.reason)
		}
	}
}

// What no single field can say is refused at submission, with the place.
func TestFormsThatDoNotAddUp(t *testing.T) {
	for _, tc := range []struct {
		spec  Spec
		path  string
		spoil func(b records.Body)
	}{
		{BluetoothChecklist(), "deficiencies", func(b records.Body) {
			rowsOf(b, "areas")[0]["result"] = "not met"
			delete(b, "deficiencies")
		}},
		{InspectionRound(), "looked", func(b records.Body) { b["looked"] = 121.0 }},
		{TwinDrill(), "outcome", func(b records.Body) { b["arrivals"] = 2.0 }},
		{UpdateDrill(), "outcome", func(b records.Body) { b["tampered"] = "was installed" }},
		{LegacyEvaluation(), "replacedBy", func(b records.Body) { delete(b, "replacedBy") }},
		{LegacyEvaluation(), "gateway", func(b records.Body) { delete(b, "gateway") }},
		{LiabilityAssessment(), "limits", func(b records.Body) { delete(b, "limits") }},
		{LiabilityAssessment(), "notices", func(b records.Body) { delete(b, "notices") }},
		{ContinuityPlan(), "second", func(b records.Body) { b["second"] = b["first"] }},
		{ContinuityPlan(), "channels", func(b records.Body) { rowsOf(b, "channels")[1]["channel"] = "telephone" }},
		{IncidentPlan(), "technical", func(b records.Body) { b["technical"] = b["business"] }},
		{SafetyAssessment(), "hazards", func(b records.Body) { delete(b, "hazards") }},
		{AdminActivityReview(), "from", func(b records.Body) { b["from"] = b["to"].(string)[:4] + "-12-31" }},
		{AdminActivityReview(), "logTo", func(b records.Body) { b["logTo"] = 1.0 }},
		{DataSource(), "authentication", func(b records.Body) { b["authentication"] = "none" }},
		{ChangeBoard(), "quorum", func(b records.Body) { b["quorum"] = 4.0 }},
		{ChangeBoard(), "members[1].member", func(b records.Body) { rowsOf(b, "members")[1]["member"] = "mara" }},
	} {
		b := tc.spec.ExampleOn(testNow)
		tc.spoil(b)
		faults := tc.spec.Check(b, object(tc.spec.About))
		if len(faults) == 0 || faults[0].Path != tc.path || faults[0].Message == "" {
			t.Errorf("%s: %v, want a fault at %s", tc.spec.Name, faults, tc.path)
		}
	}
}
