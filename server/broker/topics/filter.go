package topics

import "strings"

// Covers reports whether every topic that filter can match is matched by pattern too. Both are valid topic filters; a topic
// name is a filter as well.
func Covers(pattern, filter string) bool {
	for {
		p, patternRest, patternMore := strings.Cut(pattern, "/")
		if p == "#" {
			return true
		}
		f, filterRest, filterMore := strings.Cut(filter, "/")
		if f == "#" || (p != f && p != "+") {
			return false
		}
		switch {
		case !filterMore && !patternMore:
			return true
		case !filterMore:
			return patternRest == "#" // "a/#" matches "a" as well
		case !patternMore:
			return false
		}
		pattern, filter = patternRest, filterRest
	}
}
