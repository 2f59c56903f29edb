package audit

import (
	"github.com/thingward/thingward/kit/provable"
)

// points walks over the stored checkpoints with sizes above from and up to to, in order, a few at a time.
type points struct {
	l        *Log
	q        querier
	from, to int64
	ahead    []provable.Checkpoint
	done     bool
}

// at gives the checkpoint of size entries where one is stored. Sizes must be asked for in rising order.
func (p *points) at(size int64) (cp provable.Checkpoint, ok bool, err error) {
	for {
		for len(p.ahead) > 0 && p.ahead[0].Size < size {
			p.ahead = p.ahead[1:]
		}
		if len(p.ahead) > 0 || p.done {
			break
		}
		if err := p.read(); err != nil {
			return cp, false, err
		}
	}
	if len(p.ahead) == 0 || p.ahead[0].Size != size {
		return cp, false, nil
	}
	return p.ahead[0], true, nil
}

func (p *points) read() error {
	rows, err := p.q.Query("SELECT size, note FROM audit_checkpoint WHERE size > ? AND size <= ? ORDER BY size LIMIT 256", p.from, p.to)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var size int64
		var text string
		if err := rows.Scan(&size, &text); err != nil {
			return err
		}
		cp, err := p.l.openCheckpoint(size, text)
		if err != nil {
			return err
		}
		p.ahead, p.from = append(p.ahead, cp), size
	}
	p.done = len(p.ahead) == 0
	return rows.Err()
}
