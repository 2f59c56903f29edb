package records

import (
	"regexp"
	"strconv"
	"time"
)

// offset is a date in an example: days before or after the day on which it is shown or tried.
var offset = regexp.MustCompile(`^[+-]\d{1,4}d$`)

// ExampleOn is the kind's example with its dates made out for a day. In Example they stand as -14d or +180d, because a fixed
// date would some day be too old to be approved.
func (k Kind) ExampleOn(day time.Time) Body {
	out, _ := dated(map[string]any(k.Example), day.UTC()).(map[string]any)
	return out
}

func dated(v any, day time.Time) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, value := range v {
			out[name] = dated(value, day)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = dated(value, day)
		}
		return out
	case string:
		if offset.MatchString(v) {
			days, _ := strconv.Atoi(v[:len(v)-1]) // four digits
			return day.AddDate(0, 0, days).Format(time.DateOnly)
		}
	}
	return v
}
