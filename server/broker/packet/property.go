package packet

// PropertyID names a property of MQTT 5.0 (section 2.2.2.2).
type PropertyID byte

// The properties.
const (
	PropPayloadFormat           PropertyID = 1
	PropMessageExpiry           PropertyID = 2
	PropContentType             PropertyID = 3
	PropResponseTopic           PropertyID = 8
	PropCorrelationData         PropertyID = 9
	PropSubscriptionID          PropertyID = 11
	PropSessionExpiry           PropertyID = 17
	PropAssignedClientID        PropertyID = 18
	PropServerKeepAlive         PropertyID = 19
	PropAuthMethod              PropertyID = 21
	PropAuthData                PropertyID = 22
	PropRequestProblemInfo      PropertyID = 23
	PropWillDelay               PropertyID = 24
	PropRequestResponseInfo     PropertyID = 25
	PropResponseInfo            PropertyID = 26
	PropServerReference         PropertyID = 28
	PropReasonString            PropertyID = 31
	PropReceiveMaximum          PropertyID = 33
	PropTopicAliasMaximum       PropertyID = 34
	PropTopicAlias              PropertyID = 35
	PropMaximumQoS              PropertyID = 36
	PropRetainAvailable         PropertyID = 37
	PropUser                    PropertyID = 38
	PropMaximumPacketSize       PropertyID = 39
	PropWildcardSubAvailable    PropertyID = 40
	PropSubscriptionIDAvailable PropertyID = 41
	PropSharedSubAvailable      PropertyID = 42
)

// String gives the standard's name of the property in lower case.
func (id PropertyID) String() string {
	if r := ruleOf(id); r != nil {
		return r.name
	}
	return "unknown property"
}

// valueKind is how a property's value is written.
type valueKind byte

const (
	kindByte valueKind = iota
	kindTwo
	kindFour
	kindVar
	kindText
	kindTopic
	kindBinary
	kindPair
)

// width is the size of a fixed-width kind, 0 for the others.
func (k valueKind) width() int {
	switch k {
	case kindByte:
		return 1
	case kindTwo:
		return 2
	case kindFour:
		return 4
	default:
		return 0
	}
}

// rule is what the standard says about one property: how its value is written, where it may stand, and which values it may have.
type rule struct {
	name     string
	clause   string
	on       uint16
	kind     valueKind
	min, max uint32
}

// willProperties stands for the will of a CONNECT in the set of packets that a property is allowed on.
const willProperties Type = 0

const (
	onWill    = 1 << willProperties
	onConnect = 1 << TypeConnect
	onPublish = 1 << TypePublish
	onMessage = onPublish | onWill
	onReason  = onConnack | onPuback | onPubrel | onSuback | onUnsuback | onDisconnect | onAuth
	onAny     = onReason | onConnect | onMessage | 1<<TypeSubscribe | 1<<TypeUnsubscribe
)

const (
	maxOne  = 1
	maxTwo  = 1<<16 - 1
	maxFour = 1<<32 - 1
)

