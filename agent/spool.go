package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/thingward/thingward/kit/durable"
	"github.com/thingward/thingward/kit/sealed"
)

// spool keeps messages, in order and sealed on disk, until the server has acknowledged them. When it is full the oldest
// telemetry is dropped first and events last.
type spool struct {
	dir   string
	seal  sealed.Key
	limit int

	mu      sync.Mutex
	seqs    []uint64 // ascending
	topics  map[uint64]string
	next    uint64
	dropped int
	ready   chan struct{}
}

type spooled struct {
	Topic   string `json:"topic"`
	Payload []byte `json:"payload"`
}

func openSpool(dir string, seal sealed.Key, limit int) (*spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("agent spool: %w", err)
	}
	s := &spool{dir: dir, seal: seal, limit: limit, topics: map[uint64]string{}, ready: make(chan struct{}, 1)}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("agent spool: %w", err)
	}
	for _, e := range entries {
		if seq, err := strconv.ParseUint(e.Name(), 10, 64); err == nil {
			s.seqs = append(s.seqs, seq)
			if m, err := s.read(seq); err == nil { // one that does not open is dropped when its turn comes
				s.topics[seq] = m.Topic
			}
		}
	}
	slices.Sort(s.seqs)
	if len(s.seqs) > 0 {
		s.next = s.seqs[len(s.seqs)-1] + 1
		s.wake()
	}
	return s, nil
}

func (s *spool) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seqs)
}

func (s *spool) wake() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

func (s *spool) path(seq uint64) string { return filepath.Join(s.dir, fmt.Sprintf("%020d", seq)) }

func (s *spool) put(topic string, payload []byte) error {
	b, err := json.Marshal(spooled{topic, payload})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.seqs) >= s.limit {
		s.drop()
	}
	seq := s.next
	if err := durable.WriteFile(s.path(seq), s.seal.Seal(b, "spool"), 0o600); err != nil {
		return fmt.Errorf("message not kept: %w", err)
	}
	s.next++
	s.seqs = append(s.seqs, seq)
	s.topics[seq] = topic
	s.wake()
	return nil
}

// drop makes room: the oldest telemetry, or the oldest message when there is none.
func (s *spool) drop() {
	at := slices.IndexFunc(s.seqs, func(seq uint64) bool { return strings.Contains(s.topics[seq], "/telemetry/") })
	s.removeAt(max(at, 0))
	s.dropped++
}

// first is the oldest message; ok is false when there is none. One that does not open any more is dropped and counted.
func (s *spool) first() (seq uint64, m spooled, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.seqs) > 0 {
		seq = s.seqs[0]
		if m, err := s.read(seq); err == nil {
			return seq, m, true
		}
		s.removeAt(0)
		s.dropped++
	}
	return 0, m, false
}

// read opens one message.
func (s *spool) read(seq uint64) (m spooled, err error) {
	box, err := os.ReadFile(s.path(seq))
	if err != nil {
		return m, err
	}
	plain, err := s.seal.Open(box, "spool")
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(plain, &m)
}

// done forgets a message that the server has.
func (s *spool) done(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, found := slices.BinarySearch(s.seqs, seq); found {
		s.removeAt(i)
	}
}

func (s *spool) removeAt(i int) {
	seq := s.seqs[i]
	s.seqs = slices.Delete(s.seqs, i, i+1)
	delete(s.topics, seq)
	if err := os.Remove(s.path(seq)); err != nil && !errors.Is(err, os.ErrNotExist) {
		s.dropped++ // it stays on disk and is sent again after a restart: at least once
	}
}
