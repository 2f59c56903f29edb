package store

import "strings"

// In makes an IN list of values: marks is what stands between its brackets, args fill it. The list is filled up to a power of two
// by repeating the last value, so that reading pages of any size needs few different statements. An empty one matches nothing.
func In(values []string) (marks string, args []any) {
	if len(values) == 0 {
		return "NULL", nil
	}
	n := 1
	for n < len(values) {
		n *= 2
	}
	args = make([]any, n)
	for i := range args {
		args[i] = values[min(i, len(values)-1)]
	}
	return strings.Repeat("?, ", n-1) + "?", args
}
