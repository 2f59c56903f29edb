package segment_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/thingward/thingward/server/broker/segment"
)

func records() []segment.Record {
	return []segment.Record{
		{Source: segment.FromTopicDevice, QoS: 1, Origin: 7, Topic: []byte("things/d/event"), Payload: []byte("x")},
		{Source: segment.FromAccount, Retain: true, Origin: 1 << 63, Publisher: []byte("a-1"), Topic: []byte("t"), Properties: []byte{1, 1}},
		{Source: segment.FromTopicDevice, QoS: 2, Origin: 7, Session: 1 << 63, PacketID: 65535, Topic: []byte("things/d/event"), Payload: []byte("x")},
		{Kind: segment.Sent, Session: 9, PacketID: 1, Seq: 1 << 40, Off: 1 << 31},
		{Kind: segment.Sent, Session: 9, PacketID: 2, Topic: []byte("things/d/twin/desired")},
		{Kind: segment.Received, Session: 9, PacketID: 1},
		{Kind: segment.Released, Session: 1 << 63, PacketID: 65535},
		{Topic: bytes.Repeat([]byte("t"), 65535), Payload: bytes.Repeat([]byte("p"), 100_000)},
	}
}

func pack(t testing.TB, recs []segment.Record) []byte {
	t.Helper()
	seg := segment.Start(nil)
	segment.Stamp(seg, time.Unix(1, 2))
	for i := range recs {
		if !segment.Fits(&recs[i]) {
			t.Fatal("does not fit")
		}
		seg = segment.Append(seg, &recs[i])
	}
	return seg
}

func TestRecordsComeBack(t *testing.T) {
	want := records()
	seg := pack(t, want)
	if err := segment.Check(seg); err != nil || !segment.Time(seg).Equal(time.Unix(1, 2)) {
		t.Fatalf("%v, %v", err, segment.Time(seg))
	}
	at := segment.HeaderSize
	for i := range want {
		var got segment.Record
		next, err := segment.At(seg, at, &got)
		if err != nil || next-at != segment.Size(&want[i]) {
			t.Fatalf("record %d: %v, %d bytes", i, err, next-at)
		}
		if !same(got, want[i]) {
			t.Errorf("record %d differs: %+v", i, got)
		}
		at = next
	}
	if at != len(seg) {
		t.Errorf("%d bytes left", len(seg)-at)
	}
}

func same(a, b segment.Record) bool {
	return a.Kind == b.Kind && a.Source == b.Source && a.QoS == b.QoS && a.Retain == b.Retain && a.Origin == b.Origin &&
		a.Session == b.Session && a.PacketID == b.PacketID && a.Seq == b.Seq && a.Off == b.Off &&
		bytes.Equal(a.Publisher, b.Publisher) && bytes.Equal(a.Topic, b.Topic) && bytes.Equal(a.Properties, b.Properties) && bytes.Equal(a.Payload, b.Payload)
}

// TestVersionOneIsRead: what an earlier release stored, byte by byte. Flag bits that it did not use mean nothing there.
func TestVersionOneIsRead(t *testing.T) {
	seg := []byte("TW\x01\x00\x00\x00\x00\x00\x00\x00\x00\x05" +
		"\x00\x00\x00\x13\x87\x00\x00\x00\x00\x00\x00\x00\x07\x01a\x00\x01t\x00\x02\x01\x01p")
	want := segment.Record{Source: segment.FromDevice, QoS: 1, Retain: true, Origin: 7, Publisher: []byte("a"), Topic: []byte("t"), Properties: []byte{1, 1}, Payload: []byte("p")}
	var got segment.Record
	next, err := segment.At(seg, segment.HeaderSize, &got)
	if segment.Check(seg) != nil || err != nil || next != len(seg) || !same(got, want) || segment.Time(seg).UnixNano() != 5 {
		t.Errorf("%+v, %d, %v", got, next, err)
	}
	for _, version := range []byte{0, 3} {
		seg[2] = version
		if !errors.Is(segment.Check(seg), segment.ErrDamaged) {
			t.Errorf("version %d is taken", version)
		}
	}
}

func TestDamageIsFound(t *testing.T) {
	recs := records()[:7]
	seg := pack(t, recs)
	whole, end := map[int]bool{segment.HeaderSize: true}, segment.HeaderSize
	for i := range recs {
		end += segment.Size(&recs[i])
		whole[end] = true
	}
	for cut := range len(seg) {
		if whole[cut] {
			continue // a whole number of records
		}
		var r segment.Record
		err := segment.Check(seg[:cut])
		for at := segment.HeaderSize; err == nil && at < cut; {
			at, err = segment.At(seg[:cut], at, &r)
		}
		if !errors.Is(err, segment.ErrDamaged) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
}

func FuzzAt(f *testing.F) {
	f.Add(pack(f, records()[:2]), segment.HeaderSize)
	f.Add(pack(f, records()[2:7]), segment.HeaderSize)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if segment.Check(b) != nil {
			return
		}
		var r segment.Record
		for at < len(b) {
			next, err := segment.At(b, at, &r)
			if err != nil {
				return
			}
			if next <= at || next > len(b) || !bytes.Equal(segment.Append(nil, &r), again(b[at:next], b[2])) {
				t.Fatalf("record at %d is not what was written", at)
			}
			at = next
		}
	})
}

// again clears the flag bits that Append does not keep: those that the version, or a control record, does not use.
func again(rec []byte, version byte) []byte {
	out := bytes.Clone(rec)
	switch {
	case version == 1:
		out[4] &= 0x0f
	case out[4]&0x82 == 0x82:
		out[4] = 0x82
	default:
		out[4] &= 0x8f
	}
	return out
}
