// Package kinds is the shelf of record kinds: one kind a file, with the obligations that it answers. All is the list of what is
// built in; Checks turns what they serve into checks for posture.
package kinds

import (
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// Spec is a kind of record with what it answers.
type Spec struct {
	records.Kind
	Serves  []Serves
	Refuses []Refuses
}

// Serves says which obligation of which control the duties of a kind answer, and how they are judged.
type Serves struct {
	Control    string // GVN-03
	Obligation string // its key in the catalogue
	Name       string // of the check: GVN-03/assessed
	Title      string // the claim, as a short sentence
	// Judge is a pure function of the duty and the time. Duties that are not owed are not applicable before it is asked.
	Judge func(d *records.Duty, now time.Time) posture.Verdict
}

// Refuses says which obligation is answered by refusing a bad record of this kind: a gate. The try record.incomplete:KIND
// leaves out each required part of the kind's Example in turn, on the running service, and holds when every one was refused with
// its name and nothing was kept; record.not-independent:KIND names the owner of the object where an independent person must stand.
type Refuses struct {
	Control    string
	Obligation string
	Name       string // of the gate: TSP-01/incomplete-policy
	Title      string
	Try        Try
}

// Try is what a gate over records attempts.
type Try string

// The tries.
const (
	Incomplete     Try = "record.incomplete"
	NotIndependent Try = "record.not-independent"
	SelfApproved   Try = "record.self-approval"
)

// Facts is a duty as posture sees it.
type Facts struct{ Duty *records.Duty }

// SubjectKind is what posture calls the duties of a kind.
func SubjectKind(kind string) posture.Kind { return posture.Kind("record:" + kind) }

// Ref names the duty by its object.
func (f *Facts) Ref() posture.Ref {
	return posture.Ref{Kind: SubjectKind(f.Duty.Kind), ID: f.Duty.Object.ID, Name: f.Duty.Object.Name}
}

// TypeName is nothing.
func (f *Facts) TypeName() string { return "" }

// Place is where the object is, for exceptions by site and system.
func (f *Facts) Place() (site, system string) { return f.Duty.Object.Site, f.Duty.Object.System }

// Touches is nothing.
func (f *Facts) Touches() []posture.Ref { return nil }

// Records lists the kinds without what they serve.
func Records() (out []records.Kind) {
	for _, s := range All() {
		out = append(out, s.Kind)
	}
	return out
}

// Checks lists what the kinds answer, as checks.
func Checks() (out []posture.Check) {
	for _, s := range All() {
		for _, v := range s.Serves {
			out = append(out, posture.Check{
				ID: v.Control + "/" + v.Name, Control: v.Control, Obligation: v.Obligation, Title: v.Title,
				Reads: "record: " + s.Title, Subject: SubjectKind(s.Name), Every: 24 * time.Hour,
				Eval: posture.On(func(f *Facts, now time.Time) posture.Verdict {
					if !f.Duty.Owes {
						return posture.NotApplicable("%s", f.Duty.Why)
					}
					if f.Duty.Removed != "" {
						return posture.Fail("%s", f.Duty.Removed)
					}
					return v.Judge(f.Duty, now)
				}),
			})
		}
	}
	return out
}

// Gates lists the gates by which kinds refuse bad records.
func Gates() (out []posture.Gate) {
	for _, s := range All() {
		for _, r := range s.Refuses {
			out = append(out, posture.Gate{
				ID: r.Control + "/" + r.Name, Control: r.Control, Obligation: r.Obligation, Title: r.Title,
				Probes: []string{string(r.Try) + ":" + s.Name}, Events: []string{"record.refused"},
			})
		}
	}
	return out
}
