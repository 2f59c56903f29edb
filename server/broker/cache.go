package broker

import (
	"context"
	"errors"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// cache keeps the latest stored segments in memory, for sessions that are a little behind, and those that sessions catching
// up have asked for. The oldest go first.
type cache struct {
	mu    sync.RWMutex
	most  int
	size  int
	bySeq map[uint64][]byte
	order []uint64
}

func newCache(most int) *cache { return &cache{most: most, bySeq: map[uint64][]byte{}} }

func (k *cache) get(seq uint64) []byte {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.bySeq[seq]
}

func (k *cache) put(seq uint64, seg []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, there := k.bySeq[seq]; there {
		return
	}
	k.bySeq[seq] = seg
	k.order = append(k.order, seq)
	k.size += len(seg)
	for k.size > k.most && len(k.order) > 1 {
		old := k.order[0]
		k.order = k.order[1:]
		k.size -= len(k.bySeq[old])
		delete(k.bySeq, old)
	}
}

// load brings a segment into the cache; found is false when it is stored no longer.
func (s *Service) load(seq uint64) (found bool, err error) {
	if s.cache.get(seq) != nil {
		return true, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTry)
	defer cancel()
	msg, err := s.store.in.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s.cache.put(seq, msg.Data)
	return true, nil
}
