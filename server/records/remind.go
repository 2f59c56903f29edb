package records

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

const (
	remindEvery = time.Minute
	remindBatch = 200
)

// remindDays are how many days before its end a record reminds of itself, the most urgent last; 0 is its end.
var remindDays = []int{30, 7, 1, 0}

func (s *Service) reminding(ctx context.Context) {
	for {
		if err := s.Remind(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("reminders were not sent, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.Clock.After(remindEvery):
		}
	}
}

// notice is a reminder that is due.
type notice struct {
	stored
	days int
}

func (n notice) what() string { return fmt.Sprintf("%dd", n.days) }

// Remind sends every reminder that is due and was not sent yet: 30, 7 and 1 days before the end of a record in force, and at
// its end. Where several are due at once, only the most urgent one goes out. An event is stored before its reminder is noted
// as sent, and its id depends on record and reminder alone: whatever stops the server in between, it counts once.
func (s *Service) Remind(ctx context.Context) error {
	for ctx.Err() == nil {
		due, err := s.noticesDue(ctx)
		if err != nil || len(due) == 0 {
			return err
		}
		if err := s.send(ctx, due); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// noticesDue lists the most urgent due reminder of each record that did not get it yet, a batch at a time.
func (s *Service) noticesDue(ctx context.Context) ([]notice, error) {
	now := s.Clock.Now()
	for i := len(remindDays) - 1; i >= 0; i-- { // the end first
		days := remindDays[i]
		from, to := time.Unix(0, 0), now.AddDate(0, 0, days)
		if i+1 < len(remindDays) {
			from = now.AddDate(0, 0, remindDays[i+1])
		}
		found, err := readRecords(s.reader(ctx), `WHERE r.state = 'approved' AND r.expires > ? AND r.expires <= ? AND NOT EXISTS
			(SELECT 1 FROM records_notice n WHERE n.record = r.id AND n.what = ?) ORDER BY r.expires, r.id LIMIT ?`, store.Time(from), store.Time(to), notice{days: days}.what(), remindBatch)
		if err != nil {
			return nil, err
		}
		var out []notice
		for _, r := range found {
			out = append(out, notice{r, days})
		}
		if len(out) > 0 {
			return out, nil
		}
	}
	return nil, nil
}

func (s *Service) send(ctx context.Context, due []notice) error {
	events := make([]fleet.Event, 0, len(due))
	for _, n := range due {
		events = append(events, s.noticeEvent(n))
	}
	if err := s.Bus.Append(ctx, events); err != nil {
		return err
	}
	err := s.DB.Keep(ctx, func(tx *store.Tx) error {
		for _, n := range due {
			for _, days := range remindDays { // the milder ones are behind too
				if days < n.days {
					continue
				}
				if _, err := tx.Exec("INSERT INTO records_notice (record, what, at) VALUES (?, ?, ?) ON CONFLICT (record, what) DO NOTHING", n.ID, notice{days: days}.what(), store.Time(s.Clock.Now())); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		for _, n := range due {
			s.announce(Live{"record", n.ID, n.Kind, n.Object.ID, n.State})
		}
	}
	return err
}

func (s *Service) noticeEvent(n notice) fleet.Event {
	typ, data := "record.expiring", map[string]any{"record": n.ID, "kind": n.Kind, "object": n.Object.ID, "owner": n.Owner, "expires": n.Expires.Format(time.RFC3339)}
	if n.days == 0 {
		typ = "record.expired"
	} else {
		data["days"] = n.days
	}
	ev := fleet.NewEvent(typ, s.Clock.Now(), fleet.Server("records"), n.party(), data)
	ev.ID = id.Derive(n.Expires.AddDate(0, 0, -n.days), n.ID, n.what())
	return ev
}
