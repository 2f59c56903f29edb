package posture

import (
	"context"
	"strconv"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

// AsOf says of which moment an answer is and what proves it.
type AsOf struct {
	At          time.Time        `json:"at"`
	Checkpoint  CheckpointView   `json:"checkpoint"`
	Entries     int              `json:"entries" doc:"Entries of the log that this was recomputed from."`
	Altered     bool             `json:"altered" doc:"What is stored is not what the log says; the log is shown."`
	Differences []PastDifference `json:"differences"`
}

// CheckpointView is a signed checkpoint of the log.
type CheckpointView struct {
	Size int64  `json:"size"`
	Root string `json:"root"`
	Note string `json:"note" doc:"The signed note; thingward audit verify checks it."`
}

// Proof is the entries that say where each control stood at a moment, each proved to be in the log.
type Proof struct {
	At          time.Time        `json:"at"`
	Checkpoint  CheckpointView   `json:"checkpoint"`
	Entries     []ProofEntry     `json:"entries" doc:"One for each control that had ever been assessed by then; any other was not assessed."`
	Altered     bool             `json:"altered"`
	Differences []PastDifference `json:"differences"`
}

// ProofEntry is the last word of the log about a control up to a moment.
type ProofEntry struct {
	Control  string       `json:"control"`
	Status   fleet.Status `json:"status"`
	At       time.Time    `json:"at"`
	Index    int64        `json:"index"`
	LeafHash string       `json:"leafHash"`
	Hashes   []string     `json:"hashes" doc:"Proof of inclusion in the tree of the checkpoint (RFC 6962)."`
	Digest   string       `json:"digest,omitempty" doc:"SHA-256 over the lines \"check kind subject\" of the findings that were open, in order of their bytes."`
	Open     int          `json:"open"`
	Bound    bool         `json:"bound" doc:"The findings stored as open then are what the digest says."`
}

func (p *Past) asOf() *AsOf {
	return &AsOf{At: p.At, Checkpoint: p.checkpoint(), Entries: p.Entries, Altered: len(p.Differences) > 0, Differences: p.Differences}
}

func (p *Past) checkpoint() CheckpointView {
	return CheckpointView{p.Checkpoint.Size, p.Checkpoint.Root.String(), p.Checkpoint.Note}
}

// Prove puts the proof of a past moment together: statuses, the proof of inclusion of each entry, and whether the findings that are
// stored are those that the log is bound to.
func (s *Service) Prove(ctx context.Context, then time.Time) (Proof, error) {
	p, err := s.Past(ctx, then)
	if err != nil {
		return Proof{}, err
	}
	out := Proof{At: p.At, Checkpoint: p.checkpoint(), Entries: []ProofEntry{}}
	for _, c := range s.controls {
		l := p.at[c.def.ID]
		if l == nil {
			continue
		}
		e, err := s.proveEntry(ctx, p, l)
		if err != nil {
			return Proof{}, err
		}
		out.Entries = append(out.Entries, e)
	}
	s.alarm(p)
	out.Differences, out.Altered = p.Differences, len(p.Differences) > 0
	return out, nil
}

func (s *Service) proveEntry(ctx context.Context, p *Past, l *logged) (ProofEntry, error) {
	inclusion, err := s.Audit.Inclusion(ctx, l.Index, p.Checkpoint.Size)
	if err != nil {
		return ProofEntry{}, err
	}
	e := ProofEntry{Control: l.Control, Status: l.After, At: l.At, Index: l.Index, LeafHash: l.Leaf, Digest: l.Digest, Hashes: make([]string, len(inclusion.Hashes))}
	for i, h := range inclusion.Hashes {
		e.Hashes[i] = h.String()
	}
	open, bound, same, err := s.pictureThen(ctx, l)
	if err != nil {
		return e, err
	}
	e.Open, e.Bound = len(open), bound && same
	if bound && !same {
		p.differ(l.Control, l.At, &l.Index, "the findings stored as open then are not those that the log is bound to")
	}
	return e, nil
}

// OverviewAt is the overview of a past moment.
func (s *Service) OverviewAt(ctx context.Context, then time.Time) (Overview, error) {
	p, err := s.Past(ctx, then)
	if err != nil {
		return Overview{}, err
	}
	trend, err := s.trendSince(ctx, p.At.Add(-trendBack), p.At, trendShown)
	if err != nil {
		return Overview{}, err
	}
	o := Overview{Trend: []trendPoint{}, Changed: []change{}, AsOf: p.asOf()}
	for _, t := range trend {
		if !t.At.After(p.At) {
			o.Trend = append(o.Trend, t)
		}
	}
	for _, l := range p.changes[:min(len(p.changes), changedShown)] {
		o.Changed = append(o.Changed, l.change)
	}
	weights, err := s.WeightsAt(ctx, p.At)
	if err != nil {
		return Overview{}, err
	}
	o.Score, o.Counts = s.scoreWeighed(func(id string) int { return weights[id] }, func(c *control) (fleet.Status, int) {
		status, _, _ := p.Status(c.def.ID)
		if l := p.at[c.def.ID]; l != nil {
			return status, l.Assessed
		}
		return status, 0
	})
	for _, d := range s.Catalogue.Domains {
		o.Domains = append(o.Domains, domainView(d, func(id string) fleet.Status { status, _, _ := p.Status(id); return status }))
	}
	return o, nil
}

// PastEntry is the entry of the log that the answer rests on.
type PastEntry struct {
	At    time.Time `json:"at"`
	Index int64     `json:"index"`
	Open  int       `json:"open" doc:"Findings that were open then."`
	Bound bool      `json:"bound" doc:"The findings shown are those that the log is bound to."`
}

// ControlAt is one control as it stood at a moment: its checks as they were counted at its last entry in the log, and what was open
// then.
func (s *Service) ControlAt(ctx context.Context, id string, then time.Time) (ControlView, error) {
	c, err := s.find(id)
	if err != nil {
		return ControlView{}, err
	}
	p, err := s.Past(ctx, then)
	if err != nil {
		return ControlView{}, err
	}
	weights, err := s.WeightsAt(ctx, p.At)
	if err != nil {
		return ControlView{}, err
	}
	return s.controlAt(ctx, c, p, weights)
}

// ControlsAt is every control as it stood at a moment, from one reading of the log.
func (s *Service) ControlsAt(ctx context.Context, then time.Time) ([]ControlView, error) {
	p, err := s.Past(ctx, then)
	if err != nil {
		return nil, err
	}
	weights, err := s.WeightsAt(ctx, p.At)
	if err != nil {
		return nil, err
	}
	out := make([]ControlView, len(s.controls))
	for i, c := range s.controls {
		if out[i], err = s.controlAt(ctx, c, p, weights); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) controlAt(ctx context.Context, c *control, p *Past, weights map[string]int) (ControlView, error) {
	domain, _ := s.Catalogue.Domain(c.def.Domain)
	v := ControlView{
		ControlSummary: s.summaryAt(c, p), Key: c.def.Key(), DomainName: domain.Name, FailsWhen: c.def.FailsWhen, ClearsWhen: c.def.ClearsWhen, Weight: weights[c.def.ID],
		Objects: map[string]int{}, OWASP: s.owasp(c.def.ID), Evaluations: []CheckView{}, Exceptions: []Exception{},
	}
	if v.Status == fleet.NotAssessed {
		v.Missing = c.def.Missing
	}
	if v.Status != fleet.Pass && v.Status != fleet.NotApplicable {
		v.Clears = c.def.ClearsWhen
	}
	l := p.at[c.def.ID]
	if l == nil {
		l = &logged{}
	} else if err := s.beneath(ctx, p, l, &v); err != nil {
		return v, err
	}
	stood := map[string]fleet.Status{}
	for _, i := range c.checks {
		if counts, ok := l.Counts[s.Checks[i].ID]; ok {
			stood[s.Checks[i].Obligation] = fleet.Worse(stood[s.Checks[i].Obligation], stoodThen(counts))
		}
	}
	for _, o := range c.def.Obligations {
		status := stood[o.Key]
		if status == "" {
			status = fleet.NotAssessed
		}
		v.Obligations = append(v.Obligations, ObligationView{o, status})
	}
	v.AsOf = p.asOf()
	return v, nil
}

// stoodThen is where a check stood, from its counts.
func stoodThen(counts map[string]int) fleet.Status {
	if counts["fail"] > counts["excepted"] {
		return fleet.Fail
	}
	for _, status := range []fleet.Status{fleet.Unknown, fleet.Stale, fleet.NotAssessed, fleet.Excepted, fleet.Pass} {
		if counts[string(status)] > 0 {
			return status
		}
	}
	return fleet.NotApplicable
}

// beneath adds what a control's entry rests on.
func (s *Service) beneath(ctx context.Context, p *Past, l *logged, v *ControlView) error {
	past, err := s.exceptionsAt(ctx, l.At)
	if err != nil {
		return err
	}
	for ref := range p.exceptions {
		if e, err := s.Exception(ctx, ref); err == nil && e.Control == l.Control {
			v.Exceptions = append(v.Exceptions, e)
		}
	}
	open, bound, same, err := s.pictureThen(ctx, l)
	if err != nil {
		return err
	}
	if bound && !same {
		p.differ(l.Control, l.At, &l.Index, "the findings stored as open then are not those that the log is bound to")
		s.alarm(p)
	}
	v.Entry, v.Observed = &PastEntry{l.At, l.Index, len(open), bound && same}, &l.At
	failing := map[string][]ObjectView{}
	for _, f := range open {
		if s.asOf(&f, l.At, past); len(failing[f.Check]) < failingShown {
			failing[f.Check] = append(failing[f.Check], ObjectView{Subject: f.Subject, Control: f.Control, Check: f.Check, Title: f.Title, Status: fleet.Fail, Reason: f.Reason, Since: f.Opened, Observed: l.At, Exception: f.Exception})
		}
	}
	for _, i := range s.byID[l.Control].checks {
		c := &s.Checks[i]
		n, ok := l.Counts[c.ID]
		if !ok {
			continue
		}
		for status, count := range n {
			if status != string(fleet.Excepted) {
				v.Objects[status] += count
			}
		}
		v.Evaluations = append(v.Evaluations, CheckView{
			ID: c.ID, Title: c.Title, Obligation: c.Obligation, Reads: c.Reads, Subject: c.Subject, Gate: c.Subject == SelfTest, Status: stoodThen(n),
			Reason: "as counted at entry " + strconv.FormatInt(l.Index, 10) + " of the log", Observed: &l.At, Failing: append([]ObjectView{}, failing[c.ID]...),
			Counts: Counts{Pass: n["pass"], Fail: n["fail"], Unknown: n["unknown"], Stale: n["stale"], NotApplicable: n["not-applicable"], Excepted: n["excepted"]},
		})
	}
	return nil
}

func (s *Service) summaryAt(c *control, p *Past) ControlSummary {
	status, since, reason := p.Status(c.def.ID)
	if status == fleet.NotAssessed && reason == "" {
		reason = "nothing had assessed it yet"
	}
	sum := ControlSummary{
		ID: c.def.ID, Title: c.def.Title, Domain: c.def.Domain, Status: status, Since: optional(since), Reason: reason, Modes: c.def.Modes,
		Layers: c.def.Layers, Statement: c.def.Statement, Checks: len(c.checks), Obligations: len(c.def.Obligations),
	}
	if l := p.at[c.def.ID]; l != nil {
		sum.Assessed = l.Assessed
	}
	return sum
}

func (s *Service) pastRoutes(r *api.Router) {
	api.Get(r, "/posture/proof", access.ControlRead, api.Doc{
		Tag: tag, Summary: "Where each control stood at a past moment, with the proof",
		Text: "Recomputed from the audit log and compared with the stored history; a difference is shown and raises history.altered.",
	}, s.getProof)
}

type proofInput struct {
	At time.Time `query:"at" required:"true" doc:"A past moment."`
}

func (s *Service) getProof(ctx context.Context, in *proofInput) (*api.One[Proof], error) {
	p, err := s.Prove(ctx, in.At)
	if err != nil {
		return nil, err
	}
	return &api.One[Proof]{Body: p}, nil
}
