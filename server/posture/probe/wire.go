package probe

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
)

// The few MQTT 5 packets that tries need (OASIS MQTT 5.0, section 3). The broker has a codec of its own; one that is written
// apart from it can also find its faults.
const (
	typeConnack  = 2
	typePuback   = 4
	typeSuback   = 9
	typeClose    = 14
	tooLarge     = 0x95
	unauthorised = 0x87
)

// connect is a CONNECT with clean start.
func connect(client, user, password string) []byte {
	flags := byte(0x02)
	payload := field(nil, client)
	if user != "" {
		flags |= 0x80
		payload = field(payload, user)
	}
	if password != "" {
		flags |= 0x40
		payload = field(payload, password)
	}
	body := append(field(nil, "MQTT"), 5, flags, 0, 30, 0)
	return frame(0x10, append(body, payload...))
}

// publish is a QoS 1 PUBLISH with a topic, an alias (0: none) and one byte of payload.
func publish(id uint16, topic string, alias uint16) []byte {
	body := binary.BigEndian.AppendUint16(field(nil, topic), id)
	if alias != 0 {
		body = append(body, 3, 0x23)
		body = binary.BigEndian.AppendUint16(body, alias)
	} else {
		body = append(body, 0)
	}
	return frame(0x32, append(body, '0'))
}

// subscribe asks for one filter at QoS 1.
func subscribe(id uint16, filter string) []byte {
	body := append(binary.BigEndian.AppendUint16(nil, id), 0)
	return frame(0x82, append(field(body, filter), 1))
}

func field(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
}

func frame(header byte, body []byte) []byte {
	return append(binary.AppendUvarint([]byte{header}, uint64(len(body))), body...)
}

// answer is a packet that came back.
type answer struct {
	kind byte
	body []byte
}

// answerMost bounds what is read of an answer.
const answerMost = 4096

// readAnswer reads one packet. io errors mean that the peer closed or said nothing.
func readAnswer(r *bufio.Reader) (a answer, err error) {
	header, err := r.ReadByte()
	if err != nil {
		return a, err
	}
	size, err := binary.ReadUvarint(r)
	if err != nil || size > answerMost {
		return a, fmt.Errorf("no MQTT packet: %w", io.ErrUnexpectedEOF)
	}
	a = answer{header >> 4, make([]byte, size)}
	_, err = io.ReadFull(r, a.body)
	return a, err
}

// code is the reason code of a CONNACK, PUBACK, SUBACK or DISCONNECT; ok is false for another packet or a short one.
func (a answer) code() (code byte, ok bool) {
	switch {
	case a.kind == typeConnack && len(a.body) >= 2:
		return a.body[1], true
	case a.kind == typePuback && len(a.body) == 2, a.kind == typeClose && len(a.body) == 0:
		return 0, true // success is not written
	case a.kind == typePuback && len(a.body) >= 3:
		return a.body[2], true
	case a.kind == typeSuback && len(a.body) >= 4:
		return a.body[len(a.body)-1], true
	case a.kind == typeClose:
		return a.body[0], true
	default:
		return 0, false
	}
}

// exchange sends b and reads what comes back, at most a little.
func exchange(conn net.Conn, b []byte) []byte {
	if _, err := conn.Write(b); err != nil {
		return nil
	}
	out := make([]byte, 512)
	n, _ := io.ReadAtLeast(conn, out, 1)
	return out[:n]
}

// welcomed reports whether bytes begin with a CONNACK that lets the client in.
func welcomed(b []byte) bool {
	a, err := readAnswer(bufio.NewReader(bytes.NewReader(b)))
	code, ok := a.code()
	return err == nil && ok && a.kind == typeConnack && code < 0x80
}

// secret is a password that nobody has.
func secret() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
