package intake

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// entry is one message of a batch as it is sent.
type entry struct {
	ID      string          `json:"id"`
	Topic   string          `json:"topic"`
	Stream  string          `json:"stream"`
	Time    *time.Time      `json:"time"`
	Payload json.RawMessage `json:"payload"`
	Base64  *[]byte         `json:"payloadBase64"`
	Format  string          `json:"contentType"`
}

// message is one message that can be published.
type message struct {
	id     string
	letter broker.Letter
}

// idempotencyKey is the request's key, with or without the quotation marks of a structured header.
func idempotencyKey(r *http.Request) (string, *problem) {
	all := r.Header.Values("Idempotency-Key")
	if len(all) == 0 {
		return "", nil
	}
	key := strings.Trim(all[0], `"`)
	if len(all) > 1 || key == "" || len(key) > keyMost || strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "", invalid(fmt.Sprintf("Idempotency-Key: want one of 1 to %d visible characters", keyMost))
	}
	return key, nil
}

// read unpacks the body. Both what is sent and what it unpacks to are bounded, so that a small body cannot become a large one.
func read(w http.ResponseWriter, r *http.Request) ([]byte, *problem) {
	var from io.Reader = http.MaxBytesReader(w, r.Body, BodyMost)
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip":
		z, err := gzip.NewReader(from)
		if err != nil {
			return nil, invalid("the body is no gzip: " + err.Error())
		}
		from = io.LimitReader(z, BodyMost+1)
	default:
		return nil, refused(http.StatusUnsupportedMediaType, "Content-Encoding: want gzip or none")
	}
	body, err := io.ReadAll(from)
	var most *http.MaxBytesError
	switch {
	case errors.As(err, &most) || len(body) > BodyMost:
		return nil, refused(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes unpacked: send smaller batches", BodyMost))
	case err != nil:
		return nil, invalid("the body cannot be read: " + err.Error())
	}
	return body, nil
}

// parse reads the messages. A single faulty one refuses the batch, which changes nothing.
func parse(contentType string, body []byte, device string) ([]message, *problem) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = ""
	}
	var raw []json.RawMessage
	switch kind {
	case "application/json":
		if err := json.Unmarshal(body, &raw); err != nil {
			return nil, invalid("the body is no JSON array of messages: " + err.Error())
		}
	case "application/x-ndjson", "application/jsonl", "application/json-lines":
		for line := range bytes.Lines(body) {
			if line = bytes.TrimSpace(line); len(line) > 0 {
				raw = append(raw, json.RawMessage(line))
			}
			if len(raw) > MessagesMost {
				break
			}
		}
	default:
		return nil, refused(http.StatusUnsupportedMediaType, "Content-Type: want application/json (an array) or application/x-ndjson (a message a line)")
	}
	if len(raw) == 0 || len(raw) > MessagesMost {
		return nil, invalid(fmt.Sprintf("want 1 to %d messages in a batch", MessagesMost))
	}
	return check(raw, device)
}

const faultsShown = 20

func check(raw []json.RawMessage, device string) ([]message, *problem) {
	out := make([]message, len(raw))
	ids := map[string]int{}
	p := invalid("some messages are faulty: none was taken")
	for i, r := range raw {
		m, field, fault := one(r, device)
		if first, twice := ids[m.id]; fault == "" && m.id != "" && twice {
			field, fault = "id", fmt.Sprintf("is that of message %d", first)
		}
		if fault == "" {
			ids[m.id], out[i] = i, m
			continue
		}
		if len(p.Errors) < faultsShown {
			p.Errors = append(p.Errors, fleet.FieldError{Path: strings.TrimSuffix(fmt.Sprintf("messages[%d].%s", i, field), "."), Message: fault})
		}
	}
	if len(p.Errors) > 0 {
		return nil, p
	}
	return out, nil
}

// one reads one message; fault says what is wrong with which field.
func one(raw json.RawMessage, device string) (m message, field, fault string) {
	var e entry
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return m, "", err.Error()
	}
	if d.More() {
		return m, "", "holds more than one value"
	}
	topic := e.Topic
	if e.Stream != "" {
		topic = protocol.TelemetryTopic(device, e.Stream)
	}
	switch {
	case (e.Topic == "") == (e.Stream == ""):
		return m, "topic", "want either topic or stream"
	case !packet.ValidTopic(topic):
		return m, "topic", "is no topic"
	case len(e.ID) > idMost:
		return m, "id", fmt.Sprintf("is longer than %d", idMost)
	case (e.Payload == nil) == (e.Base64 == nil):
		return m, "payload", "want either payload or payloadBase64"
	case e.Base64 != nil && e.Time != nil:
		return m, "time", "stands inside the payload where that is not JSON"
	}
	payload, format := []byte(e.Payload), "application/json"
	if e.Base64 != nil {
		payload, format = *e.Base64, e.Format
	} else if e.Time != nil {
		if payload, fault = timed(payload, *e.Time); fault != "" {
			return m, "time", fault
		}
	}
	if len(format) > 128 || !packet.ValidTopic("x"+strings.NewReplacer("+", "", "#", "").Replace(format)) {
		return m, "contentType", "is none"
	}
	return message{e.ID, broker.Letter{Topic: topic, Payload: payload, QoS: 1, Format: format}}, "", ""
}

// timed puts the time of a reading into its payload, where telemetry looks for it.
func timed(payload []byte, at time.Time) (out []byte, fault string) {
	var object map[string]json.RawMessage
	if json.Unmarshal(payload, &object) != nil || object == nil {
		return nil, "needs a payload that is an object, into which it is put"
	}
	if _, there := object["time"]; there {
		return nil, "stands in the payload already"
	}
	stamp, err := json.Marshal(at.UTC())
	if err != nil {
		return nil, "is out of range"
	}
	object["time"] = stamp
	if out, err = json.Marshal(object); err != nil {
		return nil, err.Error()
	}
	return out, ""
}

func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}

func tlsName(version uint16) string { return tls.VersionName(version) }
