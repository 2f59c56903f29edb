package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

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
			if err := os.WriteFile(filepath.Join(e.WorkDir, "password.txt"), []byte(servertest.Password+"\n"), 0o600); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(e.WorkDir, "root.pem"), s.Root, 0o600); err != nil {
				return err
			}
			return os.CopyFS(filepath.Join(e.WorkDir, "examples"), os.DirFS("../../examples"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
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
