package manifest

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
)

var update = flag.Bool("update", false, "write the golden files anew")

const sample = `"@context": ["https://www.w3.org/2022/wot/td/v1.1", {tw: "urn:thingward:ns#"}]
"@type": "tm:ThingModel"
title: Door lock
version: {model: 1.2.0}
properties:
  battery: {type: number, unit: percent, minimum: 0, maximum: 100, readOnly: true, "tw:class": internal, "tw:traffic": telemetry}
actions:
  unlock: {input: {type: object, properties: {seconds: {type: integer, minimum: 1, maximum: 30}}}, "tw:privileged": true}
events:
  tamper: {"tw:severity": high, "tw:traffic": alarm}
"tw:baseline":
  firmware: ">=2.4.1"
  heartbeat: 60s
  update: {maxAge: 90d}
  key: {algorithms: [P-256], storage: secure-element, lifetime: 365d}
  network: {allow: [{to: broker}, {to: ntp.example, port: 123, proto: udp}]}
  radio: {ble: {pairing: numeric-comparison}}
  capabilities: {secureBoot: evidence, rootOfTrust: evidence}
`

func TestSampleOfTheDesignParses(t *testing.T) {
	typ, err := Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	b := typ.Baseline
	if typ.Name != "door-lock" || typ.Version != "1.2.0" || *typ.Properties["battery"].Maximum != 100 || !typ.Commands["unlock"].Privileged || typ.Events["tamper"].Severity != fleet.High {
		t.Errorf("%+v", typ)
	}
	if b.Heartbeat != time.Minute || b.UpdateMaxAge != 90*24*time.Hour || b.Key.Lifetime != 365*24*time.Hour || b.Radio["ble.pairing"] != "numeric-comparison" || len(b.Network) != 2 || b.Network[1].Port != 123 {
		t.Errorf("%+v", b)
	}
	if s := typ.Streams["battery"]; s.Traffic != "telemetry" || s.Class != "internal" || len(s.Properties) != 1 {
		t.Errorf("stream of battery: %+v", s)
	}
	if _, ok := typ.Streams[protocol.StreamHealth]; !ok {
		t.Error("no health stream")
	}
}

// TestGolden parses every testdata/*.txt: a manifest, a line of dashes, the expected faults (or what was read).
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		input, want, _ := strings.Cut(string(raw), "\n-----\n")
		got := outcome(input)
		if got != want {
			t.Errorf("%s: got\n%s", file, got)
		}
		if *update {
			if err := os.WriteFile(file, []byte(input+"\n-----\n"+got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func outcome(input string) string {
	typ, err := Parse([]byte(input))
	var fe *fleet.Error
	if errors.As(err, &fe) {
		var b strings.Builder
		fmt.Fprintln(&b, fe.Message)
		for _, f := range fe.Fields {
			fmt.Fprintf(&b, "%s: %s\n", f.Path, f.Message)
		}
		return b.String()
	}
	out, _ := json.MarshalIndent(typ, "", " ")
	return string(out) + "\n"
}

func TestExamplesParse(t *testing.T) {
	files, err := filepath.Glob("../../../examples/types/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		typ, err := Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if typ.Name+".yaml" != filepath.Base(file) {
			t.Errorf("%s describes %s", file, typ.Name)
		}
		if b := typ.Baseline; b.Heartbeat == 0 || b.Firmware == "" || b.MaxMessage == 0 || b.Key.Storage == "" || len(b.Network) == 0 {
			t.Errorf("%s: thin baseline %+v", file, b)
		}
	}
}

func TestDigestSeesMeaningOnly(t *testing.T) {
	d1, err := Digest([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	r := &reading{}
	asJSON, err := json.MarshalIndent(r.load([]byte(sample)).plain(), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	for name, same := range map[string]string{"comment": "# new\n" + sample, "json": string(asJSON), "spelling": strings.Replace(sample, "maximum: 100", "maximum: 1.0e2", 1)} {
		if d, err := Digest([]byte(same)); err != nil || d != d1 {
			t.Errorf("%s changes the digest: %v", name, err)
		}
	}
	if d, _ := Digest([]byte(strings.Replace(sample, "maximum: 100", "maximum: 99", 1))); d == d1 {
		t.Error("another bound has the same digest")
	}
}

func TestLimits(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
	var wide strings.Builder
	for i := range MaxAffordances {
		fmt.Fprintf(&wide, "  p%d: {type: number}\n", i)
	}
	for name, c := range map[string]struct{ input, want string }{
		"too large":  {strings.Repeat("#", MaxBytes+1), "at most 1048576 are read"},
		"bomb":       {bomb, "more than 50000 values"},
		"loop":       {"a: &a [*a]", "deeper than 32"},
		"deep":       {strings.Repeat("[", 40) + strings.Repeat("]", 40), "deeper than 32"},
		"deep JSON":  {`{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, "deeper than 32"},
		"very deep":  {strings.Repeat("[", 20000), "max depth"},
		"affordance": {strings.Replace(sample, "properties:\n", "properties:\n"+wide.String(), 1), "at most 500"},
		"two":        {sample + "---\n" + sample, "one document"},
		"empty":      {"", "is empty"},
		"merge":      {"a: &a {b: 1}\nc:\n  <<: *a\n", "merge keys"},
		"infinite":   {strings.Replace(sample, "maximum: 100", "maximum: .inf", 1), "finite"},
	} {
		_, err := Parse([]byte(c.input))
		if fleet.CodeOf(err) != fleet.CodeInvalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %.300v", name, err)
		}
	}
}

func TestFaultsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "wrong%d: 1\n", i)
	}
	_, err := Parse([]byte(b.String()))
	var fe *fleet.Error
	if !errors.As(err, &fe) || len(fe.Fields) != maxFaults+1 || !strings.Contains(fe.Message, "faults") {
		t.Errorf("%v", err)
	}
}

func TestCheckNamesTheFaultyPart(t *testing.T) {
	typ, err := Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Compile(typ.Commands["unlock"].Input)
	if err != nil {
		t.Fatal(err)
	}
	for input, want := range map[string]string{
		`{"seconds":5}`:    "",
		`{"seconds":31}`:   "input.seconds: is above the most allowed, 30",
		`{"seconds":"5"}`:  "input.seconds: want integer, this is string",
		`{"second":5}`:     "input: has parts that are not declared: second",
		`{"seconds":-1}`:   "input.seconds: is below the least allowed, 1",
		`{"seconds":1e99}`: "input.seconds: is above",
	} {
		var v any
		if err := json.Unmarshal([]byte(input), &v); err != nil {
			t.Fatal(err)
		}
		if err := s.Check("input", v); (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", input, err)
		}
	}
}

func TestSchemasReachNowhere(t *testing.T) {
	if _, err := Compile(json.RawMessage(`{"$ref":"file:///etc/hostname"}`)); err == nil {
		t.Error("a schema opened a file")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"@context":[],"properties":{"a":{"type":"number","tw:traffic":"bulk"}}}`))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		typ, err := Parse(raw)
		if (typ == nil) == (err == nil) {
			t.Fatalf("%v and %v", typ, err)
		}
		if err != nil && fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Fatalf("error of code %q: %v", fleet.CodeOf(err), err)
		}
		if typ != nil && (typ.Name == "" || typ.Version == "") {
			t.Fatalf("accepted without name or version: %+v", typ)
		}
	})
}
