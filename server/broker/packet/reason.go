package packet

// ReasonCode is the result that acknowledgements, CONNACK and DISCONNECT carry (section 2.4). The whole package speaks
// MQTT 5.0 codes; encoding for MQTT 3.1.1 translates them, and decoding translates back.
type ReasonCode byte

// The reason codes. 0x00 to 0x02 in SUBACK are the granted QoS; 0x00 in DISCONNECT is the normal end.
const (
	Success                          ReasonCode = 0x00
	NormalDisconnection              ReasonCode = 0x00
	GrantedQoS0                      ReasonCode = 0x00
	GrantedQoS1                      ReasonCode = 0x01
	GrantedQoS2                      ReasonCode = 0x02
	DisconnectWithWill               ReasonCode = 0x04
	NoMatchingSubscribers            ReasonCode = 0x10
	NoSubscriptionExisted            ReasonCode = 0x11
	ContinueAuthentication           ReasonCode = 0x18
	ReAuthenticate                   ReasonCode = 0x19
	UnspecifiedError                 ReasonCode = 0x80
	MalformedPacket                  ReasonCode = 0x81
	ProtocolError                    ReasonCode = 0x82
	ImplementationSpecificError      ReasonCode = 0x83
	UnsupportedProtocolVersion       ReasonCode = 0x84
	ClientIdentifierNotValid         ReasonCode = 0x85
	BadUserNameOrPassword            ReasonCode = 0x86
	NotAuthorized                    ReasonCode = 0x87
	ServerUnavailable                ReasonCode = 0x88
	ServerBusy                       ReasonCode = 0x89
	Banned                           ReasonCode = 0x8a
	ServerShuttingDown               ReasonCode = 0x8b
	BadAuthenticationMethod          ReasonCode = 0x8c
	KeepAliveTimeout                 ReasonCode = 0x8d
	SessionTakenOver                 ReasonCode = 0x8e
	TopicFilterInvalid               ReasonCode = 0x8f
	TopicNameInvalid                 ReasonCode = 0x90
	PacketIdentifierInUse            ReasonCode = 0x91
	PacketIdentifierNotFound         ReasonCode = 0x92
	ReceiveMaximumExceeded           ReasonCode = 0x93
	TopicAliasInvalid                ReasonCode = 0x94
	PacketTooLarge                   ReasonCode = 0x95
	MessageRateTooHigh               ReasonCode = 0x96
	QuotaExceeded                    ReasonCode = 0x97
	AdministrativeAction             ReasonCode = 0x98
	PayloadFormatInvalid             ReasonCode = 0x99
	RetainNotSupported               ReasonCode = 0x9a
	QoSNotSupported                  ReasonCode = 0x9b
	UseAnotherServer                 ReasonCode = 0x9c
	ServerMoved                      ReasonCode = 0x9d
	SharedSubscriptionsNotSupported  ReasonCode = 0x9e
	ConnectionRateExceeded           ReasonCode = 0x9f
	MaximumConnectTime               ReasonCode = 0xa0
	SubscriptionIDsNotSupported      ReasonCode = 0xa1
	WildcardSubscriptionsUnsupported ReasonCode = 0xa2
)

// Failed reports whether the code is an error (0x80 and above).
func (c ReasonCode) Failed() bool {
	return c >= 0x80
}

// String gives the standard's name of the code in lower case, such as "not authorized".
func (c ReasonCode) String() string {
	if r := reasonOf(c); r.name != "" {
		return r.name
	}
	return "unknown reason code"
}

// Valid reports whether the standard allows the code in packets of type t (table 2-6). Which side may send it is for the
// caller to judge.
func (c ReasonCode) Valid(t Type) bool {
	return reasonOf(c).on&(1<<t) != 0
}

// Connack311 translates the code into the return code of a 3.1.1 CONNACK (3.1.1 section 3.2.2.3). ok is false when there is none
// and the server must close the connection without an answer.
func (c ReasonCode) Connack311() (code byte, ok bool) {
	switch c {
	case Success:
		return 0, true
	case UnsupportedProtocolVersion:
		return 1, true
	case ClientIdentifierNotValid:
		return 2, true
	case ServerUnavailable, ServerBusy, QuotaExceeded, UseAnotherServer, ServerMoved, ConnectionRateExceeded:
		return 3, true
	case BadUserNameOrPassword:
		return 4, true
	case NotAuthorized, Banned, BadAuthenticationMethod:
		return 5, true
	default:
		return 0, false
	}
}

// connack311 is the way back of Connack311, by return code.
var connack311 = [...]ReasonCode{
	Success, UnsupportedProtocolVersion, ClientIdentifierNotValid, ServerUnavailable, BadUserNameOrPassword, NotAuthorized,
}

