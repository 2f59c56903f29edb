package fleet

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestRetiredIsFinal(t *testing.T) {
	for _, next := range []State{Registered, Quarantined, Active, Suspended, Retired} {
		if Retired.CanMove(next) {
			t.Errorf("retired moved to %s", next)
		}
	}
	if !Active.CanMove(Quarantined) || Active.CanMove(Registered) {
		t.Error("active: quarantined is allowed, registered is not")
	}
}

func TestCheckName(t *testing.T) {
	for _, good := range []string{"lock-17", "abc", "a1b", "gw-muc1-02", "a" + strings.Repeat("b", 62)} {
		if err := CheckName("name", good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "ab", "1abc", "Lock-17", "lock--17", "lock-", "lock_17", "a" + strings.Repeat("b", 63), "lock 17", "löck"} {
		if err := CheckName("name", bad); CodeOf(err) != CodeInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestEventCheckNamesTheMissingField(t *testing.T) {
	good := NewEvent("login.failed", time.Now(), Anonymous("127.0.0.1"), Server("api"), map[string]any{"surface": "api", "account": "a", "reason": "password"})
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for path, spoil := range map[string]func(*Event){
		"type":        func(e *Event) { e.Type = "no.such" },
		"id":          func(e *Event) { e.ID = "" },
		"severity":    func(e *Event) { e.Severity = "dire" },
		"time":        func(e *Event) { e.Time = time.Time{} },
		"initiator":   func(e *Event) { e.Initiator = Party{} },
		"receiver":    func(e *Event) { e.Receiver.ID = "" },
		"data":        func(e *Event) { e.Data = nil },
		"data.reason": func(e *Event) { e.Data = map[string]any{"surface": "api", "account": "a"} },
	} {
		bad := good
		spoil(&bad)
		var fe *Error
		if err := bad.Check(); !errors.As(err, &fe) || fe.Fields[0].Path != path {
			t.Errorf("%s missing: %v", path, err)
		}
	}
}

func TestCatalogueIsComplete(t *testing.T) {
	for _, name := range EventTypeNames() {
		typ := EventTypes[name]
		if typ.Severity.Rank() < 0 || typ.Summary == "" || typ.Class.ClassUID == 0 || len(typ.Data) == 0 {
			t.Errorf("%s is incomplete: %+v", name, typ)
		}
	}
}

func TestWorse(t *testing.T) {
	if got := Worse(Worse("", Pass), Unknown); got != Unknown {
		t.Errorf("pass and unknown give %s", got)
	}
	if got := Worse(Stale, Fail); got != Fail {
		t.Errorf("stale and fail give %s", got)
	}
	if got := Worse(NotApplicable, Pass); got != Pass {
		t.Errorf("not applicable and pass give %s", got)
	}
}

func FuzzEventCheck(f *testing.F) {
	f.Add([]byte(`{"id":"0192f3a0-0000-7000-8000-000000000000","type":"login.failed"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e Event
		if json.Unmarshal(b, &e) == nil && e.Check() == nil && e.Initiator.ID == "" {
			t.Error("accepted without an initiator")
		}
	})
}
