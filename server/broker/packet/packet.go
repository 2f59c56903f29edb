// Package packet is the codec of MQTT 3.1.1 and MQTT 5.0: it turns bytes into checked packets and packets into bytes.
//
// It knows the wire format and nothing else: no connection, no session, no policy. Both directions are complete, so that
// the broker, the agent and the tests share one codec. Everything that is read is taken to be hostile: sizes are checked
// before memory is reserved, and whatever the standards forbid is refused with an [Error] that names the reason code for
// the peer and the clause that was broken.
//
// Reading has two steps. [ParseFrame] (over a buffer of the caller) or [ReadFrame] (over a bufio.Reader) finds one whole
// packet; the Decode method of the packet's struct then fills that struct, which may be reused from packet to packet.
// Writing is one step: Append adds the encoded packet to a slice and returns it, like the append functions of package strconv.
//
// Aliasing: decoded []byte fields and [Properties] point into the frame's body and are valid only as long as the body is.
// Decoded strings, and the whole [Will], are copies. Append copies everything.
package packet

// Version is the protocol level that a CONNECT names. Levels below V5 are read and written in the 3.1.1 form.
type Version byte

// The protocol levels that exist. V31 ("MQIsdp") is recognised only so that it can be refused in a form it understands.
const (
	V31  Version = 3
	V311 Version = 4
	V5   Version = 5
)

// String gives the version as people write it.
func (v Version) String() string {
	switch v {
	case V31:
		return "3.1"
	case V311:
		return "3.1.1"
	case V5:
		return "5.0"
	default:
		return "unknown"
	}
}

// Type is the control packet type, the upper half of a packet's first byte (section 2.1.2).
type Type byte

// The control packet types. TypeAuth exists in MQTT 5.0 only.
const (
	TypeConnect Type = iota + 1
	TypeConnack
	TypePublish
	TypePuback
	TypePubrec
	TypePubrel
	TypePubcomp
	TypeSubscribe
	TypeSuback
	TypeUnsubscribe
	TypeUnsuback
	TypePingreq
	TypePingresp
	TypeDisconnect
	TypeAuth
)

var typeNames = [16]string{
	"RESERVED", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK",
	"UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
}

// String gives the standard's name of the type, such as "PUBLISH".
func (t Type) String() string {
	return typeNames[t&0x0f]
}

// FromClient reports whether a client may send packets of this type to a server (section 2.1.2, table 2-1).
func (t Type) FromClient() bool {
	switch t {
	case TypeConnack, TypeSuback, TypeUnsuback, TypePingresp:
		return false
	default:
		return t >= TypeConnect && t <= TypeAuth
	}
}

// Packet is any one of the packet structs of this package.
//
// Decode overwrites every field of the receiver. After an error the fields are in no useful state, except Connect.Version.
// Append returns dst with the encoded packet added; if the packet cannot be encoded it returns dst unchanged and an error
// that matches [ErrEncode].
type Packet interface {
	Decode(f Frame, v Version) error
	Append(dst []byte, v Version) ([]byte, error)
}

// New returns an empty packet of type t, or nil when t is not a packet type.
func New(t Type) Packet {
	switch t {
	case TypeConnect:
		return &Connect{}
	case TypeConnack:
		return &Connack{}
	case TypePublish:
		return &Publish{}
	case TypePuback, TypePubrec, TypePubrel, TypePubcomp:
		return &Ack{Type: t}
	case TypeSubscribe:
		return &Subscribe{}
	case TypeSuback:
		return &Suback{}
	case TypeUnsubscribe:
		return &Unsubscribe{}
	case TypeUnsuback:
		return &Unsuback{}
	case TypePingreq:
		return &Pingreq{}
	case TypePingresp:
		return &Pingresp{}
	case TypeDisconnect:
		return &Disconnect{}
	case TypeAuth:
		return &Auth{}
	default:
		return nil
	}
}

// Decode decodes a frame into a fresh packet of its type: the convenient way for clients and tests. The broker decodes
// into structs that it reuses.
func Decode(f Frame, v Version) (Packet, error) {
	p := New(f.Type)
	if p == nil {
		return nil, malformed(f.Type, "MQTT5 section 2.1.2", "packet type 0 is reserved")
	}
	if err := p.Decode(f, v); err != nil {
		return nil, err
	}
	return p, nil
}
