package kinds

import (
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

func training() []records.Field {
	return []records.Field{
		line("course", "Course and version", "An approved course."),
		done("completed", "Completed on", ""),
		line("trainer", "Trainer or platform", ""),
		number("mark", "Mark, percent", "", 0, 100),
		choice("result", "Result", "Only a course that was passed counts.", "passed"),
	}
}

func trainingExample(course string) records.Body {
	return records.Body{"course": course, "completed": "-20d", "trainer": "Learning platform", "mark": 92.0, "result": "passed"}
}

// trainedIn passes while the training counts and its course is one that is approved now. A newer version of the course does not
// undo what was learnt from the one before.
func trainedIn(kind string) func(*records.Duty, time.Time) posture.Verdict {
	return func(d *records.Duty, now time.Time) posture.Verdict {
		return onRecord(func(r *records.Record) posture.Verdict {
			for _, o := range d.Others {
				name := cell(o.Body, "name")
				if o.Kind == kind && o.Altered == "" && now.Before(o.Expires) && name != "" && strings.Contains(strings.ToLower(cell(r.Body, "course")), strings.ToLower(name)) {
					return posture.Pass("%s on %s", cell(r.Body, "course"), posture.Day(r.Performed)).At(o.Expires)
				}
			}
			return posture.Fail("%q is no course that is approved now", cell(r.Body, "course"))
		})(d, now)
	}
}
