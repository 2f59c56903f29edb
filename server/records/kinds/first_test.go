package kinds

import (
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/records"
)

// said is what a judge of a kind must say of a duty that was spoilt in one way.
type said struct {
	name   string
	kind   Spec
	check  string // RSM-01/duties-covered
	spoil  func(d *records.Duty)
	want   fleet.Status
	reason string
}

func TestJudgesSeeViolations(t *testing.T) {
	row := func(d *records.Duty, table string, i int) map[string]any { return rowsOf(d.InForce.Body, table)[i] }
	for _, tc := range []said{
		{"baseline of another version", TypeBaseline(), "type-baseline-reviewed", func(d *records.Duty) { d.Object.Facts["version"] = "1.3.0" }, fleet.Fail, "the manifest is 1.3.0 now, and 1.2.0 was reviewed"},
		{"manifest not known", TypeBaseline(), "type-baseline-reviewed", func(d *records.Duty) { delete(d.Object.Facts, "version") }, fleet.Unknown, "not known"},
		{"no baseline at all", LegalObligations(), "duties-covered", func(d *records.Duty) { d.Others = nil }, fleet.Fail, "CRA Annex I, GDPR Article 32"},
		{"duty that no baseline meets", LegalObligations(), "duties-covered", func(d *records.Duty) { row(d, "duties", 0)["reference"] = "RED Article 3.3" }, fleet.Fail, "RED Article 3.3"},
		{"baseline has expired", LegalObligations(), "duties-covered", func(d *records.Duty) { expire(d.Others) }, fleet.Fail, "no baseline in force"},
		{"baseline was altered", LegalObligations(), "duties-covered", func(d *records.Duty) { alter(d.Others) }, fleet.Fail, "no baseline in force"},
		{"standards only", LegalObligations(), "duties-covered", func(d *records.Duty) {
			row(d, "duties", 0)["nature"], row(d, "duties", 1)["nature"] = "standard", "contract"
		}, fleet.NotApplicable, "no law or regulation"},
		{"owner has not acknowledged", LegalObligations(), "owner-acknowledged", func(d *records.Duty) { d.Acks[0].At = time.Time{} }, fleet.Fail, "not acknowledged by mara"},
		{"system without owner", LegalObligations(), "owner-acknowledged", func(d *records.Duty) { d.Acks = nil }, fleet.Fail, "nobody is named"},
		{"another owner", SystemGovernance(), "system-charter", func(d *records.Duty) { d.Object.Owner = "lena" }, fleet.Fail, "the record names mara as owner, and the system lena"},
		{"executive has left", SystemGovernance(), "people-active", func(d *records.Duty) { d.People["jonas"] = false }, fleet.Fail, "no active account: jonas"},
		{"registered link, none said", SystemGovernance(), "links-agree", func(d *records.Duty) { d.InForce.Body["links"] = linksNone }, fleet.Fail, "1 are registered"},
		{"links said, none registered", SystemGovernance(), "links-agree", func(d *records.Duty) { d.Objects = nil }, fleet.Fail, "none is"},
		{"link of another system", SystemGovernance(), "links-agree", func(d *records.Duty) { d.Objects[records.Link][0].System = "other" }, fleet.Fail, "none is"},
		{"no links, none said", SystemGovernance(), "links-agree", func(d *records.Duty) { d.InForce.Body["links"], d.Objects = linksNone, nil }, fleet.NotApplicable, "no link"},
		{"nobody answers for the link", LinkResponsibility(), "link-accountable", func(d *records.Duty) { d.People["mara"] = false }, fleet.Fail, "mara"},
		{"overdue nonconformity", IndependentAssessment(), "nonconformities-on-time", overdue, fleet.Fail, "was due on"},
		{"nonconformity of nobody", IndependentAssessment(), "nonconformities-on-time", func(d *records.Duty) { overdue(d); d.Items[0].Owner = "" }, fleet.Fail, "no owner"},
		{"nonconformity put right", IndependentAssessment(), "nonconformities-on-time", func(d *records.Duty) { overdue(d); d.Items[0].Closed = testNow.Add(-time.Hour) }, fleet.Pass, "no item is open"},
		{"overdue although the list has ended", IndependentAssessment(), "nonconformities-on-time", func(d *records.Duty) { overdue(d); d.InForce.Expires = testNow }, fleet.Fail, "was due on"},
		{"administrator has not read the findings", PrivacyAssessment(), "findings-acknowledged", func(d *records.Duty) { d.Acks[0].At = time.Time{} }, fleet.Fail, "not acknowledged"},
		{"late report", DisclosureCases(), "reports-on-time", overdue, fleet.Fail, "was due on"},
		{"hit that is open but not overdue", RepositorySecrets(), "repository-secrets", func(d *records.Duty) { overdue(d); d.Items[0].Due = testNow.Add(day) }, fleet.Fail, "still open"},
		{"hit that was dealt with", RepositorySecrets(), "repository-secrets", func(d *records.Duty) { overdue(d); d.Items[0].Closed = testNow.Add(-time.Hour) }, fleet.Pass, ""},
		{"finding in a web service", WebServiceResult(), "result-clean", overdue, fleet.Fail, "still open"},
		{"industry without certificate", OSCertification(), "certificate-valid", func(d *records.Duty) { d.Object.Facts["industries"] = []string{"medical", "rail"} }, fleet.Fail, "used in rail"},
		{"industries not known", OSCertification(), "certificate-valid", func(d *records.Duty) { delete(d.Object.Facts, "industries") }, fleet.Unknown, "does not say"},
		{"reader of advisories has left", ComponentAdvisories(), "source-known", func(d *records.Duty) { d.People["mara"] = false }, fleet.Fail, "mara"},
	} {
		v := judgeOf(t, tc.kind, tc.check)
		d := dutyOf(tc.kind)
		if was := v.Judge(d, testNow); was.Status != fleet.Pass {
			t.Errorf("%s, before: %s (%s)", tc.name, was.Status, was.Reason)
		}
		tc.spoil(d)
		is := v.Judge(d, testNow)
		if is.Status != tc.want || !strings.Contains(is.Reason, tc.reason) {
			t.Errorf("%s: %s (%s), want %s with %q", tc.name, is.Status, is.Reason, tc.want, tc.reason)
		}
		stable(t, v, d, is)
	}
}

