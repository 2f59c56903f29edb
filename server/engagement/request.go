package engagement

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

const (
	requestsMost = 2000 // of one engagement
	turnsMost    = 100  // of one request
	recordsMost  = 100  // of one answer
)

// Request is something an auditor asked for. Its state says whose turn it is.
type Request struct {
	N       int       `json:"n"`
	Control string    `json:"control,omitempty"`
	Text    string    `json:"text"`
	Due     time.Time `json:"due"`
	Asked   time.Time `json:"asked"`
	By      string    `json:"by"`
	State   string    `json:"state" enum:"asked,answered,returned,accepted"`
	Overdue bool      `json:"overdue" doc:"It waits for an answer past its due time."`
	Turns   []Turn    `json:"turns"`
}

// Turn is an answer, or an auditor's verdict on it.
type Turn struct {
	Verdict string    `json:"verdict,omitempty" enum:"accepted,returned" doc:"Empty for an answer."`
	Text    string    `json:"text"`
	Records []string  `json:"records,omitempty" doc:"Records that the answer points to."`
	Export  string    `json:"export,omitempty" doc:"An export that the answer points to."`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
}

// The states of a request.
const (
	asked    = "asked"
	answered = "answered"
	returned = "returned"
	accepted = "accepted"
)

// waits tells whether the request is to be answered.
func (r Request) waits() bool { return r.State == asked || r.State == returned }

// Ask is what a request begins with.
type Ask struct {
	Control string    `json:"control,omitempty" maxLength:"32"`
	Text    string    `json:"text" maxLength:"8000"`
	Due     time.Time `json:"due" doc:"By when an answer is wanted."`
}

// Request asks the audited for something.
func (s *Service) Request(ctx context.Context, ref string, a Ask) (r Request, err error) {
	if err := checkText("text", a.Text); err != nil {
		return Request{}, err
	}
	now := micro(s.Clock.Now())
	if !a.Due.After(now) {
		return Request{}, fleet.Invalid("due", "lies in the past: give the time by which an answer is wanted")
	}
	err = s.writes(ctx, ref, func(tx *store.Tx, e *Engagement) error {
		if a.Control != "" {
			if err := e.in(a.Control); err != nil {
				return err
			}
		}
		if a.Due.After(e.Ends) {
			return fleet.Invalid("due", "lies after the engagement's end on "+e.Ends.Format(time.DateOnly))
		}
		if len(e.Requests) >= requestsMost {
			return fleet.Errorf(fleet.CodeConflict, "the engagement has %d requests, the most there may be", requestsMost)
		}
		r = Request{N: len(e.Requests) + 1, Control: a.Control, Text: a.Text, Due: micro(a.Due), Asked: now, By: access.PartyOf(ctx).Name, State: asked, Turns: []Turn{}}
		if err := insertRequest(tx, e.ID, r); err != nil {
			return err
		}
		return s.record(ctx, tx, "engagement.asked", *e, map[string]any{"request": r.N, "control": r.Control, "due": r.Due})
	})
	return r, err
}

// Answer is what the audited say.
type Answer struct {
	Text    string   `json:"text" maxLength:"8000"`
	Records []string `json:"records,omitempty" maxItems:"100" doc:"Ids of records."`
	Export  string   `json:"export,omitempty" maxLength:"64" doc:"Id of an export."`
}

// Answer answers a request that waits. An auditor of the engagement does not answer their own questions.
func (s *Service) Answer(ctx context.Context, ref string, n int, a Answer) (r Request, err error) {
	if err := s.checkAnswer(ctx, a); err != nil {
		return Request{}, err
	}
	err = s.touch(ctx, ref, func(tx *store.Tx, e *Engagement) error {
		by := access.PartyOf(ctx)
		for _, au := range e.Auditors {
			if au.ID == by.ID {
				return fleet.Errorf(fleet.CodeForbidden, "%s is an auditor of this engagement and does not answer for the audited", by.Name)
			}
		}
		if r, err = e.request(n); err != nil {
			return err
		}
		if !r.waits() {
			return fleet.Errorf(fleet.CodeConflict, "request %d is %s and waits for no answer", n, r.State)
		}
		return s.turn(ctx, tx, e, &r, answered, Turn{Text: a.Text, Records: a.Records, Export: a.Export}, "engagement.answered", map[string]any{"request": n, "records": a.Records, "export": a.Export})
	})
	return r, err
}

