package posture

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Satisfies reports whether a version meets a constraint such as ">=2.4.1", ">=2.4 <3" or ">=2.4, <3"; a bare version
// means at least that. Versions are numbers with dots; a suffix after a hyphen makes one lower than the same without (2.0-rc1 < 2.0), and
// one after a plus counts for nothing. The error names what cannot be read.
func Satisfies(version, constraint string) (bool, error) {
	have, err := parseVersion(version)
	if err != nil {
		return false, err
	}
	parts := strings.FieldsFunc(strings.Join(strings.Fields(spaced.Replace(constraint)), ","), func(r rune) bool { return r == ',' })
	if len(parts) == 0 {
		return false, fmt.Errorf("%q is no version constraint", constraint)
	}
	for _, part := range parts {
		op := part[:len(part)-len(strings.TrimLeft(part, "<>="))]
		want, err := parseVersion(strings.TrimSpace(part[len(op):]))
		if err != nil {
			return false, err
		}
		c := have.compare(want)
		ok, known := map[string]bool{"": c >= 0, ">=": c >= 0, ">": c > 0, "<": c < 0, "<=": c <= 0, "=": c == 0, "==": c == 0}[op]
		if !known {
			return false, fmt.Errorf("%q is no version constraint", constraint)
		}
		if !ok {
			return false, nil
		}
	}
	return true, nil
}

// spaced takes the blanks after an operator away, so that the others part constraints as commas do.
var spaced = strings.NewReplacer(">= ", ">=", "<= ", "<=", "== ", "==", "> ", ">", "< ", "<", "= ", "=")

type version struct {
	numbers []int
	pre     string
}

func parseVersion(s string) (v version, err error) {
	core, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(s), "v"), "+")
	core, v.pre, _ = strings.Cut(core, "-")
	for part := range strings.SplitSeq(core, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return v, fmt.Errorf("%q is no version", s)
		}
		v.numbers = append(v.numbers, n)
	}
	return v, nil
}

func (v version) compare(w version) int {
	for i := range max(len(v.numbers), len(w.numbers)) {
		if c := cmp.Compare(at0(v.numbers, i), at0(w.numbers, i)); c != 0 {
			return c
		}
	}
	switch {
	case v.pre == w.pre:
		return 0
	case v.pre == "":
		return 1
	case w.pre == "":
		return -1
	default:
		return cmp.Compare(v.pre, w.pre)
	}
}

// at0 is the number at a place, 0 beyond the end.
func at0(numbers []int, i int) int {
	if i < len(numbers) {
		return numbers[i]
	}
	return 0
}
