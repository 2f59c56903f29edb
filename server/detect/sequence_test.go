package detect

import (
	"fmt"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
)

func minutes(n int) int64 { return int64(n) * time.Minute.Microseconds() }

func five() *active { return &active{Rule: &Rule{}, threshold: 5, window: 30 * time.Minute} }

func TestSequence(t *testing.T) {
	for _, test := range []struct {
		name string
		at   []int // minutes; negative is a reset at that minute
		want int   // marks in the crossing
	}{
		{"four", []int{1, 2, 3, 4}, 0},
		{"five", []int{1, 2, 3, 4, 5}, 5},
		{"five in 31 minutes", []int{1, 2, 3, 4, 32}, 0},
		{"the window slides", []int{1, 2, 3, 4, 32, 33}, 0},
		{"the last five", []int{1, 10, 11, 12, 32, 33}, 5},
		{"a reset between", []int{1, 2, 3, 4, -5, 6}, 0},
		{"five after a reset", []int{1, 2, -3, 4, 5, 6, 7, 8}, 5},
		{"what follows within the window is in", []int{1, 2, 3, 4, 5, 6, 32}, 6},
		{"only resets", []int{-1, -2, -3}, 0},
		{"out of order", []int{5, 3, 1, 2, 4}, 5},
	} {
		var q sequence
		for i, m := range test.at {
			mk := mark{ID: fmt.Sprint(i), At: minutes(m), N: 1}
			if m < 0 {
				mk.At, mk.N = minutes(-m), 0
			}
			if !q.add(mk, five()) {
				t.Errorf("%s: %d refused", test.name, m)
			}
		}
		if got := len(q.crossing(five())); got != test.want {
			t.Errorf("%s: %d marks, want %d", test.name, got, test.want)
		}
	}
}

func TestSequenceCountsValuesAndSums(t *testing.T) {
	var q sequence
	for i := range 9 {
		q.add(mark{ID: fmt.Sprint(i), At: minutes(i + 1), N: 1, Distinct: fmt.Sprint(i % 4)}, five())
	}
	distinct := five()
	distinct.Rule = &Rule{Distinct: func(fleet.Event) string { return "" }}
	if q.crossing(distinct) != nil {
		t.Error("four values crossed a threshold of five")
	}
	q.add(mark{ID: "x", At: minutes(10), N: 1, Distinct: "4"}, distinct)
	if len(q.crossing(distinct)) != 10 {
		t.Error("five values crossed nothing")
	}
	q = sequence{}
	q.add(mark{ID: "a", At: minutes(1), N: 1}, five())
	q.add(mark{ID: "b", At: minutes(2), N: 4}, five())
	if len(q.crossing(five())) != 2 {
		t.Error("an event that stands for four counted as one")
	}
}

func TestSequenceIsBoundedAndKnowsWhatItForgot(t *testing.T) {
	var q sequence
	for i := range 10_000 {
		q.add(mark{ID: fmt.Sprintf("%05d", i), At: minutes(10 * (i + 1)), N: 1}, five())
	}
	if len(q.Marks) > marksMost || q.Horizon == 0 {
		t.Errorf("%d marks, horizon %d", len(q.Marks), q.Horizon)
	}
	if q.add(mark{ID: "late", At: q.Horizon, N: 1}, five()) {
		t.Error("an event behind the horizon was taken")
	}
	newest := q.Marks[len(q.Marks)-1]
	if q.add(newest, five()) {
		t.Error("an event was taken twice")
	}
	far := mark{ID: "far", At: newest.At + (100 * time.Hour).Microseconds(), N: 1}
	if !q.add(far, five()) || len(q.Marks) != 1 || q.Horizon != newest.At {
		t.Errorf("after four days: %d marks", len(q.Marks))
	}
}

func TestAlertKeepsItsFirstAndLastEvents(t *testing.T) {
	al := newAlert(five(), fleet.Party{}, []mark{{ID: "first", At: minutes(1), N: 1}}, time.Now())
	for i := range 1000 {
		al.follow(mark{ID: fmt.Sprint(i), At: minutes(i), N: 1})
	}
	if len(al.Events) != evidenceMost || al.Events[0] != "first" || al.Events[evidenceMost-1] != "999" || al.Count != 1001 {
		t.Errorf("%d events, count %d", len(al.Events), al.Count)
	}
}

func TestClean(t *testing.T) {
	long := cleanParty(fleet.Party{ID: string(make([]byte, 300)) + "a"})
	other := cleanParty(fleet.Party{ID: string(make([]byte, 300)) + "b"})
	if long.ID == other.ID || len(long.ID) > partMost+8 {
		t.Error("two long ids became one")
	}
	if got := clean("a\x00b\xffc", 10); got != "a b\uFFFDc" {
		t.Errorf("%q", got)
	}
}
