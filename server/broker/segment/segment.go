// Package segment is the form in which the broker stores messages: many publishes packed into one JetStream message, so that
// one fsync serves them all. A record keeps everything a later delivery needs; its position is the stream sequence of its
// segment and its offset inside it. Control records between the messages tell how far the exchanges of QoS 2 have come.
//
//	segment:  'T' 'W' version u8 0 | time i64 (Unix nanoseconds) | records
//	record:   size u32 (of the rest) | flags u8 | origin u64 | a message or control
//	message:  of QoS 2 only: session u64, packet id u16 | publisher u8+bytes | topic u16+bytes | properties u16+bytes | payload
//	control:  kind u8 | packet id u16 | sent only: seq u64, offset u32, topic
//	flags:    bit 0 retain | bit 1 and, from version 2 on, bit 7: QoS, 3 for control | bits 2 and 3 source
//
// Version 1 knows no QoS 2 and no control. All numbers are big-endian. Segments are read back from disk, so every length is
// checked.
package segment

import (
	"encoding/binary"
	"errors"
	"time"
)

// HeaderSize is where the first record starts.
const HeaderSize = 12

const (
	version    = 2
	recordHead = 4 + 1 + 8 // size, flags, origin
	exchange   = 8 + 2     // session and packet id of a QoS 2 message
	control    = 1 + 2     // kind and packet id
	place      = 8 + 4     // sequence and offset
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

// Kind says what a record is.
type Kind byte

// The kinds. A message of QoS 2 is itself the record that its packet identifier was received; the others are control records,
// each committed before the packet that relies on it goes out.
const (
	Message  Kind = iota
	Sent          // a QoS 2 message goes to a subscriber under a packet identifier
	Received      // the subscriber has it: PUBREC came
	Released      // the publisher knows that we have it: PUBREL came
)

// Record is one message, or one step of a QoS 2 exchange. Its slices alias the segment it was read from.
type Record struct {
	Kind       Kind
	Source     Source
	QoS        byte
	Retain     bool
	Origin     uint64 // hash of the publishing session, for the No Local option
	Session    uint64 // nonce of the session whose exchange this is: QoS 2 and control records; 0: nobody's
	PacketID   uint16 // in that session
	Seq        uint64 // with Off, of a Sent record: where the message is stored; 0: Topic has the retained one that was sent
	Off        uint32
	Publisher  []byte // id of the device or account
	Topic      []byte
	Properties []byte // MQTT 5.0 properties as on the wire, without their length
	Payload    []byte
}

const (
	flagRetain = 1 << 0
	flagQoS1   = 1 << 1
	flagQoS2   = 1 << 7
	flagsOfV1  = 0x0f
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
	if len(seg) < HeaderSize || seg[0] != 'T' || seg[1] != 'W' || seg[2] == 0 || seg[2] > version {
		return ErrDamaged
	}
	return nil
}

// Size is how many bytes Append adds for r.
func Size(r *Record) int {
	switch {
	case r.Kind == Sent:
		return recordHead + control + place + len(r.Topic)
	case r.Kind != Message:
		return recordHead + control
	}
	n := recordHead + 1 + len(r.Publisher) + 2 + len(r.Topic) + 2 + len(r.Properties) + len(r.Payload)
	if r.QoS == 2 {
		n += exchange
	}
	return n
}

// Fits reports whether the record's parts fit their length fields.
func Fits(r *Record) bool {
	return len(r.Publisher) <= 0xff && len(r.Topic) <= 0xffff && len(r.Properties) <= 0xffff && len(r.Payload) <= 1<<28
}

// Append adds a record, which must fit.
func Append(dst []byte, r *Record) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(Size(r)-4))
	if r.Kind != Message {
		return appendControl(dst, r)
	}
	flags := byte(r.Source)<<sourceBit | r.QoS&1*flagQoS1 | r.QoS>>1*flagQoS2
	if r.Retain {
		flags |= flagRetain
	}
	dst = append(dst, flags)
	dst = binary.BigEndian.AppendUint64(dst, r.Origin)
	if r.QoS == 2 {
		dst = binary.BigEndian.AppendUint64(dst, r.Session)
		dst = binary.BigEndian.AppendUint16(dst, r.PacketID)
	}
	dst = append(dst, byte(len(r.Publisher)))
	dst = append(dst, r.Publisher...)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(r.Topic)))
	dst = append(dst, r.Topic...)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(r.Properties)))
	dst = append(dst, r.Properties...)
	return append(dst, r.Payload...)
}

func appendControl(dst []byte, r *Record) []byte {
	dst = append(dst, flagQoS1|flagQoS2)
	dst = binary.BigEndian.AppendUint64(dst, r.Session)
	dst = append(dst, byte(r.Kind))
	dst = binary.BigEndian.AppendUint16(dst, r.PacketID)
	if r.Kind != Sent {
		return dst
	}
	dst = binary.BigEndian.AppendUint64(dst, r.Seq)
	dst = binary.BigEndian.AppendUint32(dst, r.Off)
	return append(dst, r.Topic...)
}

// At reads the record at offset and returns the offset of the next one, which equals len(seg) after the last.
func At(seg []byte, offset int, r *Record) (next int, err error) {
	if offset < HeaderSize || offset > len(seg)-recordHead-control {
		return 0, ErrDamaged
	}
	size := int(binary.BigEndian.Uint32(seg[offset:]))
	if size < recordHead-4+control || size > len(seg)-offset-4 {
		return 0, ErrDamaged
	}
	next = offset + 4 + size
	b := seg[offset+4 : next : next]
	flags := b[0]
	if seg[2] == 1 {
		flags &= flagsOfV1
	}
	origin, rest := binary.BigEndian.Uint64(b[1:]), b[9:]
	var ok bool
	if *r = (Record{}); flags&(flagQoS1|flagQoS2) == flagQoS1|flagQoS2 {
		r.Session = origin
		ok = r.control(rest)
	} else {
		r.Origin, r.Source, r.Retain, r.QoS = origin, Source(flags>>sourceBit&3), flags&flagRetain != 0, flags&flagQoS1/flagQoS1|flags&flagQoS2/flagQoS2<<1
		ok = r.message(rest)
	}
	if !ok {
		return 0, ErrDamaged
	}
	return next, nil
}

// message takes the parts of a message that follow its origin.
func (r *Record) message(b []byte) (ok bool) {
	if r.QoS == 2 {
		if len(b) < exchange {
			return false
		}
		r.Session, r.PacketID, b = binary.BigEndian.Uint64(b), binary.BigEndian.Uint16(b[8:]), b[exchange:]
	}
	if r.Publisher, b, ok = cut(b, 1); !ok {
		return false
	}
	if r.Topic, b, ok = cut(b, 2); !ok {
		return false
	}
	r.Properties, r.Payload, ok = cut(b, 2)
	return ok
}

// control takes the rest of a control record.
func (r *Record) control(b []byte) (ok bool) {
	r.Kind, r.PacketID, b = Kind(b[0]), binary.BigEndian.Uint16(b[1:]), b[control:]
	switch r.Kind {
	case Received, Released:
		return len(b) == 0
	case Sent:
		if len(b) < place || len(b) > place+0xffff {
			return false
		}
		r.Seq, r.Off, r.Topic = binary.BigEndian.Uint64(b), binary.BigEndian.Uint32(b[8:]), b[place:]
		return true
	case Message: // is no control record
	}
	return false
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
