package packet

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestAppendRefuses(t *testing.T) {
	long := strings.Repeat("a", maxText+1)
	alias := props(t, number(PropTopicAlias, 1))
	expiry := props(t, number(PropSessionExpiry, 1))
	twoIDs := props(t, subID(1), subID(2))
	topic := []byte("t")
	for name, c := range map[string]struct {
		v Version
		p Packet
	}{
		"connect without version":      {V5, &Connect{ClientID: "a"}},
		"connect 3.1":                  {V31, &Connect{Version: V31, ClientID: "a"}},
		"connect identifier long":      {V5, &Connect{Version: V5, ClientID: long}},
		"connect identifier U+0000":    {V5, &Connect{Version: V5, ClientID: "\x00"}},
		"connect 3.1.1 no identifier":  {V311, &Connect{Version: V311}},
		"connect user name":            {V5, &Connect{Version: V5, HasUsername: true, Username: "\xff"}},
		"connect password long":        {V5, &Connect{Version: V5, HasPassword: true, Password: []byte(long)}},
		"connect 3.1.1 password":       {V311, &Connect{Version: V311, ClientID: "a", HasPassword: true}},
		"connect property":             {V5, &Connect{Version: V5, Properties: alias}},
		"connect auth data":            {V5, &Connect{Version: V5, Properties: props(t, data(PropAuthData, "x"))}},
		"connect will topic":           {V5, &Connect{Version: V5, Will: &Will{Topic: "#"}}},
		"connect will QoS":             {V5, &Connect{Version: V5, Will: &Will{Topic: "t", QoS: 3}}},
		"connect will payload":         {V5, &Connect{Version: V5, Will: &Will{Topic: "t", Payload: []byte(long)}}},
		"connect will property":        {V5, &Connect{Version: V5, Will: &Will{Topic: "t", Properties: alias}}},
		"connack code":                 {V5, &Connack{Code: SessionTakenOver}},
		"connack 3.1.1 code":           {V311, &Connack{Code: MalformedPacket}},
		"connack session present":      {V5, &Connack{Code: Banned, SessionPresent: true}},
		"connack property":             {V5, &Connack{Properties: alias}},
		"publish QoS 3":                {V5, &Publish{Topic: topic, QoS: 3, PacketID: 1}},
		"publish dup":                  {V5, &Publish{Topic: topic, Dup: true}},
		"publish no identifier":        {V5, &Publish{Topic: topic, QoS: 1}},
		"publish identifier":           {V5, &Publish{Topic: topic, PacketID: 1}},
		"publish topic long":           {V5, &Publish{Topic: []byte(long)}},
		"publish no topic":             {V5, &Publish{}},
		"publish 3.1.1 no topic":       {V311, &Publish{Properties: alias}},
		"publish property":             {V5, &Publish{Topic: topic, Properties: expiry}},
		"publish too long":             {V5, &Publish{Topic: topic, Payload: make([]byte, MaxRemaining)}},
		"ack type":                     {V5, &Ack{Type: TypePublish, PacketID: 1}},
		"ack no identifier":            {V5, &Ack{Type: TypePuback}},
		"ack code":                     {V5, &Ack{Type: TypePuback, PacketID: 1, Code: Banned}},
		"ack 3.1.1 failure":            {V311, &Ack{Type: TypePuback, PacketID: 1, Code: NotAuthorized}},
		"ack property":                 {V5, &Ack{Type: TypePuback, PacketID: 1, Properties: alias}},
		"subscribe nothing":            {V5, &Subscribe{PacketID: 1}},
		"subscribe no identifier":      {V5, &Subscribe{Subscriptions: []Subscription{{Filter: "a"}}}},
		"subscribe filter":             {V5, &Subscribe{PacketID: 1, Subscriptions: []Subscription{{Filter: "a#"}}}},
		"subscribe QoS":                {V5, &Subscribe{PacketID: 1, Subscriptions: []Subscription{{Filter: "a", QoS: 3}}}},
		"subscribe shared no local":    {V5, &Subscribe{PacketID: 1, Subscriptions: []Subscription{{Filter: "$share/g/a", NoLocal: true}}}},
		"subscribe two identifiers":    {V5, &Subscribe{PacketID: 1, Properties: twoIDs, Subscriptions: []Subscription{{Filter: "a"}}}},
		"suback nothing":               {V5, &Suback{PacketID: 1}},
		"suback code":                  {V5, &Suback{PacketID: 1, Codes: []ReasonCode{3}}},
		"suback property":              {V5, &Suback{PacketID: 1, Properties: alias, Codes: []ReasonCode{0}}},
		"unsubscribe nothing":          {V5, &Unsubscribe{PacketID: 1}},
		"unsubscribe filter":           {V5, &Unsubscribe{PacketID: 1, Filters: []string{""}}},
		"unsubscribe property":         {V5, &Unsubscribe{PacketID: 1, Properties: alias, Filters: []string{"a"}}},
		"unsuback nothing":             {V5, &Unsuback{PacketID: 1}},
		"unsuback code":                {V5, &Unsuback{PacketID: 1, Codes: []ReasonCode{1}}},
		"unsuback property":            {V5, &Unsuback{PacketID: 1, Properties: alias, Codes: []ReasonCode{0}}},
		"disconnect code":              {V5, &Disconnect{Code: Banned}},
		"disconnect 3.1.1 code":        {V311, &Disconnect{Code: SessionTakenOver}},
		"disconnect property":          {V5, &Disconnect{Properties: alias}},
		"auth 3.1.1":                   {V311, &Auth{}},
		"auth code":                    {V5, &Auth{Code: Banned}},
		"auth without method":          {V5, &Auth{Code: ContinueAuthentication}},
		"auth property":                {V5, &Auth{Properties: props(t, text(PropAuthMethod, "m"), number(PropTopicAlias, 1))}},
		"properties longer than 256MB": {V5, &Disconnect{Properties: Properties{raw: make([]byte, MaxRemaining+1), seen: 1 << PropUser}}},
	} {
		dst := []byte("before")
		out, err := c.p.Append(dst, c.v)
		if !errors.Is(err, ErrEncode) || !bytes.Equal(out, dst) {
			t.Errorf("%s: %d bytes, error %v", name, len(out), err)
		}
	}
}