func (s *Service) checkAnswer(ctx context.Context, a Answer) error {
	if err := checkText("text", a.Text); err != nil {
		return err
	}
	if len(a.Records) > recordsMost {
		return fleet.Invalid("records", fmt.Sprintf("want at most %d", recordsMost))
	}
	if s.Evidence == nil {
		if len(a.Records) > 0 || a.Export != "" {
			return fleet.Errorf(fleet.CodeUnavailable, "records and exports cannot be looked up here: answer in words")
		}
		return nil
	}
	for i, one := range a.Records {
		if ok, err := s.Evidence.HasRecord(ctx, one); err != nil {
			return err
		} else if !ok {
			return fleet.Invalid(fmt.Sprintf("records[%d]", i), fmt.Sprintf("there is no record %q", clip(one)))
		}
	}
	if a.Export != "" {
		if ok, err := s.Evidence.HasExport(ctx, a.Export); err != nil {
			return err
		} else if !ok {
			return fleet.Invalid("export", fmt.Sprintf("there is no export %q", clip(a.Export)))
		}
	}
	return nil
}

// Judge accepts an answer or sends it back.
func (s *Service) Judge(ctx context.Context, ref string, n int, verdict, text string) (r Request, err error) {
	if verdict != accepted && verdict != returned {
		return Request{}, fleet.Invalid("verdict", "want accepted or returned")
	}
	if verdict == returned {
		if err := checkText("text", text); err != nil {
			return Request{}, err
		}
	}
	if len(text) > textMost {
		return Request{}, fleet.Invalid("text", fmt.Sprintf("is longer than %d characters", textMost))
	}
	err = s.writes(ctx, ref, func(tx *store.Tx, e *Engagement) error {
		if r, err = e.request(n); err != nil {
			return err
		}
		if r.State != answered {
			return fleet.Errorf(fleet.CodeConflict, "request %d is %s: there is no answer to judge", n, r.State)
		}
		return s.turn(ctx, tx, e, &r, verdict, Turn{Verdict: verdict, Text: text}, "engagement.judged", map[string]any{"request": n, "verdict": verdict})
	})
	return r, err
}

func (s *Service) turn(ctx context.Context, tx *store.Tx, e *Engagement, r *Request, state string, t Turn, event string, data map[string]any) error {
	if len(r.Turns) >= turnsMost {
		return fleet.Errorf(fleet.CodeConflict, "request %d went back and forth %d times: ask anew", r.N, turnsMost)
	}
	t.At, t.By = micro(s.Clock.Now()), access.PartyOf(ctx).Name
	if err := insertTurn(tx, e.ID, r.N, len(r.Turns)+1, t); err != nil {
		return err
	}
	r.State, r.Overdue, r.Turns = state, false, append(r.Turns, t)
	if err := setRequest(tx, e.ID, *r); err != nil {
		return err
	}
	return s.record(ctx, tx, event, *e, data)
}

func (e *Engagement) request(n int) (Request, error) {
	if n < 1 || n > len(e.Requests) {
		return Request{}, fleet.Errorf(fleet.CodeNotFound, "there is no request %d: the engagement has %d", n, len(e.Requests))
	}
	return e.Requests[n-1], nil
}

func checkText(path, text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fleet.Invalid(path, "is required")
	case len(text) > textMost:
		return fleet.Invalid(path, fmt.Sprintf("is longer than %d characters", textMost))
	}
	return nil
}
