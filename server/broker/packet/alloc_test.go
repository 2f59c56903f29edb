package packet

import (
	"bufio"
	"bytes"
	"testing"
)

const (
	plainPublish = `32 ~ "site/berlin/dev/4711/telemetry" 1234 00 '{"temperature":21.5,"unit":"celsius","battery":87}'`
	richPublish  = `32 ~ "site/berlin/dev/4711/telemetry" 1234 23 02 0000003c 03 "json" 26 "trace" "0af765" 26 "k" "v" '{"temperature":21.5}'`
	oldPublish   = `32 ~ "site/berlin/dev/4711/telemetry" 1234 '{"temperature":21.5,"unit":"celsius","battery":87}'`
)

// TestNoAllocations holds the promise that messages and acknowledgements pass through without garbage.
func TestNoAllocations(t *testing.T) {
	dst := make([]byte, 0, 512)
	for _, c := range []struct {
		name, bytes string
		v           Version
	}{{"plain", plainPublish, V5}, {"with properties", richPublish, V5}, {"3.1.1", oldPublish, V311}} {
		b := wire(t, c.bytes)
		var p Publish
		var forward Properties
		noAllocations(t, "PUBLISH "+c.name, func() bool {
			f, n, err := ParseFrame(b, 1024)
			if err != nil || n != len(b) || p.Decode(f, c.v) != nil {
				return false
			}
			forward.Forward(&p.Properties)
			_, _ = p.Properties.Uint(PropMessageExpiry)
			out, err := p.Append(dst, c.v)
			return err == nil && len(out) == p.Size(c.v) && bytes.Equal(out, b)
		})
	}
	ack := Ack{Type: TypePuback, PacketID: 7}
	noAllocations(t, "PUBACK", func() bool {
		out, err := ack.Append(dst, V5)
		if err != nil {
			return false
		}
		f, _, err := ParseFrame(out, 0)
		return err == nil && ack.Decode(f, V5) == nil
	})
	noAllocations(t, "PINGRESP", func() bool {
		_, err := Pingresp{}.Append(dst, V5)
		return err == nil
	})
	noAllocations(t, "Match", func() bool { return Match("a/+/c/#", "a/b/c/d/e") && ValidTopic("a/ö/c") })
}

func TestReadFrameAllocations(t *testing.T) {
	b := wire(t, plainPublish)
	source := bytes.NewReader(b)
	r, buf := bufio.NewReader(source), make([]byte, 512)
	noAllocations(t, "ReadFrame", func() bool {
		source.Reset(b)
		r.Reset(source)
		f, err := ReadFrame(r, 1024, buf)
		return err == nil && f.Type == TypePublish
	})
}

func noAllocations(t *testing.T, name string, work func() bool) {
	t.Helper()
	if got := testing.AllocsPerRun(100, func() {
		if !work() {
			t.Fatalf("%s failed", name)
		}
	}); got != 0 {
		t.Errorf("%s allocates %v times", name, got)
	}
}

func BenchmarkDecodePublish(b *testing.B) {
	for name, s := range map[string]string{"plain": plainPublish, "properties": richPublish} {
		b.Run(name, func(b *testing.B) {
			data := wire(b, s)
			var p Publish
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				f, _, err := ParseFrame(data, 1024)
				if err != nil || p.Decode(f, V5) != nil {
					b.Fatal("refused")
				}
			}
		})
	}
}

func BenchmarkAppendPublish(b *testing.B) {
	for name, s := range map[string]string{"plain": plainPublish, "properties": richPublish} {
		b.Run(name, func(b *testing.B) {
			var p Publish
			if err := p.Decode(one(b, wire(b, s)), V5); err != nil {
				b.Fatal(err)
			}
			dst := make([]byte, 0, 512)
			b.ReportAllocs()
			b.SetBytes(int64(p.Size(V5)))
			for b.Loop() {
				if _, err := p.Append(dst, V5); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if !Match("site/+/dev/+/#", "site/berlin/dev/4711/telemetry") {
			b.Fatal("no match")
		}
	}
}
