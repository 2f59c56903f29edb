package agent

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/thingward/thingward/protocol"
)

func TestShrinkReportKeepsWhatFits(t *testing.T) {
	inv := protocol.Inventory{Firmware: "2.4.1", OS: "debian 13", RootServices: []string{}}
	for i := range 900 {
		inv.Software = append(inv.Software, protocol.Software{Name: fmt.Sprintf("package-%03d", i), Version: "1.2.3-4+deb13u1"})
	}
	full, err := json.Marshal(protocol.Reported{Inventory: &inv, Properties: map[string]any{"serial": 9007199254740993}})
	if err != nil {
		t.Fatal(err)
	}
	for _, most := range []int{400, 8 << 10, 16 << 10, len(full)} {
		b, ok := shrinkReport(full, most)
		if !ok || len(b) > most || most-len(b) > 80 {
			t.Fatalf("%d bytes of %d allowed, %v", len(b), most, ok)
		}
		var got report
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		i := got.Inventory
		if len(i.Software)+i.SoftwareOmitted != 900 || i.Firmware != "2.4.1" || i.RootServices == nil || i.OpenPorts != nil || string(got.Properties) != `{"serial":9007199254740993}` {
			t.Errorf("within %d: %d kept, %d omitted, %+v", most, len(i.Software), i.SoftwareOmitted, got)
		}
	}
	for name, payload := range map[string][]byte{"no inventory": []byte(`{"properties":{"a":1}}`), "junk": []byte("{"), "too large without software": full} {
		if b, ok := shrinkReport(payload, 20); ok {
			t.Errorf("%s: %s", name, b)
		}
	}
}

func TestAgentShrinksReportsOnly(t *testing.T) {
	a := &Agent{identity: &identity{device: "d1"}}
	big := make([]protocol.Software, 200)
	payload, err := json.Marshal(protocol.Reported{Inventory: &protocol.Inventory{Software: big}})
	if err != nil {
		t.Fatal(err)
	}
	reported := spooled{Topic: protocol.ReportedTopic("d1"), Payload: payload}
	if got, ok := a.fit(reported); !ok || len(got.Payload) != len(payload) {
		t.Errorf("without a limit: %d bytes, %v", len(got.Payload), ok)
	}
	a.packetLimit.Store(1024)
	if got, ok := a.fit(reported); !ok || a.tooLarge(got) || len(got.Payload) == len(payload) {
		t.Errorf("a report: %d bytes, %v", len(got.Payload), ok)
	}
	if _, ok := a.fit(spooled{Topic: protocol.TelemetryTopic("d1", "x"), Payload: payload}); ok {
		t.Error("a reading above the limit is to be dropped")
	}
}
