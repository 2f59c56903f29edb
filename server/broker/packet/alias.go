package packet

import "encoding/binary"

// AppendAliased appends an encoded MQTT 5.0 PUBLISH with a topic alias (section 3.3.2.3.4): with its topic too when the alias is
// to be set, without it when it is set already. idAt is where in dst the packet identifier went; it has no meaning at QoS 0. The
// packet must come from [Publish.Append] and have no alias.
func AppendAliased(dst, publish []byte, alias uint16, set bool) (out []byte, idAt int) {
	at := 1
	for publish[at]&0x80 != 0 {
		at++
	}
	at++
	topic := publish[at : at+2+int(binary.BigEndian.Uint16(publish[at:]))]
	rest := publish[at+len(topic):]
	id := 0
	if publish[0]&6 != 0 {
		id = 2
	}
	props, n := uvarint(rest[id:])
	tail := rest[id+n:]
	if !set {
		topic = []byte{0, 0}
	}
	dst = append(dst, publish[0])
	dst = appendVarint(dst, len(topic)+id+varintSize(props+3)+3+len(tail))
	dst = append(dst, topic...)
	idAt = len(dst)
	dst = append(dst, rest[:id]...)
	dst = appendVarint(dst, props+3)
	dst = append(dst, byte(PropTopicAlias), byte(alias>>8), byte(alias))
	return append(dst, tail...), idAt
}

// uvarint reads a variable byte integer that was encoded here, and its length.
func uvarint(b []byte) (v, n int) {
	for shift := 0; ; shift += 7 {
		v |= int(b[n]&0x7f) << shift
		if n++; b[n-1]&0x80 == 0 {
			return v, n
		}
	}
}
