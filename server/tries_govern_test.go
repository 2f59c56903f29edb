package server

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// policyOf is a security policy with clauses.
type policyOf struct{ duty *records.Duty }

func (p policyOf) Duty(context.Context, string, string) (*records.Duty, bool, error) {
	return p.duty, p.duty != nil, nil
}

// standings are controls by their status.
type standings map[string]fleet.Status

func (s standings) ControlNow(id string) (v posture.ControlView, err error) {
	st, ok := s[id]
	if !ok {
		return v, fleet.Errorf(fleet.CodeNotFound, "no control %s", id)
	}
	v.Status = st
	if st != fleet.NotAssessed {
		v.Assessed = 1
	}
	return v, nil
}

func TestClausesMeasured(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	policy := func(spoil func(*records.Record)) policyOf {
		r := &records.Record{Version: 1, State: records.Approved, Approver: "jonas", Effective: now.Add(-time.Hour), Expires: now.Add(time.Hour), Body: records.Body{"clauses": []any{
			map[string]any{"section": "encryption", "clause": "No traffic in clear", "controls": "COM-08, COM-09"},
			map[string]any{"section": "physical protection", "clause": "Keys in hardware", "controls": "CMP-05"},
		}}}
		spoil(r)
		return policyOf{&records.Duty{InForce: r, Newest: r}}
	}
	good := policy(func(*records.Record) {})
	for _, tc := range []struct {
		name            string
		policy          policyOf
		controls        standings
		attempted, held bool
		says            string
	}{
		{"nothing misses a clause", good, standings{"COM-08": fleet.Pass, "COM-09": fleet.NotApplicable, "CMP-05": fleet.Excepted}, true, true, "each of 2 clauses"},
		{"one is missed", good, standings{"COM-08": fleet.Pass, "COM-09": fleet.Fail, "CMP-05": fleet.Unknown}, true, false, "No traffic in clear (COM-09)"},
		{"one is not known", good, standings{"COM-08": fleet.Pass, "COM-09": fleet.Pass, "CMP-05": fleet.Stale}, false, false, "Keys in hardware (CMP-05)"},
		{"one is measured by nothing", good, standings{"COM-08": fleet.Pass, "COM-09": fleet.Pass, "CMP-05": fleet.NotAssessed}, false, false, "not measured"},
		{"policy has expired", policy(func(r *records.Record) { r.Expires = now }), standings{}, true, false, "no security policy is in force"},
		{"policy was altered", policy(func(r *records.Record) { r.Altered = "another hash" }), standings{}, true, false, "no security policy is in force"},
		{"no policy", policyOf{}, standings{}, true, false, "nobody keeps"},
	} {
		r, err := clausesMeasured(t.Context(), tc.policy, tc.controls, now)
		if err != nil || r.Attempted != tc.attempted || r.Held != tc.held || !strings.Contains(r.Detail, tc.says) {
			t.Errorf("%s: %+v, %v", tc.name, r, err)
		}
	}
	if _, err := clausesMeasured(t.Context(), good, standings{}, now); err == nil {
		t.Error("a clause of a control that there is not came to a result")
	}
}