// rules is table 2-4 with the value bounds of the sections it points to.
var rules = [...]rule{
	PropPayloadFormat:           {"payload format indicator", "MQTT5 section 3.3.2.3.2", onMessage, kindByte, 0, maxOne},
	PropMessageExpiry:           {"message expiry interval", "MQTT5 section 3.3.2.3.3", onMessage, kindFour, 0, maxFour},
	PropContentType:             {"content type", "MQTT5 section 3.3.2.3.9", onMessage, kindText, 0, 0},
	PropResponseTopic:           {"response topic", "MQTT5 section 3.3.2.3.5", onMessage, kindTopic, 0, 0},
	PropCorrelationData:         {"correlation data", "MQTT5 section 3.3.2.3.6", onMessage, kindBinary, 0, 0},
	PropSubscriptionID:          {"subscription identifier", "MQTT5 section 3.8.2.1.2", onPublish | 1<<TypeSubscribe, kindVar, 1, MaxRemaining},
	PropSessionExpiry:           {"session expiry interval", "MQTT5 section 3.1.2.11.2", onConnect | onConnack | onDisconnect, kindFour, 0, maxFour},
	PropAssignedClientID:        {"assigned client identifier", "MQTT5 section 3.2.2.3.7", onConnack, kindText, 0, 0},
	PropServerKeepAlive:         {"server keep alive", "MQTT5 section 3.2.2.3.14", onConnack, kindTwo, 0, maxTwo},
	PropAuthMethod:              {"authentication method", "MQTT5 section 3.1.2.11.9", onConnect | onConnack | onAuth, kindText, 0, 0},
	PropAuthData:                {"authentication data", "MQTT5 section 3.1.2.11.10", onConnect | onConnack | onAuth, kindBinary, 0, 0},
	PropRequestProblemInfo:      {"request problem information", "MQTT5 section 3.1.2.11.7", onConnect, kindByte, 0, maxOne},
	PropWillDelay:               {"will delay interval", "MQTT5 section 3.1.3.2.2", onWill, kindFour, 0, maxFour},
	PropRequestResponseInfo:     {"request response information", "MQTT5 section 3.1.2.11.6", onConnect, kindByte, 0, maxOne},
	PropResponseInfo:            {"response information", "MQTT5 section 3.2.2.3.15", onConnack, kindText, 0, 0},
	PropServerReference:         {"server reference", "MQTT5 section 3.2.2.3.16", onConnack | onDisconnect, kindText, 0, 0},
	PropReasonString:            {"reason string", "MQTT5 section 3.2.2.3.9", onReason, kindText, 0, 0},
	PropReceiveMaximum:          {"receive maximum", "MQTT5 section 3.1.2.11.3", onConnect | onConnack, kindTwo, 1, maxTwo},
	PropTopicAliasMaximum:       {"topic alias maximum", "MQTT5 section 3.1.2.11.5", onConnect | onConnack, kindTwo, 0, maxTwo},
	PropTopicAlias:              {"topic alias", "MQTT5 section 3.3.2.3.4", onPublish, kindTwo, 1, maxTwo},
	PropMaximumQoS:              {"maximum QoS", "MQTT5 section 3.2.2.3.4", onConnack, kindByte, 0, maxOne},
	PropRetainAvailable:         {"retain available", "MQTT5 section 3.2.2.3.5", onConnack, kindByte, 0, maxOne},
	PropUser:                    {"user property", "MQTT5 section 3.3.2.3.7", onAny, kindPair, 0, 0},
	PropMaximumPacketSize:       {"maximum packet size", "MQTT5 section 3.1.2.11.4", onConnect | onConnack, kindFour, 1, maxFour},
	PropWildcardSubAvailable:    {"wildcard subscription available", "MQTT5 section 3.2.2.3.11", onConnack, kindByte, 0, maxOne},
	PropSubscriptionIDAvailable: {"subscription identifiers available", "MQTT5 section 3.2.2.3.12", onConnack, kindByte, 0, maxOne},
	PropSharedSubAvailable:      {"shared subscription available", "MQTT5 section 3.2.2.3.13", onConnack, kindByte, 0, maxOne},
}

// allowedOn holds, for each packet type, the properties that it may carry, one bit per property.
var allowedOn = func() (sets [16]uint64) {
	for id, r := range rules {
		for t := range sets {
			sets[t] |= uint64(r.on>>t&1) << id
		}
	}
	return sets
}()

// ruleOf returns the rule of a property, or nil when no such property exists.
func ruleOf(id PropertyID) *rule {
	if int(id) >= len(rules) || rules[id].on == 0 {
		return nil
	}
	return &rules[id]
}

// check refuses values that the standard calls a protocol error.
func (r *rule) check(c *cursor, value uint32) {
	if value >= r.min && value <= r.max {
		return
	}
	code, clause := ProtocolError, r.clause
	if r == &rules[PropTopicAlias] {
		code, clause = TopicAliasInvalid, "MQTT-3.3.2-8"
	}
	c.failCode(code, clause, r.name+" has a value that is not allowed")
}

// repeats reports whether the property may stand more than once in a packet of type t.
func (id PropertyID) repeats(t Type) bool {
	return id == PropUser || id == PropSubscriptionID && t == TypePublish
}

// read takes one value of this kind from c, checks it, and returns the number or the bytes that it holds; for a pair, the bytes
// are the key's.
func (r *rule) read(c *cursor) (number uint32, value []byte) {
	switch r.kind {
	case kindByte:
		number = uint32(c.byte())
	case kindTwo:
		number = uint32(c.uint16())
	case kindFour:
		number = c.uint32()
	case kindVar:
		number = c.varint()
	case kindBinary:
		return 0, c.binary()
	case kindText:
		return 0, c.text()
	case kindTopic:
		value = c.binary()
		c.checkResponseTopic(value)
		return 0, value
	case kindPair:
		value = c.text()
		c.text()
		return 0, value
	}
	if c.fault == nil {
		r.check(c, number)
	}
	return number, nil
}

func (c *cursor) checkResponseTopic(b []byte) {
	switch fault := scanTopic(b); {
	case c.fault != nil || fault == textOK:
	case fault == textWildcard:
		c.fail("MQTT-3.3.2-14", "response topic contains a wildcard")
	default:
		c.fail(c.textClause(fault), "response topic is not valid: "+textDetail(fault))
	}
}
