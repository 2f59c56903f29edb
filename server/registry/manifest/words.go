package manifest

import "strings"

// suggest is ": did you mean X?" for the known word that s most resembles, or what may stand there when few are known.
func suggest(s string, known []string) string {
	best, least := "", 3
	if len(s) > 64 {
		return ""
	}
	for _, k := range known {
		if d := distance(strings.ToLower(s), strings.ToLower(k)); d < least || strings.EqualFold("tw:"+s, k) {
			best, least = k, d
		}
	}
	for _, k := range known {
		if best == "" && len(s) >= 3 && strings.HasPrefix(k, s) {
			best = k
		}
	}
	if best != "" {
		return ": did you mean " + best + "?"
	}
	return ""
}

// distance counts the letters to insert, drop or change between a and b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