// TestTranslation: what MQTT 3.1.1 cannot say is left out or translated, as documented.
func TestTranslation(t *testing.T) {
	full := props(t, user("k", "v"))
	for name, c := range map[string]struct {
		p    Packet
		want string
	}{
		"publish properties": {&Publish{Topic: []byte("t"), Properties: full}, `30 ~ "t"`},
		"suback codes":       {&Suback{PacketID: 1, Codes: []ReasonCode{NotAuthorized, GrantedQoS1}}, `90 04 0001 80 01`},
		"unsuback codes":     {&Unsuback{PacketID: 1, Codes: []ReasonCode{NoSubscriptionExisted}}, `b0 02 0001`},
		"puback reason":      {&Ack{Type: TypePuback, PacketID: 1, Code: NoMatchingSubscribers, Properties: full}, `40 02 0001`},
		"subscribe options": {&Subscribe{PacketID: 1, Subscriptions: []Subscription{
			{Filter: "a", QoS: 1, NoLocal: true, RetainHandling: 2},
		}}, `82 ~ 0001 "a" 01`},
		"connack busy":   {&Connack{Code: ServerBusy}, `20 02 00 03`},
		"connack banned": {&Connack{Code: Banned}, `20 02 00 05`},
	} {
		got, err := c.p.Append(nil, V311)
		if want := wire(t, c.want); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v; want %x", name, got, err, want)
		}
	}
}

