package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestCellsReadAsText(t *testing.T) {
	var v object
	err := json.Unmarshal([]byte(`{"effects":[{"at":"at once","text":"sessions end"},{"at":"2026-11-03T09:00:00Z","text":"the key stays\u001b[2J refused"}],
		"roles":["auditor","key-manager"],"anchors":[{"name":"Acme","count":2,"empty":[]}],"flag":true,"n":2.50,"deep":{"inner":[1,2]}}`), &v)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"effects": "at once: sessions end; 2026-11-03 09:00:00Z: the key stays·[2J refused",
		"roles":   "auditor,key-manager", "anchors": "count 2, name Acme", "flag": "true", "n": "2.5", "deep.inner": "1,2", "deep": "inner 1,2", "none": "", "flag.none": "",
	} {
		if got := cell(v, path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestListsTakeQueriesOnlyWhereTheServerSearches(t *testing.T) {
	for command, takes := range map[string]bool{"device": true, "cert": true, "account": true, "event": true, "control": true, "type": false, "site": false, "system": false, "session": false, "token": false, "audit": false, "rule": false, "manufacturer": false} {
		var out, errOut bytes.Buffer
		t.Setenv("THINGWARD_HOME", t.TempDir())
		code := run([]string{command, "list", "-q", "x"}, &out, &errOut)
		if want := map[bool]int{true: exitRefused, false: exitUsage}[takes]; code != want {
			t.Errorf("%s list -q: exit code %d, want %d: %s", command, code, want, errOut.String())
		}
		if takes && !strings.Contains(errOut.String(), "not signed in") {
			t.Errorf("%s: %s", command, errOut.String())
		}
	}
}
