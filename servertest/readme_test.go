package servertest_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// blocks are the parts of a Markdown file that are marked to be run.
var blocks = regexp.MustCompile("(?ms)^```sh run\n(.*?)^```$")

// TestReadmeDoesWhatItSays runs the README's five minutes as they are printed, with the tools it names; only the ports
// differ, and the programs are built before.
func TestReadmeDoesWhatItSays(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	build(t, filepath.Join(dir, "bin"))
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS("../examples")); err != nil {
		t.Fatal(err)
	}
	out, err := bash(t, dir, script(t, string(readme)))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"hall-thermostat", "device.pem: revoked", "CRD-11"} {
		if !strings.Contains(out, want) {
			t.Errorf("the README's commands do not show %q:\n%s", want, out)
		}
	}
}

// script joins the blocks, on ports that are free.
func script(t *testing.T, readme string) string {
	t.Helper()
	found := blocks.FindAllStringSubmatch(readme, -1)
	if len(found) < 7 {
		t.Fatalf("the README has %d blocks to run, want its seven steps", len(found))
	}
	var b strings.Builder
	b.WriteString("set -eu -o pipefail\n")
	for _, m := range found {
		b.WriteString(m[1])
	}
	https, mqtts, ocsp, ops := freePort(t), freePort(t), freePort(t), freePort(t)
	flags := " --https 127.0.0.1:" + https + " --mqtts 127.0.0.1:" + mqtts + " --ocsp 127.0.0.1:" + ocsp + " --ops 127.0.0.1:" + ops + " --coaps 127.0.0.1:0"
	text := b.String()
	for _, r := range [][2]string{{"make build\n", ""}, {" serve --data data", " serve --data data" + flags}, {":8443", ":" + https}, {"-p 8883", "-p " + mqtts}, {":8080", ":" + ocsp}, {":9090", ":" + ops}} {
		if !strings.Contains(text, r[0]) {
			t.Fatalf("the README no longer says %q: mend this test", r[0])
		}
		text = strings.ReplaceAll(text, r[0], r[1])
	}
	return text
}

// bash runs a script in a process group of its own, which is killed as a whole when the script has ended.
func bash(t *testing.T, dir, text string) (string, error) {
	t.Helper()
	path := filepath.Join(dir, "readme.sh")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(dir, "readme.out"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-x", path)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out // a file, not a pipe: what runs in the background would keep a pipe open
	cmd.Env = append(os.Environ(), "THINGWARD_HOME="+filepath.Join(dir, "home"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the server in the background; nobody is left when it has ended
	_ = out.Close()
	text1, readErr := os.ReadFile(out.Name())
	if readErr != nil {
		t.Fatal(readErr)
	}
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "server.log"))
		text1 = append(append(text1, "\nserver.log:\n"...), log...)
	}
	return string(text1), err
}

// build builds both programs as make build does.
func build(t *testing.T, dir string) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-o", dir+"/", "../cmd/thingward", "../cmd/thingward-agent")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Run(); err != nil {
		t.Fatalf("build: %v\n%s", err, out.String())
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
