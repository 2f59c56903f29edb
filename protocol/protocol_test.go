package protocol

import "testing"

func TestTopicsComeApartAsTheyWereMade(t *testing.T) {
	for topic, want := range map[string]Topic{
		TelemetryTopic("d1", "health"): {"d1", KindTelemetry, "health"},
		EventTopic("d1"):               {"d1", KindEvent, ""},
		ReportedTopic("d1"):            {"d1", KindReported, ""},
		DesiredTopic("d1"):             {"d1", KindDesired, ""},
		CommandTopic("d1", "unlock"):   {"d1", KindCommand, "unlock"},
	} {
		if got, ok := ParseTopic(topic); !ok || got != want {
			t.Errorf("%s: %+v, %v", topic, got, ok)
		}
	}
	for _, bad := range []string{"", "things", "things/", "things/d1", "things/d1/x", "things/d1/telemetry", "things/d1/telemetry/", "things/d1/telemetry/a/b", "things//event", "other/d1/event", "things/d1/event/x"} {
		if got, ok := ParseTopic(bad); ok {
			t.Errorf("%q accepted as %+v", bad, got)
		}
	}
}

func TestIdentityURI(t *testing.T) {
	kind, id, err := ParseIdentityURI(IdentityURI(SubjectDevice, "0192"))
	if err != nil || kind != SubjectDevice || id != "0192" {
		t.Errorf("%v %v %v", kind, id, err)
	}
	for _, bad := range []string{"", "urn:uuid:1", "urn:thingward:", "urn:thingward:device", "urn:thingward:device:", "urn:thingward:ghost:1"} {
		if _, _, err := ParseIdentityURI(bad); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
}

func FuzzParseTopic(f *testing.F) {
	f.Add("things/d1/telemetry/health")
	f.Add("things/d1/twin/desired")
	f.Fuzz(func(t *testing.T, s string) {
		if p, ok := ParseTopic(s); ok && p.Device == "" {
			t.Errorf("%q gives no device", s)
		}
	})
}
