package kinds

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// Current passes while an approved record is in force, and ends when it does. A record that was never made, was rejected, has
// expired or was altered fails by itself.
func Current(d *records.Duty, now time.Time) posture.Verdict {
	switch r := d.InForce; {
	case r == nil && d.Newest != nil && d.Newest.State == records.Submitted:
		return posture.Fail("version %d waits for approval, and none is in force", d.Newest.Version)
	case r == nil && d.Newest != nil && d.Newest.State == records.Rejected:
		return posture.Fail("version %d was rejected, and none is in force", d.Newest.Version)
	case r == nil:
		return posture.Fail("there is no approved record")
	case r.Altered != "":
		return posture.Fail("version %d is not what was approved: %s", r.Version, r.Altered)
	case d.Expired(now):
		return posture.Fail("version %d ended on %s", r.Version, posture.Day(r.Expires))
	case r.Effective.After(now.Add(posture.Skew)):
		return posture.Unknown("version %d was approved on %s, which is in the future: check the clocks", r.Version, posture.Day(r.Effective)).At(r.Effective.Add(-posture.Skew))
	default:
		return posture.Pass("version %d, approved by %s, counts until %s", r.Version, r.Approver, posture.Day(r.Expires)).At(r.Expires)
	}
}

// ItemsDone passes while no tracked item of the kind is overdue and a record in force says which items there are: a list that has
// ended says nothing of what was found since.
func ItemsDone(d *records.Duty, now time.Time) posture.Verdict {
	open, next := 0, time.Time{}
	for _, it := range d.Items {
		switch {
		case it.Altered != "":
			return posture.Fail("%q: %s", it.Title, it.Altered)
		case !it.Closed.IsZero():
		case it.Owner == "" || it.Due.IsZero():
			return posture.Fail("%q has no owner or no due date", it.Title)
		case !now.Before(it.Due):
			return posture.Fail("%q of %s was due on %s", it.Title, it.Owner, posture.Day(it.Due))
		default:
			open++
			if next.IsZero() || it.Due.Before(next) {
				next = it.Due
			}
		}
	}
	v := Current(d, now)
	switch {
	case v.Status != "pass":
		return v
	case open == 0:
		return posture.Pass("no item is open").At(v.Until)
	default:
		return posture.Pass("%d open, none overdue", open).At(next).At(v.Until)
	}
}

// NoneOpen passes when the record in force left no item that is still open, overdue or not.
func NoneOpen(d *records.Duty, now time.Time) posture.Verdict {
	v := Current(d, now)
	if v.Status != "pass" {
		return v
	}
	var open []string
	for _, it := range d.Items {
		if it.Closed.IsZero() {
			open = append(open, it.Title)
		}
	}
	if len(open) > 0 {
		return posture.Fail("still open: %s", some(open)).At(v.Until)
	}
	return v
}

// Acknowledged passes when everyone who must has acknowledged the record in force. An acknowledgement of an earlier version
// does not count.
func Acknowledged(d *records.Duty, now time.Time) posture.Verdict {
	if v := Current(d, now); v.Status != "pass" {
		return v
	}
	var owing []string
	for _, a := range d.Acks {
		if a.At.IsZero() {
			owing = append(owing, a.Account)
		}
	}
	switch {
	case len(d.Acks) == 0:
		return posture.Fail("nobody is named who would have to acknowledge version %d", d.InForce.Version)
	case len(owing) > 0:
		return posture.Fail("not acknowledged by %s", some(owing)).At(d.InForce.Expires)
	default:
		return posture.Pass("acknowledged by all %d", len(d.Acks)).At(d.InForce.Expires)
	}
}

// PeopleActive passes when everyone whom the record names has an active account.
func PeopleActive(d *records.Duty, now time.Time) posture.Verdict {
	if v := Current(d, now); v.Status != "pass" {
		return v
	}
	var gone []string
	for name, active := range d.People {
		if !active {
			gone = append(gone, name)
		}
	}
	if len(gone) > 0 {
		return posture.Fail("no active account: %s", some(gone)).At(d.InForce.Expires)
	}
	return posture.Pass("all %d named have active accounts", len(d.People)).At(d.InForce.Expires)
}

const namesMost = 5

// some writes a list for a reason: sorted, the first few and how many more.
func some(names []string) string {
	names = slices.Sorted(slices.Values(names))
	if len(names) > namesMost {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:namesMost], ", "), len(names)-namesMost)
	}
	return strings.Join(names, ", ")
}
