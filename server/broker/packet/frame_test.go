package packet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/iotest"
)

// stream is every vector of both versions in one run of bytes, with the frames that it holds.
func stream(t *testing.T) (all []byte, frames []Frame) {
	for _, c := range vectors(t) {
		b := wire(t, c.bytes)
		frames = append(frames, one(t, b))
		all = append(all, b...)
	}
	return all, frames
}

func equalFrame(a, b Frame) bool {
	return a.Type == b.Type && a.Flags == b.Flags && bytes.Equal(a.Body, b.Body)
}

func TestParseFrameInPlace(t *testing.T) {
	all, frames := stream(t)
	for i, want := range frames {
		got, n, err := ParseFrame(all, 0)
		if err != nil || n == 0 || !equalFrame(got, want) {
			t.Fatalf("frame %d: %+v, %d bytes, error %v; want %+v", i, got, n, err, want)
		}
		if len(got.Body) > 0 && &got.Body[0] != &all[n-len(got.Body)] {
			t.Error("body is a copy")
		}
		if cap(got.Body) != len(got.Body) {
			t.Error("appending to the body would overwrite the next packet")
		}
		all = all[n:]
	}
}

func TestParseFrameWantsMore(t *testing.T) {
	b := wire(t, `30 ~ "t" [200]`)
	for n := range b {
		if f, took, err := ParseFrame(b[:n], 0); took != 0 || err != nil {
			t.Fatalf("%d of %d bytes: %+v, took %d, error %v", n, len(b), f, took, err)
		}
	}
	h, n, err := ParseFixedHeader(b[:3])
	if err != nil || n != 3 || h != (FixedHeader{Type: TypePublish, Remaining: 203}) {
		t.Errorf("fixed header %+v, %d bytes, error %v", h, n, err)
	}
}

func TestParseFrameRefusesEarly(t *testing.T) {
	for _, s := range []string{`00`, `36`, `80`, `c0 80808080`, `c0 8000`} {
		if _, _, err := ParseFrame(wire(t, s), 0); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestLimit(t *testing.T) {
	b := wire(t, `30 ~ "t" [125]`)
	if len(b) != 131 {
		t.Fatalf("test packet has %d bytes", len(b))
	}
	read := func(limit int, b []byte) error {
		_, err := ReadFrame(bufio.NewReader(bytes.NewReader(b)), limit, nil)
		return err
	}
	for _, limit := range []int{0, -1, 131, 1000} {
		if _, n, err := ParseFrame(b, limit); n != 131 || err != nil {
			t.Errorf("limit %d: took %d, error %v", limit, n, err)
		}
		if err := read(limit, b); err != nil {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	for _, limit := range []int{1, 130} {
		_, _, err := ParseFrame(b[:3], limit)
		var e *Error
		if !errors.As(err, &e) || e.Code != PacketTooLarge || !errors.Is(err, ErrTooLarge) || errors.Is(err, ErrMalformed) {
			t.Errorf("limit %d: %v", limit, err)
		}
		if err := read(limit, b[:3]); !errors.Is(err, ErrTooLarge) {
			t.Errorf("limit %d, reading: %v", limit, err)
		}
	}
}

func TestReadFrame(t *testing.T) {
	all, frames := stream(t)
	for _, source := range []io.Reader{bytes.NewReader(all), iotest.OneByteReader(bytes.NewReader(all))} {
		r, buf := bufio.NewReader(source), make([]byte, 8)
		for i, want := range frames {
			got, err := ReadFrame(r, 0, buf)
			if err != nil || !equalFrame(got, want) {
				t.Fatalf("frame %d: %+v, error %v; want %+v", i, got, err, want)
			}
			if n := len(got.Body); n > 0 && (n <= len(buf)) != (&got.Body[0] == &buf[0]) {
				t.Errorf("frame %d of %d bytes does not use the buffer as promised", i, n)
			}
		}
		if _, err := ReadFrame(r, 0, buf); !errors.Is(err, io.EOF) || errors.Is(err, ErrIncomplete) {
			t.Errorf("at the end: %v", err)
		}
	}
}

func TestReadFrameLong(t *testing.T) {
	payload := bytes.Repeat([]byte("0123456789"), 30_000)
	b, err := (&Publish{Topic: []byte("t"), Payload: payload}).Append(nil, V311)
	if err != nil {
		t.Fatal(err)
	}
	f, err := ReadFrame(bufio.NewReader(bytes.NewReader(b)), 0, nil)
	var p Publish
	if err != nil || p.Decode(f, V311) != nil || !bytes.Equal(p.Payload, payload) {
		t.Errorf("long packet came back wrong: %v", err)
	}
}

func TestReadFrameIncomplete(t *testing.T) {
	b := wire(t, `32 ~ "topic" 0001 [200]`)
	for n := 1; n < len(b); n++ {
		_, err := ReadFrame(bufio.NewReader(bytes.NewReader(b[:n])), 0, nil)
		if !errors.Is(err, ErrIncomplete) {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
	broken := errors.New("line is broken")
	_, err := ReadFrame(bufio.NewReader(io.MultiReader(bytes.NewReader(b[:9]), iotest.ErrReader(broken))), 0, nil)
	if !errors.Is(err, broken) || errors.Is(err, ErrIncomplete) {
		t.Errorf("broken line: %v", err)
	}
}

// TestAnnouncedIsNotReserved: a peer that announces the largest packet and sends nothing must not cost its size in memory.
func TestAnnouncedIsNotReserved(t *testing.T) {
	b := wire(t, `30 ffffff7f 0001`)
	f, err := ReadFrame(bufio.NewReaderSize(bytes.NewReader(b), 16), 0, nil)
	if !errors.Is(err, ErrIncomplete) || f.Body != nil {
		t.Fatalf("got %d bytes, error %v", len(f.Body), err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		_, _ = ReadFrame(bufio.NewReaderSize(bytes.NewReader(b), 16), 0, nil)
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / 10; got > 8*readStep {
		t.Errorf("an announced packet costs %d bytes", got)
	}
}

func TestFromClient(t *testing.T) {
	for typ, want := range map[Type]bool{
		0: false, TypeConnect: true, TypeConnack: false, TypePublish: true, TypePubrel: true, TypeSubscribe: true, TypeSuback: false,
		TypeUnsuback: false, TypePingreq: true, TypePingresp: false, TypeDisconnect: true, TypeAuth: true,
	} {
		if typ.FromClient() != want {
			t.Errorf("%s from a client: %v", typ, !want)
		}
	}
}
