package kinds

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/records"
	"github.com/thingward/thingward/server/store/storetest"
)

// nowhere is a world without anything in it.
type nowhere struct{}

func (nowhere) Objects(context.Context, records.About) ([]records.Object, error) { return nil, nil }

func (nowhere) Object(context.Context, records.About, string) (records.Object, bool, error) {
	return records.Object{}, false, nil
}

func (nowhere) People(context.Context) ([]records.PersonFacts, error) { return nil, nil }

// TestTheServiceTakesEveryKind makes the self-tests of every kind on a real service: its example is accepted whole and refused
// without any of its required parts.
func TestTheServiceTakesEveryKind(t *testing.T) {
	db, c := storetest.Open(t), clock.NewFake(testNow)
	s, err := records.New(t.Context(), records.Config{
		DB: db, Bus: bustest.Open(t), Audit: audittest.Open(t, db, nil, c), Clock: c, Log: slog.New(slog.DiscardHandler),
		Key: sealed.NewKey(), Kinds: Records(), World: nowhere{}, Serves: Served(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	everyKind(t, func(t *testing.T, k Spec) {
		if held, detail, err := s.TryIncomplete(t.Context(), k.Name); err != nil || !held {
			t.Errorf("incomplete: %v %s %v", held, detail, err)
		}
		if held, detail, err := s.TrySelfApproval(t.Context(), k.Name); err != nil || !held {
			t.Errorf("self-approval: %v %s %v", held, detail, err)
		}
		for _, r := range k.Refuses {
			if r.Try != NotIndependent {
				continue
			}
			if held, detail, err := s.TryNotIndependent(t.Context(), k.Name); err != nil || !held || !strings.Contains(detail, "owner") {
				t.Errorf("not independent: %v %s %v", held, detail, err)
			}
		}
	})
}
