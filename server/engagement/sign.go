package engagement

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// Conclusion is what an auditor concluded about one control.
type Conclusion struct {
	Control    string    `json:"control"`
	Conclusion string    `json:"conclusion" enum:"met,partly,not-met,not-tested"`
	Text       string    `json:"text"`
	At         time.Time `json:"at"`
	By         string    `json:"by"`
}

var conclusions = []string{"met", "partly", "not-met", "not-tested"}

// Conclude sets or replaces the conclusion on a control. Anything but met says why.
func (s *Service) Conclude(ctx context.Context, ref string, c Conclusion) (Conclusion, error) {
	if !slices.Contains(conclusions, c.Conclusion) {
		return Conclusion{}, fleet.Invalid("conclusion", "want met, partly, not-met or not-tested")
	}
	if c.Conclusion != "met" || c.Text != "" {
		if err := checkText("text", c.Text); err != nil {
			return Conclusion{}, err
		}
	}
	c.At, c.By = micro(s.Clock.Now()), access.PartyOf(ctx).Name
	return c, s.writes(ctx, ref, func(tx *store.Tx, e *Engagement) error {
		if err := e.in(c.Control); err != nil {
			return err
		}
		if err := putConclusion(tx, e.ID, c); err != nil {
			return err
		}
		return s.record(ctx, tx, "engagement.concluded", *e, map[string]any{"control": c.Control, "conclusion": c.Conclusion})
	})
}

// Sign binds the engagement: its digest and the log's checkpoint stand in the audit log, and nothing about it changes any
// more. Every control in scope must be concluded (not-tested is a conclusion) and no answer may wait for a verdict.
func (s *Service) Sign(ctx context.Context, ref, statement string) (Engagement, error) {
	if err := checkText("statement", statement); err != nil {
		return Engagement{}, err
	}
	cp, err := s.checkpoints.Checkpoint(ctx)
	if err != nil {
		return Engagement{}, err
	}
	if cp.Size == 0 {
		return Engagement{}, fleet.Errorf(fleet.CodeUnavailable, "the audit log has no signed checkpoint yet: try again in a second")
	}
	err = s.writes(ctx, ref, func(tx *store.Tx, e *Engagement) error {
		if err := e.complete(s.Clock.Now()); err != nil {
			return err
		}
		e.Signature = &Signature{At: e.Changed, By: access.PartyOf(ctx).Name, Statement: statement, Checkpoint: cp.Note}
		e.Signature.Digest = e.digest()
		return s.record(ctx, tx, "engagement.signed", *e, map[string]any{
			"digest": e.Signature.Digest, "checkpoint": map[string]any{"size": cp.Size, "root": cp.Root.String(), "note": cp.Note}, "statement": statement, "conclusions": e.tally(),
		})
	})
	if err != nil {
		return Engagement{}, err
	}
	return s.Engagement(ctx, ref)
}

// complete names what is missing before the sign-off.
func (e *Engagement) complete(now time.Time) error {
	f := fleet.Errorf(fleet.CodeConflict, "the engagement is not ready to be signed")
	if now.Before(e.To) {
		f.Fields = append(f.Fields, fleet.FieldError{Path: "to", Message: "the period under audit has not ended: sign after " + e.To.Format(time.RFC3339)})
	}
	for _, c := range e.Controls {
		if !slices.ContainsFunc(e.Conclusion, func(x Conclusion) bool { return x.Control == c }) {
			f.Fields = append(f.Fields, fleet.FieldError{Path: "conclusions." + c, Message: "is missing: conclude met, partly, not-met or not-tested"})
		}
	}
	for _, r := range e.Requests {
		if r.State == answered {
			f.Fields = append(f.Fields, fleet.FieldError{Path: fmt.Sprintf("requests[%d]", r.N), Message: "its answer waits for a verdict"})
		}
	}
	if len(f.Fields) == 0 {
		return nil
	}
	return f
}

func (e *Engagement) tally() map[string]int {
	out := map[string]int{}
	for _, c := range e.Conclusion {
		out[c.Conclusion]++
	}
	return out
}

// digest is the SHA-256 of the engagement's canonical JSON: its fields in their order, without what is computed when it is
// shown (progress, state, overdue, the auditors' accounts).
func (e Engagement) digest() string {
	sealed := *e.Signature
	sealed.Digest, sealed.Intact = "", false
	e.Signature, e.State, e.Progress, e.OpenEnded = &sealed, "", Progress{}, nil
	auditors := make([]Auditor, len(e.Auditors))
	for i, a := range e.Auditors {
		auditors[i] = Auditor{ID: a.ID, Name: a.Name}
	}
	requests := slices.Clone(e.Requests)
	for i := range requests {
		requests[i].Overdue = false
	}
	e.Auditors, e.Requests = auditors, requests
	b, _ := json.Marshal(e) // plain values always marshal
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
