package intake

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// What became of a message.
const (
	stored    = "stored"
	duplicate = "duplicate" // it was stored before, by the same id
	conflict  = "conflict"  // its id was used for another message
	denied    = "refused"
)

// answer says what became of a batch.
type answer struct {
	Stored     int      `json:"stored"`
	Duplicates int      `json:"duplicates"`
	Refused    int      `json:"refused"`
	Results    []result `json:"results"`
	replayed   bool
}

// result is what became of one message.
type result struct {
	Index  int    `json:"index"`
	ID     string `json:"id,omitempty"`
	Status string `json:"status"`
	Detail string `json:"detail,omitempty"`
}

func (a *answer) add(n int, m message, status, detail string) {
	a.Results[n] = result{n, m.id, status, detail}
	switch status {
	case stored:
		a.Stored++
	case duplicate:
		a.Duplicates++
	default:
		a.Refused++
	}
}

// write answers 200, or 207 when a message was refused.
func (a *answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if a.replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	status := http.StatusOK
	if a.Refused > 0 {
		status = http.StatusMultiStatus
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a) // a client that has gone asks again
}

// problem is a refusal of the whole batch (RFC 9457).
type problem struct{ api.Problem }

func refused(status int, detail string) *problem {
	p := &problem{api.Problem{Title: http.StatusText(status), Status: status, Detail: detail, Request: id.New()}}
	switch status {
	case http.StatusUnauthorized:
		p.Code = "unauthenticated"
	case http.StatusForbidden:
		p.Code = "forbidden"
	case http.StatusConflict:
		p.Code = "conflict"
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		p.Code = "unavailable"
	default:
		p.Code = "invalid"
	}
	p.Type = "urn:thingward:problem:" + string(p.Code)
	return p
}

func invalid(detail string) *problem { return refused(http.StatusUnprocessableEntity, detail) }

func unavailable(detail string, wait time.Duration) *problem {
	return refused(http.StatusServiceUnavailable, detail).after(wait)
}

func (p *problem) after(wait time.Duration) *problem {
	p.RetryAfter = int(math.Ceil(max(wait, time.Second).Seconds()))
	return p
}

func (p *problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p.Problem) // a client that has gone asks again
}

// problemOf puts a refusal of the broker that concerns the whole batch into an answer.
func problemOf(err error) *problem {
	var r *broker.Refusal
	if !errors.As(err, &r) {
		return unavailable("the batch is not stored yet: try again", 5*time.Second)
	}
	switch {
	case r.Denied():
		return refused(http.StatusForbidden, r.Error())
	case r.Code == packet.MessageRateTooHigh || r.Code == packet.ReceiveMaximumExceeded || r.Code == packet.QuotaExceeded || r.Code == packet.ConnectionRateExceeded:
		return refused(http.StatusTooManyRequests, r.Error()).after(r.Wait)
	}
	return unavailable(r.Error(), 5*time.Second)
}

// final reports whether trying a message again would end in the same way.
func final(err error) bool {
	var r *broker.Refusal
	if !errors.As(err, &r) {
		return false
	}
	switch r.Code {
	case packet.NotAuthorized, packet.PacketTooLarge, packet.TopicNameInvalid, packet.PayloadFormatInvalid, packet.QuotaExceeded:
		return true
	default:
		return false
	}
}