// reason is one row of the table: the code's name and the set of packets that may carry it, one bit per type.
type reason struct {
	name string
	on   uint16
}

// reasonOf looks a code up; the zero reason stands for codes that do not exist.
func reasonOf(c ReasonCode) reason {
	if int(c) < len(reasons) {
		return reasons[c]
	}
	return reason{}
}

const (
	onConnack    = 1 << TypeConnack
	onPuback     = 1<<TypePuback | 1<<TypePubrec
	onPubrel     = 1<<TypePubrel | 1<<TypePubcomp
	onSuback     = 1 << TypeSuback
	onUnsuback   = 1 << TypeUnsuback
	onDisconnect = 1 << TypeDisconnect
	onAuth       = 1 << TypeAuth
)

// reasons is table 2-6.
var reasons = [...]reason{
	Success:                          {"success", onConnack | onPuback | onPubrel | onSuback | onUnsuback | onDisconnect | onAuth},
	GrantedQoS1:                      {"granted QoS 1", onSuback},
	GrantedQoS2:                      {"granted QoS 2", onSuback},
	DisconnectWithWill:               {"disconnect with will message", onDisconnect},
	NoMatchingSubscribers:            {"no matching subscribers", onPuback},
	NoSubscriptionExisted:            {"no subscription existed", onUnsuback},
	ContinueAuthentication:           {"continue authentication", onAuth},
	ReAuthenticate:                   {"re-authenticate", onAuth},
	UnspecifiedError:                 {"unspecified error", onConnack | onPuback | onSuback | onUnsuback | onDisconnect},
	MalformedPacket:                  {"malformed packet", onConnack | onDisconnect},
	ProtocolError:                    {"protocol error", onConnack | onDisconnect},
	ImplementationSpecificError:      {"implementation specific error", onConnack | onPuback | onSuback | onUnsuback | onDisconnect},
	UnsupportedProtocolVersion:       {"unsupported protocol version", onConnack},
	ClientIdentifierNotValid:         {"client identifier not valid", onConnack},
	BadUserNameOrPassword:            {"bad user name or password", onConnack},
	NotAuthorized:                    {"not authorized", onConnack | onPuback | onSuback | onUnsuback | onDisconnect},
	ServerUnavailable:                {"server unavailable", onConnack},
	ServerBusy:                       {"server busy", onConnack | onDisconnect},
	Banned:                           {"banned", onConnack},
	ServerShuttingDown:               {"server shutting down", onDisconnect},
	BadAuthenticationMethod:          {"bad authentication method", onConnack | onDisconnect},
	KeepAliveTimeout:                 {"keep alive timeout", onDisconnect},
	SessionTakenOver:                 {"session taken over", onDisconnect},
	TopicFilterInvalid:               {"topic filter invalid", onSuback | onUnsuback | onDisconnect},
	TopicNameInvalid:                 {"topic name invalid", onConnack | onPuback | onDisconnect},
	PacketIdentifierInUse:            {"packet identifier in use", onPuback | onSuback | onUnsuback},
	PacketIdentifierNotFound:         {"packet identifier not found", onPubrel},
	ReceiveMaximumExceeded:           {"receive maximum exceeded", onDisconnect},
	TopicAliasInvalid:                {"topic alias invalid", onDisconnect},
	PacketTooLarge:                   {"packet too large", onConnack | onDisconnect},
	MessageRateTooHigh:               {"message rate too high", onDisconnect},
	QuotaExceeded:                    {"quota exceeded", onConnack | onPuback | onSuback | onDisconnect},
	AdministrativeAction:             {"administrative action", onDisconnect},
	PayloadFormatInvalid:             {"payload format invalid", onConnack | onPuback | onDisconnect},
	RetainNotSupported:               {"retain not supported", onConnack | onDisconnect},
	QoSNotSupported:                  {"QoS not supported", onConnack | onDisconnect},
	UseAnotherServer:                 {"use another server", onConnack | onDisconnect},
	ServerMoved:                      {"server moved", onConnack | onDisconnect},
	SharedSubscriptionsNotSupported:  {"shared subscriptions not supported", onSuback | onDisconnect},
	ConnectionRateExceeded:           {"connection rate exceeded", onConnack | onDisconnect},
	MaximumConnectTime:               {"maximum connect time", onDisconnect},
	SubscriptionIDsNotSupported:      {"subscription identifiers not supported", onSuback | onDisconnect},
	WildcardSubscriptionsUnsupported: {"wildcard subscriptions not supported", onSuback | onDisconnect},
}
