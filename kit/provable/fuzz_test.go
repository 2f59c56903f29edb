package provable_test

import (
	"bytes"
	"encoding/base64"
	"testing"

	"github.com/thingward/thingward/kit/provable"
)

func decode(s string) ([]byte, error) { return base64.StdEncoding.DecodeString(s) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func swap(lines [][]byte, i int, line []byte) [][]byte {
	out := append([][]byte{}, lines...)
	out[i] = line
	return out
}

// FuzzVerify holds that nothing but the exports that the key's owner wrote verifies, and that no input is a crash.
func FuzzVerify(f *testing.F) {
	l := newLog(f)
	l.add(3)
	l.sign(f)
	l.add(4)
	l.sign(f)
	good := l.export(f, 2, 6)
	f.Add(good)
	f.Add(l.export(f, 0, 7))
	f.Add(good[:len(good)-5])
	f.Add([]byte("{\"format\":\"" + provable.Format + "\",\"from\":-1}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		res, err := provable.Verify(bytes.NewReader(b), l.key, nil)
		if err != nil {
			return
		}
		h := res.Header
		if h.From < 0 || h.To > int64(len(l.bodies)) || res.Entries != h.To-h.From {
			t.Fatalf("a range that was never logged verified: %+v", h)
		}
		for i := h.From; i < h.To; i++ {
			if !bytes.Contains(b, l.bodies[i]) {
				t.Fatalf("entry %d verified and is not there", i)
			}
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	l := newLog(f)
	l.add(3)
	c := l.sign(f)
	f.Add(c.Note)
	f.Add("thingward/test\n-1\n\ntime \n\n— thingward/test AAAA\n")
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := provable.OpenCheckpoint(s, l.key); err == nil && got != c {
			t.Fatalf("a checkpoint that was never signed: %+v", got)
		}
	})
}
