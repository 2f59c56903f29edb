package posture

import "time"

// Risk is an entry of the risk register. Each change of one is announced.
const Risk Kind = "risk"

// RiskFacts is what the register knows about one risk. Likelihood and impact are levels of NIST SP 800-30 from 1 (very low)
// to 5 (very high); Level is the risk that the two make together on the same scale, after its appendix I.
type RiskFacts struct {
	ID, Title          string
	Asset, Threat      string
	Vulnerability      string // what the threat makes use of; may be empty
	System, Site       string // where it lies; empty: the whole organisation
	Scopes             []string
	Owner              string // who answers for it
	Entered            string // who entered it, by account name
	Likelihood, Impact int
	Level              int
	ResidualLevel      int // after its decision; 0 before one
	Safety             bool
	Closed             bool
	Decision           string // mitigate, defer, accept; empty: undecided
	Decider            string // who decided; never who entered it
	Decided            time.Time
	Ends               time.Time // when the decision no longer counts; zero: it has no end
	Created            time.Time
	Altered            string // how it is not what the audit log says; empty: it is
	Mitigations        []MitigationFacts
	Findings, Controls []string // what it is linked to, by identifier
	Records, Devices   []string
}

// MitigationFacts is one thing to be done about a risk.
type MitigationFacts struct {
	Title, Owner string
	Due          time.Time
	Done         time.Time // zero: not finished
}

// Ref names the risk.
func (f *RiskFacts) Ref() Ref { return Ref{Risk, f.ID, f.Title} }

// TypeName is nothing.
func (f *RiskFacts) TypeName() string { return "" }

// Place is where the risk lies, for exceptions by site and system.
func (f *RiskFacts) Place() (site, system string) { return f.Site, f.System }

// Touches is nothing.
func (f *RiskFacts) Touches() []Ref { return nil }

// InForce reports whether the risk is decided and the decision still counts at that time.
func (f *RiskFacts) InForce(now time.Time) bool {
	return f.Decision != "" && (f.Ends.IsZero() || now.Before(f.Ends))
}
