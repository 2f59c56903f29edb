package posture

import (
	"database/sql"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// FindingState is where a finding stands.
type FindingState string

// The states of a finding. An excepted one is open, and an exception in force covers it.
const (
	FindingOpen     FindingState = "open"
	FindingExcepted FindingState = "excepted"
	FindingClosed   FindingState = "closed"
)

var findingStates = []FindingState{FindingOpen, FindingExcepted, FindingClosed} // by number

// Finding is one failure about one subject, from when it was measured until it was measured to be over.
type Finding struct {
	ID        string         `json:"id"`
	Control   string         `json:"control"`
	Check     string         `json:"check"`
	Title     string         `json:"title"`
	Subject   Ref            `json:"subject"`
	Severity  fleet.Severity `json:"severity"`
	State     FindingState   `json:"state"`
	Reason    string         `json:"reason"`
	Opened    time.Time      `json:"opened"`
	Closed    *time.Time     `json:"closed,omitempty"`
	ClosedBy  string         `json:"closedBy,omitempty" doc:"pass, not-applicable, gone or check-removed: no person closes a finding."`
	Ending    string         `json:"closedReason,omitempty"`
	Owner     string         `json:"owner,omitempty"`
	Due       time.Time      `json:"due"`
	Overdue   bool           `json:"overdue"`
	Exception string         `json:"exception,omitempty"`
	Former    string         `json:"former,omitempty" doc:"The finding before this one about the same: it was over, and came back."`
	Notes     int            `json:"notes"`

	seq, closedSeq int64
	num            uint64
}

// FindingDetail is a finding with its notes and what puts it right.
type FindingDetail struct {
	Finding
	Remedy string     `json:"remedy"`
	Log    []Note     `json:"log" doc:"Its notes, oldest first."`
	Entry  *PastEntry `json:"entry,omitempty" doc:"Of a past moment: the last entry about its control, and whether what was open then is what the log is bound to."`
	AsOf   *AsOf      `json:"asOf,omitempty" doc:"Of a past moment: what proves the answer."`
}

// Note is what somebody wrote on a finding.
type Note struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Text string    `json:"text"`
}

const findingColumns = "seq, id, num, kind, subject, name, state, opened, reason, closed, closed_seq, closed_by, closed_reason, exception, owner, due, former, notes"

// scanFindings reads findings as they stand at a time.
func (s *Service) scanFindings(rows *sql.Rows, now time.Time) (out []Finding, err error) {
	err = eachRow(rows, func(scan func(...any) error) error {
		var f Finding
		var state int
		var opened, closed, due int64
		if err := scan(&f.seq, &f.ID, &f.num, &f.Subject.Kind, &f.Subject.ID, &f.Subject.Name, &state, &opened, &f.Reason, &closed, &f.closedSeq, &f.ClosedBy, &f.Ending,
			&f.Exception, &f.Owner, &due, &f.Former, &f.Notes); err != nil {
			return err
		}
		f.Opened, f.Closed, f.Due = store.FromTime(opened), at(closed), store.FromTime(due)
		s.complement(&f, state, now)
		out = append(out, f)
		return nil
	})
	return out, err
}

// complement adds what follows from the check.
func (s *Service) complement(f *Finding, state int, now time.Time) {
	f.State = findingStates[min(max(state, 0), len(findingStates)-1)]
	f.Check = s.names[f.num]
	f.Control, _, _ = strings.Cut(f.Check, "/")
	f.Title, f.Severity = f.Check, fleet.Medium
	if i, ok := s.byNum[f.num]; ok {
		f.Title, f.Severity = s.Checks[i].Title, s.severity(i)
	}
	f.Overdue = f.State == FindingOpen && !now.Before(f.Due)
	if f.State != FindingExcepted {
		f.Exception = ""
	}
}
