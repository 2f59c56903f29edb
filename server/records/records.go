// Package records keeps what no machine can measure: policies, assessments, drills, agreements. A record has a typed form, an
// owner, an approver who is not its author, evidence with its hash, and an end. What an object owes and has is a Duty, which
// posture judges; a record is never a free-text yes.
package records
