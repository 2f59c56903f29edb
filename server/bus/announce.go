package bus

import (
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go"
)

// Announce tells every node something at once (a credential was revoked, a type changed). It is not stored: whoever was
// away must read the state it needs from SQL when it comes back.
func (b *Bus) Announce(topic string, value any) error {
	payload, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("announce %s: %w", topic, err)
	}
	return b.conn.Publish("say."+topic, payload)
}

// Listen hands each announcement on topic to fn, on this node and from all others. topic may end in ".>".
func Listen[T any](b *Bus, topic string, fn func(T)) (stop func(), err error) {
	sub, err := b.conn.Subscribe("say."+topic, func(m *nats.Msg) {
		var v T
		if err := json.Unmarshal(m.Data, &v); err != nil {
			b.log.Error("announcement not understood", "topic", topic, "error", err)
			return
		}
		fn(v)
	})
	if err != nil {
		return nil, fmt.Errorf("listen to %s: %w", topic, err)
	}
	return func() { _ = sub.Unsubscribe() }, nil
}

// Cut is announced under TopicCut when live sessions must end at once, on every protocol and node. Certificate ends the
// sessions of one certificate; otherwise all of the subject's.
type Cut struct {
	SubjectKind string `json:"subjectKind"` // device, account
	SubjectID   string `json:"subjectId"`
	Certificate string `json:"certificate,omitempty"` // serial, lower-case hex
	Reason      string `json:"reason"`
}

// Topics that domains share.
const (
	TopicCut     = "cut"     // Cut: end sessions
	TopicChanged = "changed" // Changed: facts that others keep a copy of
)

// Changed is announced under TopicChanged after a commit, so that copies (compiled ACLs, posture subjects) are renewed.
type Changed struct {
	Kind string `json:"kind"` // device, type, certificate, account, listener, alert, policy …
	ID   string `json:"id"`
}
