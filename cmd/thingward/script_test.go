package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/thingward/thingward/servertest"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"thingward": main}) }

// TestScripts runs the command line as its users do; those of a server against a real one.
func TestScripts(t *testing.T) {
	s := servertest.Start(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("THINGWARD_HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("SERVER", "https://"+s.Addr.HTTPS)
			e.Setenv("ADMIN", servertest.Admin)
			e.Setenv("DATA", s.Dir)
			e.Setenv("YESTERDAY", time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly))
			e.Setenv("TOMORROW", time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly))
			if err := os.WriteFile(filepath.Join(e.WorkDir, "password.txt"), []byte(servertest.Password+"\n"), 0o600); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(e.WorkDir, "root.pem"), s.Root, 0o600); err != nil {
				return err
			}
			return os.CopyFS(filepath.Join(e.WorkDir, "examples"), os.DirFS("../../examples"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "field": field},
	})
}

// field keeps a field of the JSON that the last command printed: field NAME key
func field(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: field NAME KEY")
	}
	var v object
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &v))
	ts.Setenv(args[0], cell(v, args[1]))
}

// exits runs a command that must end with the given code: exits 2 thingward devise
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
