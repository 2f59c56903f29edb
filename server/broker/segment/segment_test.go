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
		if got.Source != want[i].Source || got.QoS != want[i].QoS || got.Retain != want[i].Retain || got.Origin != want[i].Origin ||
			!bytes.Equal(got.Publisher, want[i].Publisher) || !bytes.Equal(got.Topic, want[i].Topic) ||
			!bytes.Equal(got.Properties, want[i].Properties) || !bytes.Equal(got.Payload, want[i].Payload) {
			t.Errorf("record %d differs", i)
		}
		at = next
	}
	if at != len(seg) {
		t.Errorf("%d bytes left", len(seg)-at)
	}
}

func TestDamageIsFound(t *testing.T) {
	recs := records()[:2]
	seg := pack(t, recs)
	first := segment.HeaderSize + segment.Size(&recs[0])
	for cut := range len(seg) {
		if cut == segment.HeaderSize || cut == first {
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
			if next <= at || next > len(b) || !bytes.Equal(segment.Append(nil, &r), again(b[at:next])) {
				t.Fatalf("record at %d is not what was written", at)
			}
			at = next
		}
	})
}

// again clears the flag bits that no version uses, which Append does not keep.
func again(rec []byte) []byte {
	out := bytes.Clone(rec)
	out[4] &= 0x0f
	return out
}
