package packet

import "encoding/binary"

// Will is the message that the server publishes when its client is lost (section 3.1.2.5). A decoded will has memory of its
// own, because it outlives its packet.
type Will struct {
	Topic      string
	Payload    []byte
	QoS        byte
	Retain     bool
	Properties Properties
}

// Connect opens a session (section 3.1). Password and Properties of a decoded packet alias the frame's body; strings and
// the will are copies.
type Connect struct {
	// Version is what the client asked for, set even when it is refused, so that the refusal can be sent in a form the client knows.
	Version Version
	// CleanStart is Clean Session in MQTT 3.1.1.
	CleanStart bool
	// KeepAlive is in seconds; 0 means none.
	KeepAlive uint16
	ClientID  string
	// Will is nil when there is none.
	Will        *Will
	HasUsername bool
	Username    string
	HasPassword bool
	Password    []byte
	Properties  Properties
}

// The connect flags (section 3.1.2.3).
const (
	flagReserved   = 0x01
	flagCleanStart = 0x02
	flagWill       = 0x04
	flagWillRetain = 0x20
	flagPassword   = 0x40
	flagUsername   = 0x80
)

// Decode reads a CONNECT. The version in the packet decides; the argument is not used. Protocol levels other than 3.1.1 and 5.0
// are refused with [UnsupportedProtocolVersion], MQTT 3.1 among them.
func (p *Connect) Decode(f Frame, _ Version) error {
	*p = Connect{}
	c := newCursor(f, V5)
	c.checkType(TypeConnect)
	c.checkFlags(f)
	p.Version = c.protocol()
	c.version = p.Version
	flags := c.byte()
	c.checkConnectFlags(flags)
	p.CleanStart = flags&flagCleanStart != 0
	p.KeepAlive = c.uint16()
	if p.Version >= V5 {
		p.Properties.decode(&c, TypeConnect)
		if p.Properties.Has(PropAuthData) && !p.Properties.Has(PropAuthMethod) {
			c.failCode(ProtocolError, "MQTT5 section 3.1.2.11.10", "authentication data without a method")
		}
	}
	p.decodePayload(&c, flags)
	return c.done()
}

// protocol reads name and level (sections 3.1.2.1 and 3.1.2.2).
func (c *cursor) protocol() Version {
	name, level := string(c.binary()), Version(c.byte())
	switch {
	case c.fault != nil:
	case name == "MQTT" && (level == V311 || level == V5):
	case name == "MQTT" || name == "MQIsdp" && level == V31:
		c.failCode(UnsupportedProtocolVersion, "MQTT-3.1.2-2", "protocol version is not 3.1.1 or 5.0")
	default:
		c.fail("MQTT-3.1.2-1", "protocol name is not MQTT")
	}
	return level
}

// checkConnectFlags refuses combinations that sections 3.1.2.3 to 3.1.2.9 forbid.
func (c *cursor) checkConnectFlags(flags byte) {
	qos := flags >> 3 & 3
	switch {
	case flags&flagReserved != 0:
		c.fail("MQTT-3.1.2-3", "reserved connect flag is set")
	case qos == 3:
		c.fail(c.pick("MQTT-3.1.2-12", "MQTT-3.1.2-14"), "will QoS 3 does not exist")
	case flags&flagWill == 0 && qos != 0:
		c.fail(c.pick("MQTT-3.1.2-11", "MQTT-3.1.2-13"), "will QoS without a will")
	case flags&flagWill == 0 && flags&flagWillRetain != 0:
		c.fail(c.pick("MQTT-3.1.2-13", "MQTT-3.1.2-15"), "will retain without a will")
	case c.version < V5 && flags&flagPassword != 0 && flags&flagUsername == 0:
		c.fail("MQTT-3.1.2-22", "password without a user name")
	}
}

