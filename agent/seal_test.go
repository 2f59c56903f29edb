package agent

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// machine has facts; those that only another user may read are "forbidden".
type machine map[string]string

func (m machine) read(name string) (string, error) {
	switch v, ok := m[name]; {
	case !ok:
		return "", os.ErrNotExist
	case v == "forbidden":
		return "", os.ErrPermission
	default:
		return v, nil
	}
}

func TestSealIsBoundToTheFactsItLists(t *testing.T) {
	uuid := hardwareFacts[0]
	read := machine{uuid: "4c4c4544", machineID: "0123456789abcdef"}.read
	dir := t.TempDir()
	seal, err := openSeal(dir, read)
	if err != nil {
		t.Fatal(err)
	}
	if err := testIdentity(t, time.Now()).save(dir, seal); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(dir, "seal.facts"))
	if err != nil || string(list) != `["`+uuid+`"]` {
		t.Errorf("%s, %v: want the hardware's fact, without its value, and no fallback", list, err)
	}
	if with := sealedWith(dir); with != "hardware" {
		t.Errorf("sealed with %q", with)
	}
	again, err := openSeal(dir, read)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := loadIdentity(dir, again); err != nil || id == nil {
		t.Errorf("reopened: %v", err)
	}
	other, err := openSeal(dir, machine{uuid: "another machine"}.read)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := loadIdentity(dir, other); err == nil {
		t.Error("opened on another machine")
	}
	if _, err := openSeal(dir, machine{machineID: "x"}.read); err == nil || !strings.Contains(err.Error(), "copied from another machine") {
		t.Errorf("on a machine without the fact: %v", err)
	}
}

func TestSealWithoutHardwareSaysSo(t *testing.T) {
	for name, facts := range map[string]machine{"machine id": {machineID: "x"}, "nothing": {}} {
		dir := t.TempDir()
		if with := sealedWith(dir); with != "" {
			t.Errorf("%s: sealed with %q before there is a seal", name, with)
		}
		if _, err := openSeal(dir, facts.read); err != nil {
			t.Fatal(err)
		}
		if with := sealedWith(dir); with != "disk" {
			t.Errorf("%s: sealed with %q", name, with)
		}
	}
}

func TestSealSaysWhichFactsItMayNotRead(t *testing.T) {
	dir, read := t.TempDir(), machine{hardwareFacts[1]: "serial"}.read
	if _, err := openSeal(dir, read); err != nil {
		t.Fatal(err)
	}
	_, err := openSeal(dir, machine{hardwareFacts[1]: "forbidden", machineID: "x"}.read)
	if err == nil || !strings.Contains(err.Error(), "only root can read ("+hardwareFacts[1]+"): run the agent as the user that enrolled it, or enrol again") {
		t.Errorf("%v", err)
	}
}

func TestSealFallsBackToTheMachineID(t *testing.T) {
	dir, read := t.TempDir(), machine{machineID: "0123456789abcdef"}.read
	first, err := openSeal(dir, read)
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(dir, "seal.facts"))
	if err != nil || string(list) != `["/etc/machine-id"]` {
		t.Errorf("%s, %v", list, err)
	}
	bare, err := openSeal(t.TempDir(), machine{}.read)
	if err != nil || string(bare.Bytes()) == string(first.Bytes()) {
		t.Errorf("a machine without facts: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "seal.facts"), []byte(`["/dev/zero"]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openSeal(dir, read); err == nil || !strings.Contains(err.Error(), "altered") {
		t.Errorf("a list that names another file: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "seal.facts"), []byte(`[`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openSeal(dir, read); err == nil {
		t.Error("a damaged list")
	}
}

func TestSealOfAnOlderAgentOpens(t *testing.T) {
	dir, read := t.TempDir(), machine{hardwareFacts[2]: "pi-4711", machineID: "x"}.read
	first, err := openSeal(dir, read)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "seal.facts")); err != nil {
		t.Fatal(err)
	}
	if old, err := openSeal(dir, read); err != nil || string(old.Bytes()) != string(first.Bytes()) {
		t.Errorf("another key, %v", err)
	}
}

func TestClaimFileIsReadOnlyToEnrol(t *testing.T) {
	path := filepath.Join(t.TempDir(), "claim")
	a := &Agent{c: Config{Device: "d1", ClaimFile: path}}
	if _, err := a.enrol(t.Context()); !errors.Is(err, ErrNotEnrolled) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for content, want := range map[string]string{"secret\r\nrest": "secret", "\n": ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := a.claim(); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", content, got, err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	a.identity = testIdentity(t, time.Now())
	if err := a.Enrol(t.Context()); err != nil {
		t.Errorf("with a certificate and without the file: %v", err)
	}
}
