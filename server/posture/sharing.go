package posture

import (
	"context"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// sharing is when an account was last at work from several addresses at once, and from which.
type sharing struct {
	at        time.Time
	addresses []string
}

// sawSharing keeps what an account.shared event says; it outlives a restart.
func (s *Service) sawSharing(ev fleet.Event) {
	account := ev.Initiator.ID
	sh := sharing{at: ev.Time}
	if list, ok := ev.Data["addresses"].([]any); ok {
		for _, a := range list {
			if text, ok := a.(string); ok {
				sh.addresses = append(sh.addresses, text)
			}
		}
	}
	s.mu.Lock()
	if !ev.Time.After(s.shared[account].at) {
		s.mu.Unlock()
		return
	}
	s.shared[account] = sh
	s.mu.Unlock()
	err := s.DB.Keep(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO posture_shared (account, at, addresses) VALUES (?, ?, ?)
			ON CONFLICT (account) DO UPDATE SET at = excluded.at, addresses = excluded.addresses`, account, store.Time(sh.at), strings.Join(sh.addresses, " "))
		return err
	})
	if err != nil {
		s.Log.Error("the sharing of an account was not kept", "account", account, "error", err)
	}
	s.Changed(Account, account)
}

func (s *Service) restoreSharing(ctx context.Context) error {
	rows, err := s.DB.Query(ctx, "SELECT account, at, addresses FROM posture_shared")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var account, addresses string
		var at int64
		if err := rows.Scan(&account, &at, &addresses); err != nil {
			return err
		}
		s.shared[account] = sharing{store.FromTime(at), strings.Fields(addresses)}
	}
	return rows.Err()
}

// complete adds to facts what the engine itself knows.
func (s *Service) complete(f Facts) {
	if sf, ok := f.(*ServerFacts); ok {
		for _, w := range sf.Weakened {
			if _, named := s.SettingException(settingName(w)); named {
				sf.Excused = append(sf.Excused, settingName(w))
			}
		}
	}
	if a, ok := f.(*AccountFacts); ok {
		s.mu.RLock()
		sh := s.shared[a.ID]
		s.mu.RUnlock()
		a.Shared, a.Addresses = sh.at, sh.addresses
	}
}
