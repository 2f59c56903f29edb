package export_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thingward/thingward/server/export"
)

// repacked copies a pack, letting edit change each file on the way; what it returns nil for is left out.
func repacked(t testing.TB, path string, edit func(name string, b []byte) []byte) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if b = edit(f.Name, b); b == nil {
			continue
		}
		to, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "pack.zip")
	if err := os.WriteFile(copied, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return copied
}

func TestVerifyFindsWhatWasAltered(t *testing.T) {
	w := open(t, fleetOf{devices: 20, findings: 20})
	j := w.made(export.Order{Formats: []string{"csv"}}, true)
	path := filepath.Join(w.dir, j.ID, "pack.zip")
	v, err := export.Verify(path, j.Checkpoint.Key)
	if err != nil || len(v.Problems) > 0 || v.OwnKey || v.Proved != j.Figures.Proved || v.Read != v.Proved || v.Proved == 0 {
		t.Fatalf("%+v %v", v, err)
	}
	if v, _ := export.Verify(path, ""); !v.OwnKey || len(v.Problems) > 0 {
		t.Errorf("%+v", v)
	}
	swap := func(file, old, with string) func(string, []byte) []byte {
		return func(name string, b []byte) []byte {
			if name == file {
				return bytes.Replace(b, []byte(old), []byte(with), 1)
			}
			return b
		}
	}
	for says, edit := range map[string]func(string, []byte) []byte{
		"controls.csv was altered":       swap("controls.csv", "failing", "passing"),
		"findings.csv: it is missing":    func(name string, b []byte) []byte { return map[bool][]byte{false: b}[name == "findings.csv"] },
		"not signed by the log's key":    swap("manifest.json", "test-log\\n", "rest-log\\n"),
		"proofs.json was altered":        swap("proofs.json", `"index": 1,`, `"index": 2,`),
		"entry 2 is not proved":          swap("proofs.json", `"index": 1,`, `"index": 2,`),
		"the log says failing of ABC-02": swap("proofs.json", `"status": "fail"`, `"status": "pass"`),
	} {
		v, err := export.Verify(repacked(t, path, edit), j.Checkpoint.Key)
		if err != nil || !strings.Contains(strings.Join(v.Problems, "\n"), says) {
			t.Errorf("want %q: %v %v", says, v.Problems, err)
		}
	}
	if _, err := export.Verify(repacked(t, path, func(string, []byte) []byte { return nil }), ""); err == nil {
		t.Error("an empty zip is a pack")
	}
}

// FuzzVerify hands anything to the verifier: it refuses or finds problems, and never breaks.
func FuzzVerify(f *testing.F) {
	w := open(f, fleetOf{devices: 2})
	j := w.made(export.Order{Formats: []string{"csv"}, Scope: export.Scope{Controls: []string{"ABC-01", "ABC-02"}}}, true)
	b, err := os.ReadFile(filepath.Join(w.dir, j.ID, "pack.zip"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	path := filepath.Join(f.TempDir(), "pack.zip")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = export.Verify(path, j.Checkpoint.Key)
	})
}
