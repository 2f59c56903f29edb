package detect

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Headers of a webhook. The receiver computes HMAC-SHA-256 over timestamp, a full stop and the body, compares in constant
// time, and refuses a timestamp that is not of the last minutes and a delivery it has seen.
const (
	HeaderSignature = "Thingward-Signature" // sha256= and hex
	HeaderTimestamp = "Thingward-Timestamp" // seconds since 1970
	HeaderDelivery  = "Thingward-Delivery"  // the same for every attempt
)

// Message is the body of a webhook.
type Message struct {
	Alert *Alert `json:"alert"`
	Link  string `json:"link,omitempty"` // to the alert in the console
}

// Sign is the value of HeaderSignature.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func (s *Service) link(al *Alert) string {
	if s.ConsoleURL == "" {
		return ""
	}
	return strings.TrimSuffix(s.ConsoleURL, "/") + "/alerts/" + al.ID
}

func (s *Service) sendWebhook(ctx context.Context, r Route, secret string, d delivery, al *Alert) error {
	body, err := json.Marshal(Message{Alert: al, Link: s.link(al)})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	timestamp := strconv.FormatInt(s.Clock.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Thingward")
	req.Header.Set(HeaderTimestamp, timestamp)
	req.Header.Set(HeaderDelivery, d.id)
	req.Header.Set(HeaderSignature, Sign(secret, timestamp, body))
	client := s.sender.https
	if req.URL.Scheme == "http" {
		client = s.sender.local
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.CopyN(io.Discard, res.Body, answerMost) // so that the connection can be used again
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("the receiver answered %d %s", res.StatusCode, http.StatusText(res.StatusCode))
	}
	return nil
}

// mailText is an alert as a person reads it.
func (s *Service) mailText(al *Alert) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n\n", al.Title, al.Text)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-10s %s\n", name+":", value)
		}
	}
	line("Severity", string(al.Severity))
	line("Subject", strings.TrimSpace(al.Subject.Kind+" "+al.Subject.Name))
	line("Id", al.Subject.ID)
	line("Address", al.Subject.Address)
	line("Events", strconv.Itoa(al.Count))
	line("First", al.First.Format(time.RFC3339))
	line("Last", al.Last.Format(time.RFC3339))
	line("Rule", al.Rule+" (control "+al.Control+")")
	line("Alert", al.ID)
	line("Look", s.link(al))
	b.WriteString("\nTake it on: thingward alert ack " + al.ID + "\n")
	return b.String()
}
