package posture

import (
	"encoding/binary"
	"errors"
	"unique"
)

// packed is one observation as stored: num stands for the check.
type packed struct {
	num uint64
	observation
}

// reasonMost bounds a stored reason, in bytes.
const reasonMost = 1 << 14

var errPacked = errors.New("packed observations are damaged")

// pack appends an observation: number, status and open flag, since, until and, for what is not good, the reason.
func pack(b []byte, num uint64, o observation) []byte {
	b = binary.AppendUvarint(b, num)
	flags := byte(o.status)
	if o.open {
		flags |= 0x80
	}
	b = append(b, flags)
	b = binary.AppendVarint(b, o.since)
	b = binary.AppendVarint(b, o.until)
	reason := ""
	if kept(o.status) && o.reason != (unique.Handle[string]{}) {
		reason = o.reason.Value()
		reason = reason[:min(len(reason), reasonMost)]
	}
	b = binary.AppendUvarint(b, uint64(len(reason)))
	return append(b, reason...)
}

// unpack reads what pack wrote.
func unpack(b []byte) (out []packed, err error) {
	for len(b) > 0 {
		var p packed
		var n int
		if p.num, n = binary.Uvarint(b); n <= 0 || len(b) == n {
			return nil, errPacked
		}
		flags := b[n]
		b = b[n+1:]
		p.status, p.open = code(flags&0x7f), flags&0x80 != 0
		if p.status == codeNone || p.status >= codes {
			return nil, errPacked
		}
		for _, t := range []*int64{&p.since, &p.until} {
			if *t, n = binary.Varint(b); n <= 0 {
				return nil, errPacked
			}
			b = b[n:]
		}
		size, n := binary.Uvarint(b)
		if n <= 0 || size > reasonMost || size > uint64(len(b)-n) {
			return nil, errPacked
		}
		p.reason = unique.Make(string(b[n : n+int(size)]))
		b = b[n+int(size):]
		out = append(out, p)
	}
	return out, nil
}
