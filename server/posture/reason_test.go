package posture

import (
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

func TestSpanNamesTheDayOnce(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 2, 0, 0, time.UTC)
	for want, to := range map[string]time.Time{
		"at 2026-11-22 10:02 UTC":                           at.Add(time.Second),
		"between 2026-11-22 10:02 and 10:31 UTC":            at.Add(29 * time.Minute),
		"between 2026-11-22 10:02 and 2026-11-23 10:02 UTC": at.Add(24 * time.Hour),
	} {
		if got := span(at, to); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCountsRead(t *testing.T) {
	for want, got := range map[string]string{
		"1 device": count(1, noun(Device)), "0 self-tests": count(0, noun(SelfTest)), "2 threat-model duties": count(2, noun(RecordPrefix+"threat-model")), "1 risk": count(1, noun(Risk)),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A control's reason is one sentence, however many checks stand the same and however much each has to say.
func TestReasonsAreShort(t *testing.T) {
	morning := store.Time(time.Date(2026, 11, 22, 10, 2, 0, 0, time.UTC))
	s := &Service{Config: Config{Checks: []Check{{Title: "Firmware is recent", Subject: Device}, {Title: "Types are named", Subject: Type}, {Title: "Plaintext is refused", Subject: SelfTest}}}}
	s.state.observed = []int64{morning, morning + int64(time.Minute/time.Microsecond), morning}
	c := &control{}
	c.def.ClearsWhen = "Every device runs it."
	counts := func(pass, fail int) []int {
		n := make([]int, codes)
		n[codePass], n[codeFail] = pass, fail
		return n
	}
	at := func(i int, status fleet.Status, reason string, n []int) stood {
		return stood{i, standing{status: status, reason: reason, counts: n}}
	}
	pass := []stood{at(0, fleet.Pass, "x", counts(20, 0)), at(1, fleet.Pass, "y", counts(3, 0)), at(2, fleet.Pass, strings.Repeat("refused; ", 90), counts(1, 0))}
	none := at(2, fleet.NotApplicable, "there is no listener", counts(0, 0))
	fails := []stood{pass[0], at(1, fleet.Fail, "2 of 3 fail (type).", counts(1, 2)), at(2, fleet.Fail, "got in", counts(0, 1))}
	for _, k := range []struct {
		status fleet.Status
		checks []stood
		want   string
	}{
		{fleet.Pass, pass, "all 3 checks pass (20 devices, 3 types, 1 self-test), measured between 2026-11-22 10:02 and 10:03 UTC"},
		{fleet.Pass, pass[:1], "its check passes (20 devices), measured at 2026-11-22 10:02 UTC"},
		{fleet.Pass, []stood{pass[0], none}, "1 of 2 checks pass and the rest does not apply (20 devices), measured at 2026-11-22 10:02 UTC"},
		{fleet.NotApplicable, []stood{none, none, none}, "Plaintext is refused: there is no listener; 2 other checks do not apply"},
		{fleet.Fail, fails, "Types are named: 2 of 3 fail (type); 1 other check fails. Clears when: Every device runs it."},
		{fleet.Fail, fails[2:], "Plaintext is refused: got in. Clears when: Every device runs it."},
		{fleet.Stale, fails, ""},
		{fleet.Unknown, []stood{at(0, fleet.Unknown, strings.Repeat("ä", 500), nil)}, "Firmware is recent: " + strings.Repeat("ä", toldMost) + "…"},
	} {
		if got := s.reasonOf(c, k.status, k.checks); got != k.want {
			t.Errorf("%s:\n%q, want\n%q", k.status, got, k.want)
		}
	}
}
