package posture

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// toldMost bounds what a control repeats of one check, in characters; the check itself says all of it.
const toldMost = 240

// stood is a check and where it stands.
type stood struct {
	index int
	standing
}

// reasonOf says in short why a control stands where it stands: of one that passes how much was measured and when, of any other
// what stands so first, how many more do, and of one that fails what clears it. The caller holds mu.
func (s *Service) reasonOf(c *control, status fleet.Status, checks []stood) string {
	var so []stood
	for _, st := range checks {
		if st.status == status {
			so = append(so, st)
		}
	}
	switch {
	case len(so) == 0:
		return ""
	case status == fleet.Pass:
		return s.passes(so, len(checks))
	}
	first := so[0]
	reason := s.Checks[first.index].Title + ": " + strings.TrimSuffix(shorten(first.reason), ".")
	if n := len(so) - 1; n > 0 {
		reason += "; " + count(n, "other check") + " " + others[status][min(n, 2)-1]
	}
	if status == fleet.Fail {
		reason += ". Clears when: " + c.def.ClearsWhen
	}
	return reason
}

// others is what is said of one more check, and of several.
var others = map[fleet.Status][2]string{
	fleet.Fail: {"fails", "fail"}, fleet.Excepted: {"is excepted", "are excepted"}, fleet.Unknown: {"is unknown", "are unknown"}, fleet.Stale: {"is stale", "are stale"},
	fleet.NotApplicable: {"does not apply", "do not apply"}, fleet.NotAssessed: {"is not assessed", "are not assessed"},
}

// passes says how many checks pass, about how many objects, and from when to when each of them was last measured.
func (s *Service) passes(checks []stood, all int) string {
	text := "all " + count(len(checks), "check") + " pass"
	switch rest := all - len(checks); {
	case all == 1:
		text = "its check passes"
	case rest > 0:
		text = fmt.Sprintf("%d of %d checks pass and the rest %s", len(checks), all, others[fleet.NotApplicable][min(rest, 2)-1])
	}
	var kinds []Kind
	most := map[Kind]int{}
	oldest, newest := int64(0), int64(0)
	for _, st := range checks {
		kind, seen := s.Checks[st.index].Subject, s.state.observed[st.index]
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
		most[kind] = max(most[kind], st.counts[codePass])
		newest = max(newest, seen)
		if oldest == 0 || seen < oldest {
			oldest = seen
		}
	}
	var objects []string
	for _, k := range kinds {
		objects = append(objects, count(most[k], noun(k)))
	}
	return text + " (" + strings.Join(objects, ", ") + "), measured " + span(store.FromTime(oldest), store.FromTime(newest))
}

// span names two moments, the day only once where it is the same.
func span(from, to time.Time) string {
	const minute = "2006-01-02 15:04"
	a, b := from.UTC().Format(minute), to.UTC().Format(minute)
	switch {
	case a == b:
		return "at " + a + " UTC"
	case a[:10] == b[:10]:
		return "between " + a + " and " + b[11:] + " UTC"
	}
	return "between " + a + " and " + b + " UTC"
}

// noun is what one object of a kind is called.
func noun(k Kind) string {
	if name, ok := strings.CutPrefix(string(k), RecordPrefix); ok {
		return name + " duty"
	}
	return string(k)
}

// count is a number and what it counts, with an s where it is not one.
func count(n int, noun string) string {
	if n != 1 {
		if stem, ok := strings.CutSuffix(noun, "y"); ok {
			noun = stem + "ie"
		}
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// shorten ends a reason at toldMost characters.
func shorten(reason string) string {
	if utf8.RuneCountInString(reason) <= toldMost {
		return reason
	}
	return string([]rune(reason)[:toldMost]) + "…"
}
