package packet

import (
	"bytes"
	"testing"
)

// FuzzAppendAliased: the aliased form is the same message with an alias and, unless the alias is being set, no topic.
func FuzzAppendAliased(f *testing.F) {
	f.Add([]byte("things/d1/event"), []byte("payload"), []byte{1, 1}, byte(2), uint16(7), true)
	f.Add([]byte("a"), bytes.Repeat([]byte("x"), 200), []byte(nil), byte(0), uint16(1), false)
	f.Add([]byte("a"), []byte(nil), append([]byte{9, 0, 122}, bytes.Repeat([]byte("c"), 122)...), byte(1), uint16(65535), false)
	f.Fuzz(func(t *testing.T, topic, payload, props []byte, qos byte, alias uint16, set bool) {
		p := Publish{Topic: topic, Payload: payload, QoS: qos % 3, PacketID: uint16(min(qos%3, 1)) * 77}
		if alias == 0 || !ValidTopic(string(topic)) || p.Properties.SetRaw(TypePublish, props) != nil || p.Properties.Has(PropTopicAlias) {
			return
		}
		b, err := p.Append(nil, V5)
		if err != nil || len(b) > 1<<20 {
			return
		}
		out, idAt := AppendAliased([]byte("before"), b, alias, set)
		frame, n, err := ParseFrame(out[6:], 0)
		if err != nil || n != len(out)-6 {
			t.Fatalf("%d of %d bytes, %v", n, len(out)-6, err)
		}
		var got Publish
		if err := got.Decode(frame, V5); err != nil {
			t.Fatal(err)
		}
		if a, _ := got.Properties.Uint(PropTopicAlias); uint16(a) != alias || (len(got.Topic) > 0) != set || (set && !bytes.Equal(got.Topic, topic)) {
			t.Fatalf("alias %d, topic %q", a, got.Topic)
		}
		if p.QoS > 0 && (out[idAt] != 0 || out[idAt+1] != 77) {
			t.Fatal("packet identifier is elsewhere")
		}
		got.Properties.Remove(PropTopicAlias)
		if !bytes.Equal(got.Properties.Raw(), p.Properties.Raw()) || !bytes.Equal(got.Payload, payload) || got.PacketID != p.PacketID || got.QoS != p.QoS {
			t.Fatalf("%+v is not %+v", got, p)
		}
	})
}