// TestConnack311 holds every reason code against the return codes of MQTT 3.1.1.
func TestConnack311(t *testing.T) {
	want := map[ReasonCode]byte{
		Success: 0, UnsupportedProtocolVersion: 1, ClientIdentifierNotValid: 2, ServerUnavailable: 3, ServerBusy: 3, QuotaExceeded: 3,
		UseAnotherServer: 3, ServerMoved: 3, ConnectionRateExceeded: 3, BadUserNameOrPassword: 4, NotAuthorized: 5, Banned: 5,
		BadAuthenticationMethod: 5,
	}
	for code := range 256 {
		c := ReasonCode(code)
		got, ok := c.Connack311()
		if w, listed := want[c]; got != w || ok != listed {
			t.Errorf("%s (%#02x) becomes %d, %v", c, code, got, ok)
		}
		out, err := (&Connack{Code: c}).Append(nil, V311)
		if (err == nil) != ok || ok && out[3] != got {
			t.Errorf("%s (%#02x): CONNACK %x, %v", c, code, out, err)
		}
	}
}

func TestPublishSize(t *testing.T) {
	for _, n := range []int{0, 1, 100, 122, 123, 124, 16_378, 16_379, 16_380, 2_097_146, 2_097_147} {
		p := Publish{Topic: []byte("t"), Payload: make([]byte, n), QoS: 1, PacketID: 1}
		for _, v := range []Version{V311, V5} {
			b, err := p.Append(nil, v)
			if err != nil || len(b) != p.Size(v) {
				t.Errorf("payload of %d: %d bytes, Size says %d, error %v", n, len(b), p.Size(v), err)
			}
			if f := one(t, b); len(f.Body) != p.remaining(v) {
				t.Errorf("payload of %d: body of %d", n, len(f.Body))
			}
		}
	}
}

// TestLongestFields: the longest string that its length bytes can announce goes through, one byte more does not (TestAppendRefuses).
func TestLongestFields(t *testing.T) {
	longest := strings.Repeat("a", maxText)
	for _, p := range []Packet{
		&Publish{Topic: []byte(longest), Payload: []byte{}, Properties: props(t, user(longest, longest), data(PropCorrelationData, longest))},
		&Connect{
			Version: V5, ClientID: longest, HasUsername: true, Username: longest, HasPassword: true, Password: []byte(longest),
			Will: &Will{Topic: longest, Payload: []byte(longest)},
		},
		&Subscribe{PacketID: 1, Subscriptions: []Subscription{{Filter: longest}}},
		&Disconnect{Properties: props(t, text(PropReasonString, longest))},
	} {
		roundTrip(t, p, V5)
	}
}

func TestNames(t *testing.T) {
	if V31.String() != "3.1" || V311.String() != "3.1.1" || V5.String() != "5.0" || Version(9).String() != "unknown" {
		t.Error("versions have wrong names")
	}
	if NotAuthorized.String() != "not authorized" || ReasonCode(0xff).String() != "unknown reason code" || ReasonCode(3).String() != "unknown reason code" {
		t.Error("reason codes have wrong names")
	}
	if PropUser.String() != "user property" || PropertyID(5).String() != "unknown property" {
		t.Error("properties have wrong names")
	}
	if !Banned.Failed() || !UnspecifiedError.Failed() || GrantedQoS2.Failed() {
		t.Error("failure of reason codes is wrong")
	}
	for code := range 256 {
		for typ := TypeConnect; typ <= TypeAuth; typ++ {
			if c := ReasonCode(code); c.Valid(typ) && c.String() == "unknown reason code" {
				t.Errorf("code %#02x has no name", code)
			}
		}
	}
	err := malformed(TypePublish, "MQTT-3.3.2-2", "topic name contains a wildcard")
	if got := err.Error(); got != "PUBLISH refused: topic name contains a wildcard (malformed packet) [MQTT-3.3.2-2]" {
		t.Errorf("error reads %q", got)
	}
}
