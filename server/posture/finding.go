package posture

import (
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

// finding is something wrong with one subject. It opens when a check fails and closes only when a later observation passes, or
// says that the check no longer concerns the subject, or the subject is gone. Unknown and stale close nothing.
type finding struct {
	check    string
	subject  Ref
	at       int64
	reason   string
	closedBy string // pass, not-applicable or gone; empty: it opens
}

// find opens or closes the finding of an observation.
func (st *state) find(i int, s *subject, o *observation, v Verdict, now int64) {
	switch {
	case o.status == codeFail && !o.open:
		o.open = true
		st.findings = append(st.findings, &finding{check: st.checks[i].ID, subject: s.Ref, at: now, reason: v.Reason})
	case (o.status == codePass || o.status == codeNotApplicable) && o.open:
		o.open = false
		st.findings = append(st.findings, &finding{check: st.checks[i].ID, subject: s.Ref, at: now, reason: v.Reason, closedBy: string(v.Status)})
	}
}

// storeFinding writes a finding's opening or its end.
func storeFinding(tx *store.Tx, f *finding) error {
	if f.closedBy == "" {
		_, err := tx.Exec(`INSERT INTO posture_finding (id, check_id, kind, subject, name, opened, reason, closed, closed_by, closed_reason) VALUES (?, ?, ?, ?, ?, ?, ?, 0, '', '')`,
			id.New(), f.check, string(f.subject.Kind), f.subject.ID, f.subject.Name, f.at, f.reason)
		return err
	}
	_, err := tx.Exec(`UPDATE posture_finding SET closed = ?, closed_by = ?, closed_reason = ? WHERE check_id = ? AND subject = ? AND closed = 0`,
		f.at, f.closedBy, f.reason, f.check, f.subject.ID)
	return err
}
