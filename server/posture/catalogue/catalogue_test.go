package catalogue

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// modeTable gives the modes of every control in the order of the identifiers,
// one line for each domain: E enforced, M measured, R recorded.
const modeTable = `
RSM MR MR
TSP MR EM EM EMR EM ER EM MR
GVN MR MR MR EM ER
PRV ER ER MR ER MR
SCN EM E EM E EM EM E EM E E E
SDV R EM EM EM ER EM EM MR MR MR EMR MR E R MR EMR EM EM
SNT M MR EM MR EM EM EMR R E EM MR EM MR EM M EM EM M
OPA MR M EM E MR EM EM EM EM EM MR M
ACT EM EM EM E E
CMP MR EM MR MR R
LBT ER
BCN ER
TMM MR MR MR EM E
VLN EM
IMT EM ER
PHY ER
MSU EMR EM EM E E EM
SOP ER MR E
CLS E EM EM ER MR M E E E E E E EM EMR E
COM E E E E EM E MR E E M
DAT EM EM EM EM
RMT MR EMR
CRD EM EM E E EM EM E ER E EM ER
EOL ER
UPD ER EM ER EM EM EM
TRN ER MR
`

// want reads modeTable into identifiers, in order, and modes.
func want(t *testing.T) (ids []string, modes map[string][]Mode) {
	t.Helper()
	letter := map[rune]Mode{'E': Enforced, 'M': Measured, 'R': Recorded}
	modes = map[string][]Mode{}
	for line := range strings.Lines(strings.TrimSpace(modeTable)) {
		fields := strings.Fields(line)
		for i, letters := range fields[1:] {
			id := fmt.Sprintf("%s-%02d", fields[0], i+1)
			ids = append(ids, id)
			for _, l := range letters {
				modes[id] = append(modes[id], letter[l])
			}
		}
	}
	return ids, modes
}

func mustLoad(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLoadHasEveryControlInOrder(t *testing.T) {
	c := mustLoad(t)
	ids, _ := want(t)
	var got []string
	for _, control := range c.Controls() {
		got = append(got, control.ID)
	}
	if !slices.Equal(got, ids) {
		t.Errorf("controls are %v, want %v", got, ids)
	}
	if len(got) != 160 || len(c.Domains) != 26 {
		t.Errorf("%d controls in %d domains, want 160 in 26", len(got), len(c.Domains))
	}
}

func TestModesAreThoseOfTheTable(t *testing.T) {
	_, modes := want(t)
	for _, control := range mustLoad(t).Controls() {
		if !slices.Equal(control.Modes, modes[control.ID]) {
			t.Errorf("%s has modes %v, want %v", control.ID, control.Modes, modes[control.ID])
		}
	}
}

func TestControlByIdentifierAndKey(t *testing.T) {
	c := mustLoad(t)
	for _, name := range []string{"COM-01", "csa-iot-v1/COM-01"} {
		control, ok := c.Control(name)
		if !ok || control.ID != "COM-01" || control.Domain != "COM" || control.Key() != "csa-iot-v1/COM-01" {
			t.Errorf("Control(%q) is %s in %s, %v", name, control.Key(), control.Domain, ok)
		}
	}
	for _, name := range []string{"", "COM-99", "com-01", "other/COM-01"} {
		if control, ok := c.Control(name); ok {
			t.Errorf("Control(%q) is %s, want none", name, control.ID)
		}
	}
	control, _ := c.Control("MSU-04")
	if o, ok := control.Obligation("fifth-alerts"); !ok || o.Mode != Enforced {
		t.Errorf("MSU-04 fifth-alerts is %+v, %v", o, ok)
	}
	if _, ok := control.Obligation("absent"); ok {
		t.Error("MSU-04 has an obligation named absent")
	}
	if _, ok := c.Domain("XXX"); ok {
		t.Error("there is a domain XXX")
	}
	if d, ok := c.Domain("MSU"); !ok || d.Name != "Misuse" || d.Order != 17 {
		t.Errorf("domain MSU is %s with order %d, %v", d.Name, d.Order, ok)
	}
}

// Everything exported is served by the API, so every name in the JSON is in
// lower camel case.
func TestJSONNames(t *testing.T) {
	data, err := json.Marshal(mustLoad(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"([^"\\]+)":`).FindAllSubmatch(data, -1) {
		if !regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`).Match(m[1]) {
			t.Errorf("JSON name %q is not in lower camel case", m[1])
		}
	}
	for _, name := range []string{`"failsWhen":`, `"clearsWhen":`, `"missing":`, `"domain":"RSM"`} {
		if !strings.Contains(string(data), name) {
			t.Errorf("JSON has no %s", name)
		}
	}
}