func judgeOf(t *testing.T, s Spec, name string) Serves {
	t.Helper()
	for _, v := range s.Serves {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("%s has no check %s", s.Name, name)
	return Serves{}
}

func overdue(d *records.Duty) {
	d.Items = append(d.Items, records.Item{ID: "i1", Title: "Case seals", Owner: "mara", Due: testNow.Add(-day), Opened: testNow.Add(-9 * day)})
}

func expire(all []records.Record) {
	for i := range all {
		all[i].Expires = testNow
	}
}

func alter(all []records.Record) {
	for i := range all {
		all[i].Altered = "another hash"
	}
}

// What a kind asks for beyond its form: each bad form is refused at one place.
func TestFormsAreRefused(t *testing.T) {
	row := func(b records.Body, table string, i int) map[string]any { return rowsOf(b, table)[i] }
	for _, tc := range []struct {
		name  string
		kind  Spec
		spoil func(b records.Body)
		path  string
	}{
		{"clause of no control", SecurityPolicy(), func(b records.Body) { row(b, "clauses", 1)["controls"] = "COM-08, XYZ-99" }, "clauses[1].controls"},
		{"clause measured by its own control", SecurityPolicy(), func(b records.Body) { row(b, "clauses", 0)["controls"] = "TSP-01" }, "clauses[0].controls"},
		{"clause measured by nothing", SecurityPolicy(), func(b records.Body) { row(b, "clauses", 0)["controls"] = "COM-08," }, "clauses[0].controls"},
		{"executive who is the owner", SystemGovernance(), func(b records.Body) { b["executive"] = b["systemOwner"] }, "executive"},
		{"neither obligations nor a reason", LegalObligations(), func(b records.Body) { delete(b, "duties") }, "duties"},
		{"obligations and a reason for none", LegalObligations(), func(b records.Body) { b["none"] = "No law applies to a test bench." }, "none"},
		{"period backwards", ConfigurationAudit(), func(b records.Body) { b["from"] = "2027-01-01" }, "from"},
		{"more looked at than there was", ConfigurationAudit(), func(b records.Body) { b["looked"] = 213.0 }, "looked"},
		{"target below the score", SoftwareMaturity(), func(b records.Body) { row(b, "practices", 3)["target"] = 1.0 }, "practices[3].target"},
		{"triage skipped", DisclosureCases(), func(b records.Body) { delete(row(b, "cases", 0), "triaged") }, "cases[0].triaged"},
		{"fix skipped", DisclosureCases(), func(b records.Body) { row(b, "cases", 0)["stage"] = "publication" }, "cases[0].fixed"},
		{"triaged before it arrived", DisclosureCases(), func(b records.Body) { row(b, "cases", 0)["triaged"] = "2020-01-01" }, "cases[0].triaged"},
		{"fixed before it was triaged", DisclosureCases(), func(b records.Body) {
			row(b, "cases", 0)["stage"], row(b, "cases", 0)["fixed"] = "publication", "2020-01-01"
		}, "cases[0].fixed"},
		{"due beyond the limit", DisclosureCases(), func(b records.Body) { row(b, "cases", 1)["due"] = "2027-03-01" }, "cases[1].due"},
		{"open debug interface", HardwareChecklist(), func(b records.Body) { row(b, "interfaces", 0)["state"] = interfaceOpen }, "interfaces[0].state"},
		{"open without need", HardwareChecklist(), func(b records.Body) { row(b, "interfaces", 3)["state"] = interfaceOpen }, "interfaces[3].need"},
		{"capability without evidence", OSCapabilities(), func(b records.Body) { delete(row(b, "capabilities", 2), "evidence") }, "capabilities[2].evidence"},
		{"lack without what stands in", OSCapabilities(), func(b records.Body) { row(b, "capabilities", 2)["present"] = "no" }, "capabilities[2].instead"},
		{"sensitive code on the ordinary side", SeparationEvidence(), func(b records.Body) { row(b, "labels", 0)["side"] = "ordinary side" }, "labels"},
		{"no sensitive code", SeparationEvidence(), func(b records.Body) { row(b, "labels", 0)["label"] = "ordinary" }, "labels"},
		{"decided before it arrived", ComponentReviews(), func(b records.Body) { row(b, "reviews", 0)["decided"] = "2020-01-01" }, "reviews[0].decided"},
		{"library left out", ReleaseScan(), func(b records.Body) { row(b, "scans", 1)["covered"] = 40.0 }, "scans[1].covered"},
	} {
		b := tc.kind.ExampleOn(testNow)
		tc.spoil(b)
		faults := tc.kind.Check(b, object(tc.kind.About))
		if len(faults) != 1 || faults[0].Path != tc.path || faults[0].Message == "" {
			t.Errorf("%s: %v, want one fault at %s", tc.name, faults, tc.path)
		}
	}
}
