// Package segment is the form in which the broker stores messages: many publishes packed into one JetStream message, so that
// one fsync serves them all. A record keeps everything a later delivery needs; its position is the stream sequence of its
// segment and its offset inside it.
//
//	segment:  'T' 'W' version u8 0 | time i64 (Unix nanoseconds) | records
//	record:   size u32 (of the rest) | flags u8 | origin u64 | publisher u8+bytes | topic u16+bytes | properties u16+bytes | payload
//
// All numbers are big-endian. Segments are read back from disk, so every length is checked.
package segment

import (
	"encoding/binary"
	"errors"
	"time"
)

// HeaderSize is where the first record starts.
const HeaderSize = 12

const (
	version    = 1
	recordHead = 4 + 1 + 8 // size, flags, origin
)

// ErrDamaged says that bytes are no segment of this version.
var ErrDamaged = errors.New("segment is damaged or of a newer version")

// Source says what kind of client published a record.
type Source byte

// The sources. FromTopicDevice leaves out the publisher: it is the device that the topic names, which is nearly every record.
const (
	FromServer Source = iota
	FromDevice
	FromAccount
	FromTopicDevice
)

// Record is one message. Its slices alias the segment it was read from.
type Record struct {
	Source     Source
	QoS        byte // 0 or 1
	Retain     bool
	Origin     uint64 // hash of the publishing session, for the No Local option
	Publisher  []byte // id of the device or account
	Topic      []byte
	Properties []byte // MQTT 5.0 properties as on the wire, without their length
	Payload    []byte
}

const (
	flagRetain = 1 << 0
	flagQoS1   = 1 << 1
	sourceBit  = 2
)

// Start appends the header of a new segment.
func Start(dst []byte) []byte {
	return append(dst, 'T', 'W', version, 0, 0, 0, 0, 0, 0, 0, 0, 0)
}

// Stamp sets the time of a segment, which is that of all its records.
func Stamp(seg []byte, at time.Time) {
	binary.BigEndian.PutUint64(seg[4:], uint64(at.UnixNano()))
}

// Time is when the segment was closed.
func Time(seg []byte) time.Time {
	return time.Unix(0, int64(binary.BigEndian.Uint64(seg[4:]))).UTC()
}

// Check refuses what is no segment.
func Check(seg []byte) error {
	if len(seg) < HeaderSize || seg[0] != 'T' || seg[1] != 'W' || seg[2] != version {
		return ErrDamaged
	}
	return nil
}

// Size is how many bytes Append adds for r.
func Size(r *Record) int {
	return recordHead + 1 + len(r.Publisher) + 2 + len(r.Topic) + 2 + len(r.Properties) + len(r.Payload)
}

// Fits reports whether the record's parts fit their length fields.
func Fits(r *Record) bool {
	return len(r.Publisher) <= 0xff && len(r.Topic) <= 0xffff && len(r.Properties) <= 0xffff && len(r.Payload) <= 1<<28
}

// Append adds a record, which must fit.
func Append(dst []byte, r *Record) []byte {
	flags := byte(r.Source) << sourceBit
	if r.Retain {
		flags |= flagRetain
	}
	if r.QoS > 0 {
		flags |= flagQoS1
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(Size(r)-4))
	dst = append(dst, flags)
	dst = binary.BigEndian.AppendUint64(dst, r.Origin)
	dst = append(dst, byte(len(r.Publisher)))
	dst = append(dst, r.Publisher...)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(r.Topic)))
	dst = append(dst, r.Topic...)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(r.Properties)))
	dst = append(dst, r.Properties...)
	return append(dst, r.Payload...)
}

// At reads the record at offset and returns the offset of the next one, which equals len(seg) after the last.
func At(seg []byte, offset int, r *Record) (next int, err error) {
	if offset < HeaderSize || offset > len(seg)-recordHead-5 {
		return 0, ErrDamaged
	}
	size := int(binary.BigEndian.Uint32(seg[offset:]))
	if size < recordHead-4+5 || size > len(seg)-offset-4 {
		return 0, ErrDamaged
	}
	next = offset + 4 + size
	b := seg[offset+4 : next : next]
	flags := b[0]
	r.Source, r.Retain, r.QoS = Source(flags>>sourceBit&3), flags&flagRetain != 0, flags&flagQoS1>>1
	r.Origin = binary.BigEndian.Uint64(b[1:])
	publisher, rest, ok := cut(b[9:], 1)
	if !ok {
		return 0, ErrDamaged
	}
	r.Publisher = publisher
	if r.Topic, rest, ok = cut(rest, 2); !ok {
		return 0, ErrDamaged
	}
	if r.Properties, rest, ok = cut(rest, 2); !ok {
		return 0, ErrDamaged
	}
	r.Payload = rest
	return next, nil
}

// cut takes a field with a length of width bytes off b.
func cut(b []byte, width int) (field, rest []byte, ok bool) {
	if len(b) < width {
		return nil, nil, false
	}
	n := int(b[0])
	if width == 2 {
		n = n<<8 | int(b[1])
	}
	if b = b[width:]; len(b) < n {
		return nil, nil, false
	}
	return b[:n:n], b[n:], true
}
