package packet

import (
	"errors"
	"fmt"
)

// Causes that errors.Is finds.
var (
	// ErrMalformed matches every packet that the standards forbid: malformed or a protocol error. The details are in [Error].
	ErrMalformed = errors.New("packet not allowed by MQTT")
	// ErrTooLarge matches a packet longer than the reader's limit.
	ErrTooLarge = errors.New("packet larger than the limit")
	// ErrIncomplete matches a stream that ended inside a packet.
	ErrIncomplete = errors.New("stream ended inside a packet")
	// ErrEncode matches a packet that Append or a property setter cannot put on the wire: a mistake of our caller, not of the peer.
	ErrEncode = errors.New("packet cannot be encoded")
)

// Error says why a received packet was refused. It never quotes content, so that it is safe to log: a bad packet may
// hold a password.
type Error struct {
	// Packet is the type of the refused packet.
	Packet Type
	// Code is what a server answers in CONNACK or DISCONNECT (MQTT 5.0); [ReasonCode.Connack311] translates it for older clients.
	Code ReasonCode
	// Clause is the conformance statement that was broken, such as "MQTT-3.3.2-2", or the section where the standard has no numbered statement.
	Clause string
	// Detail says what was wrong, in words for the author of the client.
	Detail string
}

// Error gives packet, detail, reason and clause in one line.
func (e *Error) Error() string {
	return fmt.Sprintf("%s refused: %s (%s) [%s]", e.Packet, e.Detail, e.Code, e.Clause)
}

// Is makes errors.Is find [ErrTooLarge] or [ErrMalformed].
func (e *Error) Is(target error) bool {
	if e.Code == PacketTooLarge {
		return target == ErrTooLarge
	}
	return target == ErrMalformed
}

func malformed(t Type, clause, detail string) *Error {
	return &Error{Packet: t, Code: MalformedPacket, Clause: clause, Detail: detail}
}

func protocolError(t Type, clause, detail string) *Error {
	return &Error{Packet: t, Code: ProtocolError, Clause: clause, Detail: detail}
}

func encodeError(t Type, detail string) error {
	return fmt.Errorf("%w: %s: %s", ErrEncode, t, detail)
}
