package broker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thingward/thingward/server/broker/packet"
)

// savedSession is a session's record in the store.
type savedSession struct {
	Version  int                 `json:"version"`
	Kind     string              `json:"kind"`
	ID       string              `json:"id"`
	ClientID string              `json:"client"`
	Nonce    uint64              `json:"nonce"`
	Expiry   int64               `json:"expirySeconds"`
	Seq      uint64              `json:"seq"` // where delivery stood, unless a later mark says otherwise
	Off      uint32              `json:"off"`
	Subs     []savedSubscription `json:"subscriptions"`
	Will     *will               `json:"will,omitempty"`
}

type savedSubscription struct {
	Filter  string `json:"filter"`
	QoS     byte   `json:"qos"`
	NoLocal bool   `json:"noLocal,omitempty"`
	AsIs    bool   `json:"asPublished,omitempty"`
	ID      uint32 `json:"id,omitempty"`
	From    uint64 `json:"from"`
}

const savedVersion = 1

// save stores the session as it is now. Another node's write in between is a take-over there and fails; our own write whose
// answer was lost is known by its bytes.
func (ss *session) save(ctx context.Context) error {
	ss.saving.Lock()
	defer ss.saving.Unlock()
	ss.mu.Lock()
	after := ss.recorded
	data := ss.encodeLocked()
	ss.mu.Unlock()
	seq, err := ss.s.store.put(ctx, sessPrefix+token(ss.key), data, after)
	if err != nil {
		if seq, err = ss.putAgain(ctx, data, after, err); err != nil {
			return err
		}
	}
	ss.mu.Lock()
	ss.recorded = seq
	ss.mu.Unlock()
	return nil
}

// putAgain finds out what became of a write that failed.
func (ss *session) putAgain(ctx context.Context, data []byte, after uint64, cause error) (seq uint64, err error) {
	subject := sessPrefix + token(ss.key)
	msg, err := ss.s.store.sessions.GetLastMsgForSubject(ctx, subject)
	switch {
	case err != nil:
		return 0, cause
	case bytes.Equal(msg.Data, data):
		return msg.Sequence, nil
	case lost(cause) && after == 0: // left behind by a session that has ended
		return ss.s.store.put(ctx, subject, data, msg.Sequence)
	case lost(cause):
		return 0, fmt.Errorf("session was taken over elsewhere: %w", cause)
	}
	return 0, cause
}

func (ss *session) encodeLocked() []byte {
	at := ss.position()
	if at.seq == 0 {
		at = position{seq: ss.s.commit.routed.Load() + 1}
	}
	ss.savedExpiry, ss.savedWill = ss.expiry, ss.will != nil
	rec := savedSession{Version: savedVersion, Kind: ss.kind, ID: ss.id, ClientID: ss.clientID, Nonce: ss.nonce, Expiry: int64(ss.expiry / time.Second), Seq: at.seq, Off: at.off, Will: ss.will}
	for _, sub := range ss.subs {
		rec.Subs = append(rec.Subs, savedSubscription{sub.filter, sub.qos, sub.noLocal, sub.asIs, sub.id, sub.from})
	}
	data, err := json.Marshal(rec)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return data
}

// decodeSession reads a record back.
func decodeSession(data []byte) (rec savedSession, err error) {
	if err := json.Unmarshal(data, &rec); err != nil {
		return rec, err
	}
	if rec.Version != savedVersion || rec.Kind == "" || rec.ID == "" || rec.Expiry < 0 || rec.Expiry > int64(100*365*24*3600) {
		return rec, fmt.Errorf("session record of version %d is damaged or of a newer release", rec.Version)
	}
	for _, sub := range rec.Subs {
		if !packet.ValidFilter(sub.Filter) || sub.QoS > 2 {
			return rec, fmt.Errorf("session record holds a damaged filter")
		}
	}
	if w := rec.Will; w != nil && (!packet.ValidTopic(w.Topic) || w.QoS > 2 || w.Delay < 0) {
		return rec, fmt.Errorf("session record holds a damaged will")
	}
	return rec, nil
}

// revive makes a session from its record. Its subscriptions count as allowed until its client connects and is judged anew.
func (s *Service) revive(rec savedSession, seq uint64, now time.Time) *session {
	ss := s.newSession(rec.Kind, rec.ID, rec.ClientID)
	ss.nonce, ss.expiry, ss.recorded, ss.away = rec.Nonce, time.Duration(rec.Expiry)*time.Second, seq, now
	ss.start, ss.will = position{rec.Seq, rec.Off}, rec.Will
	ss.savedExpiry, ss.savedWill = ss.expiry, ss.will != nil
	ss.subs = make(map[string]*subscription, len(rec.Subs))
	for _, x := range rec.Subs {
		sub := &subscription{ss: ss, filter: x.Filter, qos: x.QoS, noLocal: x.NoLocal, asIs: x.AsIs, id: x.ID, from: x.From, open: true}
		ss.subs[x.Filter] = sub
		s.placeAgain(sub)
	}
	if ss.will != nil {
		ss.willAt = now.Add(max(min(ss.will.Delay, ss.expiry), reviveWill))
	}
	return ss
}

// reviveWill is how long a client has to come back after a restart of the server before its will is published.
const reviveWill = 30 * time.Second

// unsave removes the session's record.
func (ss *session) unsave(ctx context.Context) error {
	if !ss.s.store.sole() {
		return errNotSole
	}
	ss.saving.Lock()
	defer ss.saving.Unlock()
	if err := ss.s.store.sessions.Purge(ctx, jetstream.WithPurgeSubject(sessPrefix+token(ss.key))); err != nil {
		return err
	}
	ss.mu.Lock()
	ss.recorded = 0
	ss.mu.Unlock()
	return nil
}
