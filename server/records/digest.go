package records

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// digestOf is the SHA-256 of what is approved: which record of which object, its form and its evidence. Whoever has the
// exported record can compute it again.
func digestOf(r Record, body string) string {
	type piece struct {
		ID     string    `json:"id"`
		Name   string    `json:"name"`
		Media  string    `json:"media"`
		Size   int64     `json:"size"`
		SHA256 string    `json:"sha256"`
		Link   string    `json:"link"`
		Added  time.Time `json:"added"`
		By     string    `json:"by"`
		Read   []Fact    `json:"read,omitempty"`
	}
	evidence := make([]piece, 0, len(r.Evidence))
	for _, e := range r.Evidence {
		evidence = append(evidence, piece{e.ID, e.Name, e.Media, e.Size, e.SHA256, e.Link, e.Added.UTC(), e.By, e.Read})
	}
	raw, err := json.Marshal(struct {
		ID       string          `json:"id"`
		Kind     string          `json:"kind"`
		Version  int             `json:"version"`
		About    About           `json:"about"`
		Object   string          `json:"object"`
		Name     string          `json:"name"`
		System   string          `json:"system"`
		Site     string          `json:"site"`
		Body     json.RawMessage `json:"body"`
		Evidence []piece         `json:"evidence"`
	}{r.ID, r.Kind, r.Version, r.Object.Kind, r.Object.ID, r.Object.Name, r.Object.System, r.Object.Site, json.RawMessage(body), evidence})
	if err != nil {
		raw = []byte("not JSON: " + body) // a stored form that was altered into no JSON has a digest of its own
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
