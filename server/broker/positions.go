package broker

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Positions are saved once a second: those that changed, packed into one message, with the sequence up to which everything
// is routed. What is lost with the last second is delivered twice, never not at all. A session with nothing waiting has the
// zero position and starts from the routed one, so that it need not be saved as messages pass it by.
//
//	mark: 'M' version u8 | routed u64 | entries of nonce u64, seq u64, off u32, away i64 (Unix milliseconds, 0 while connected)

const (
	markVersion   = 1
	markHead      = 2 + 8
	markEntry     = 8 + 8 + 4 + 8
	marksMost     = 512 << 10 // bytes of one message
	marksSnapshot = 300       // changes after which all positions are written anew and the changes dropped
)

var errMarks = errors.New("positions are damaged or of a newer version")

// mark is a session's saved position.
type mark struct {
	nonce uint64
	at    position
	away  time.Time
}

// dirty collects sessions whose position changed.
type dirty struct {
	mu   sync.Mutex
	list []*session
}

func (d *dirty) add(ss *session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = append(d.list, ss)
}

func (d *dirty) take() []*session {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := d.list
	d.list = nil
	return list
}

func startMarks(routed uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{'M', markVersion}, routed)
}

func appendMark(dst []byte, m mark) []byte {
	dst = binary.BigEndian.AppendUint64(dst, m.nonce)
	dst = binary.BigEndian.AppendUint64(dst, m.at.seq)
	dst = binary.BigEndian.AppendUint32(dst, m.at.off)
	away := int64(0)
	if !m.away.IsZero() {
		away = m.away.UnixMilli()
	}
	return binary.BigEndian.AppendUint64(dst, uint64(away))
}

func decodeMarks(b []byte, fn func(mark)) (routed uint64, err error) {
	if len(b) < markHead || b[0] != 'M' || b[1] != markVersion || (len(b)-markHead)%markEntry != 0 {
		return 0, errMarks
	}
	for e := b[markHead:]; len(e) > 0; e = e[markEntry:] {
		m := mark{nonce: binary.BigEndian.Uint64(e), at: position{binary.BigEndian.Uint64(e[8:]), binary.BigEndian.Uint32(e[16:])}}
		if away := int64(binary.BigEndian.Uint64(e[20:])); away != 0 {
			m.away = time.UnixMilli(away).UTC()
		}
		fn(m)
	}
	return binary.BigEndian.Uint64(b[2:]), nil
}

// mark takes the session's position for saving.
func (ss *session) mark() (m mark, lasting bool) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.dirty = false
	if ss.share != nil {
		ss.share.stale.Store(false)
	}
	return mark{ss.nonce, ss.position(), ss.away}, ss.expiry > 0 && !ss.dead && ss.recorded > 0
}

// savePositions stores retained messages first and then the positions, because a restart reads messages again only from
// the routed position on.
func (s *Service) savePositions(ctx context.Context) error {
	s.store.saving.Lock()
	defer s.store.saving.Unlock()
	routed := s.commit.routed.Load()
	if err := s.keepAll(ctx); err != nil {
		return err
	}
	list := s.store.dirty.take()
	if len(list) == 0 && routed == s.store.marked {
		return nil
	}
	full := s.store.deltas >= marksSnapshot
	if full {
		s.mu.RLock()
		list = s.stored()
		s.mu.RUnlock()
	}
	first, err := s.writeMarks(ctx, routed, list)
	if err != nil {
		if errors.Is(err, errFenced) {
			s.fence()
		}
		for _, ss := range list {
			ss.mu.Lock()
			ss.touch()
			ss.mu.Unlock()
		}
		return err
	}
	s.store.marked = routed
	s.store.deltas++
	if full {
		s.store.deltas = 0
		return s.store.marks.Purge(ctx, jetstream.WithPurgeSequence(first))
	}
	return nil
}

// writeMarks stores the positions of sessions in as many messages as they need and returns the sequence of the first. Only the
// last one carries the new routed position: it means that all the others are there.
func (s *Service) writeMarks(ctx context.Context, routed uint64, list []*session) (first uint64, err error) {
	for start := true; start || len(list) > 0; start = false {
		b := startMarks(s.store.marked)
		for len(list) > 0 && len(b) < marksMost {
			if m, lasting := list[0].mark(); lasting {
				b = appendMark(b, m)
			}
			list = list[1:]
		}
		if len(list) == 0 {
			binary.BigEndian.PutUint64(b[2:], routed)
		}
		seq, err := s.store.changes.append(ctx, s.store.js, s.store.changes.next(), b)
		if err != nil {
			return 0, err
		}
		if first == 0 {
			first = seq
		}
	}
	return first, nil
}

// marks reads all saved positions; the last one of a session counts.
func (s *Service) marks(ctx context.Context) (all map[uint64]mark, routed uint64, err error) {
	all = map[uint64]mark{}
	err = s.store.read(ctx, s.store.marks, 0, func(_ uint64, data []byte) {
		s.store.deltas++
		r, err := decodeMarks(data, func(m mark) { all[m.nonce] = m })
		if err != nil {
			s.Log.Error("positions not readable: messages may be delivered again", "error", err)
			return
		}
		routed = max(routed, r)
	})
	return all, routed, err
}
