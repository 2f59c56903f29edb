package packet

// Disconnect ends a connection (section 3.14). In MQTT 3.1.1 only a client sends it, and it carries nothing.
type Disconnect struct {
	Code       ReasonCode
	Properties Properties
}

// Decode reads a DISCONNECT.
func (d *Disconnect) Decode(f Frame, v Version) error {
	*d = Disconnect{}
	c := newCursor(f, v)
	c.checkType(TypeDisconnect)
	c.checkFlags(f)
	if v >= V5 {
		d.Code = c.optionalResult(&d.Properties)
	}
	return c.done()
}

// CheckFromClient refuses what only a server may send: the codes that section 3.14.2.1 marks so, and the server reference.
func (d *Disconnect) CheckFromClient() error {
	switch d.Code {
	case NotAuthorized, ServerBusy, ServerShuttingDown, KeepAliveTimeout, SessionTakenOver, TopicFilterInvalid,
		RetainNotSupported, QoSNotSupported, UseAnotherServer, ServerMoved, SharedSubscriptionsNotSupported,
		ConnectionRateExceeded, MaximumConnectTime, SubscriptionIDsNotSupported, WildcardSubscriptionsUnsupported:
		return protocolError(TypeDisconnect, "MQTT-3.14.2-1", "a client must not send this reason code")
	default: // both sides may send the others
	}
	if d.Properties.Has(PropServerReference) {
		return protocolError(TypeDisconnect, "MQTT5 section 3.14.2.2.5", "a client must not send a server reference")
	}
	return nil
}

// Append encodes the DISCONNECT. MQTT 3.1.1 has no code: one other than 0 is refused, close the connection instead.
func (d *Disconnect) Append(dst []byte, v Version) ([]byte, error) {
	if !d.Code.Valid(TypeDisconnect) || v < V5 && d.Code != NormalDisconnection {
		return dst, encodeError(TypeDisconnect, "reason code is not allowed here")
	}
	start := len(dst)
	out := begin(dst, TypeDisconnect, 0)
	if v >= V5 {
		var err error
		if out, err = appendResult(out, TypeDisconnect, d.Code, &d.Properties); err != nil {
			return dst, err
		}
	}
	return finish(out, start)
}
