package detect

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
)

func TestEveryEventTypeHasItsOCSFObject(t *testing.T) {
	for name, typ := range fleet.EventTypes {
		ev := fleet.NewEvent(name, time.UnixMilli(1_800_000_000_123), fleet.Party{Kind: "person", ID: "p", Name: "anna", Address: "192.0.2.1"}, fleet.Party{Kind: "device", ID: "d", Name: "door"}, map[string]any{"reason": "r"})
		body, err := json.Marshal(OCSF(ev))
		if err != nil {
			t.Fatal(err)
		}
		var o struct {
			Class    int   `json:"class_uid"`
			Category int   `json:"category_uid"`
			Activity int   `json:"activity_id"`
			Type     int   `json:"type_uid"`
			Time     int64 `json:"time"`
			Severity int   `json:"severity_id"`
			Status   int   `json:"status_id"`
			Metadata struct {
				UID, Version string
				Product      struct{ Name string }
			}
			Actor  struct{ User struct{ Name string } }
			Device struct{ UID string }
			Src    struct{ IP string } `json:"src_endpoint"`
		}
		if err := json.Unmarshal(body, &o); err != nil {
			t.Fatal(err)
		}
		if o.Class != typ.Class.ClassUID || o.Category != o.Class/1000 || ocsfCategories[o.Category] == "" || o.Type != o.Class*100+o.Activity || o.Time != 1_800_000_000_123 || o.Severity < 1 || o.Severity > 5 {
			t.Errorf("%s: %s", name, body)
		}
		if o.Metadata.UID != ev.ID || o.Metadata.Version == "" || o.Metadata.Product.Name != "Thingward" || o.Actor.User.Name != "anna" || o.Device.UID != "d" || o.Src.IP != "192.0.2.1" {
			t.Errorf("%s: %s", name, body)
		}
		if refused := strings.HasSuffix(name, ".refused") || name == "login.failed"; refused && o.Status != 2 {
			t.Errorf("%s is a success", name)
		}
	}
}

func TestEventItemIsWrittenAsAsked(t *testing.T) {
	place := int64(7)
	item := EventItem{Event: fleet.NewEvent("server.started", time.Now(), fleet.Server("core"), fleet.Server("core"), map[string]any{"version": "1"}), Entry: &place}
	body, err := json.Marshal(item)
	if err != nil || !id.Valid(item.ID) || !strings.Contains(string(body), `"entry":7`) || !strings.Contains(string(body), `"type":"server.started"`) {
		t.Errorf("%v: %s", err, body)
	}
	item.ocsf = true
	if body, err = json.Marshal(item); err != nil || !strings.Contains(string(body), `"class_uid":6002`) {
		t.Errorf("%v: %s", err, body)
	}
}

func TestDocumentsNameEverything(t *testing.T) {
	var events, rules, again bytes.Buffer
	shelf := []Rule{{ID: "X-1/a|b", Title: "T", Text: "Text.", Severity: fleet.Low, Threshold: 3, Window: 10 * time.Minute, Events: []string{"login.failed"}}}
	if err := EventMarkdown(&events); err != nil {
		t.Fatal(err)
	}
	if err := RuleMarkdown(&rules, shelf); err != nil {
		t.Fatal(err)
	}
	if err := RuleMarkdown(&again, shelf); err != nil || rules.String() != again.String() {
		t.Error("two runs write two documents")
	}
	for _, name := range fleet.EventTypeNames() {
		if !strings.Contains(events.String(), "| `"+name+"` |") {
			t.Errorf("%s is missing", name)
		}
	}
	if !strings.Contains(rules.String(), "| `X-1/a\\|b` | **T.** Text. | low | 3 in 10 min |") {
		t.Errorf("%s", rules.String())
	}
}