func (p *Connect) decodePayload(c *cursor, flags byte) {
	p.ClientID = string(c.text())
	if p.ClientID == "" && p.Version < V5 && !p.CleanStart {
		c.failCode(ClientIdentifierNotValid, "MQTT-3.1.3-8", "client identifier is empty without clean session")
	}
	if flags&flagWill != 0 {
		p.Will = c.will(flags)
	}
	if p.HasUsername = flags&flagUsername != 0; p.HasUsername {
		p.Username = string(c.text())
	}
	if p.HasPassword = flags&flagPassword != 0; p.HasPassword {
		p.Password = c.binary()
	}
}

// will reads the will's part of the payload.
func (c *cursor) will(flags byte) *Will {
	w := &Will{QoS: flags >> 3 & 3, Retain: flags&flagWillRetain != 0}
	var borrowed Properties
	if c.version >= V5 {
		borrowed.decode(c, willProperties)
	}
	topic := c.binary()
	if fault := scanTopic(topic); c.fault == nil && fault != textOK {
		c.fail(c.textClause(fault), "will topic: "+textDetail(fault))
	}
	payload := c.binary()
	if c.fault != nil {
		return nil
	}
	w.Topic, w.Payload, w.Properties = string(topic), append([]byte{}, payload...), borrowed.Clone()
	return w
}

// Append encodes the CONNECT in the form of p.Version; the argument is not used.
func (p *Connect) Append(dst []byte, _ Version) ([]byte, error) {
	if err := p.check(); err != nil {
		return dst, err
	}
	start := len(dst)
	out := appendField(begin(dst, TypeConnect, 0), "MQTT")
	out = append(out, byte(p.Version), p.flags())
	out = binary.BigEndian.AppendUint16(out, p.KeepAlive)
	if p.Version >= V5 {
		var err error
		if out, err = p.Properties.append(out, TypeConnect); err != nil {
			return dst, err
		}
	}
	out, err := p.appendPayload(out)
	if err != nil {
		return dst, err
	}
	return finish(out, start)
}

func (p *Connect) flags() byte {
	var flags byte
	set := func(on bool, flag byte) {
		if on {
			flags |= flag
		}
	}
	set(p.CleanStart, flagCleanStart)
	set(p.HasUsername, flagUsername)
	set(p.HasPassword, flagPassword)
	if p.Will != nil {
		set(true, flagWill|p.Will.QoS<<3)
		set(p.Will.Retain, flagWillRetain)
	}
	return flags
}

// check finds what would make the packet malformed.
func (p *Connect) check() error {
	switch {
	case p.Version != V311 && p.Version != V5:
		return encodeError(TypeConnect, "protocol version is not 3.1.1 or 5.0")
	case len(p.ClientID) > maxText || scanText(p.ClientID) != textOK:
		return encodeError(TypeConnect, "client identifier is not a valid string")
	case p.ClientID == "" && p.Version < V5 && !p.CleanStart:
		return encodeError(TypeConnect, "client identifier is empty without clean session")
	case len(p.Username) > maxText || scanText(p.Username) != textOK:
		return encodeError(TypeConnect, "user name is not a valid string")
	case len(p.Password) > maxText:
		return encodeError(TypeConnect, "password is too long")
	case p.HasPassword && !p.HasUsername && p.Version < V5:
		return encodeError(TypeConnect, "password without a user name")
	case p.Version >= V5 && p.Properties.Has(PropAuthData) && !p.Properties.Has(PropAuthMethod):
		return encodeError(TypeConnect, "authentication data without a method")
	case p.Will == nil:
		return nil
	case p.Will.QoS > 2 || !ValidTopic(p.Will.Topic) || len(p.Will.Payload) > maxText:
		return encodeError(TypeConnect, "will has a wrong QoS, topic or payload length")
	}
	return nil
}

func (p *Connect) appendPayload(out []byte) ([]byte, error) {
	out = appendField(out, p.ClientID)
	if p.Will != nil {
		if p.Version >= V5 {
			var err error
			if out, err = p.Will.Properties.append(out, willProperties); err != nil {
				return nil, err
			}
		}
		out = appendField(appendField(out, p.Will.Topic), p.Will.Payload)
	}
	if p.HasUsername {
		out = appendField(out, p.Username)
	}
	if p.HasPassword {
		out = appendField(out, p.Password)
	}
	return out, nil
}
