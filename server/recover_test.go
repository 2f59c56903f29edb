package server

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

func TestRecoverNeedsAStoppedServerAndAKnownAccount(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "data")
	if err := Setup(ctx, SetupOptions{Data: dir, Admin: "ada-admin", Password: "nine-wet-otters-42-climb", Organisation: "Test"}); err != nil {
		t.Fatal(err)
	}
	c := Default()
	c.Data, c.Hosts = dir, []string{"iot.example"}
	d, err := openData(dir) // as a running server holds it
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Recover(ctx, c, Recovery{Account: "ada-admin"}); err == nil || !strings.Contains(err.Error(), "stop that one first") {
		t.Errorf("while the server runs: %v", err)
	}
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Recover(ctx, c, Recovery{Account: "nobody"}); err == nil {
		t.Error("an account that does not exist was recovered")
	}
	link, expires, err := Recover(ctx, c, Recovery{Account: "ada-admin"})
	if err != nil || !strings.HasPrefix(link, "https://iot.example:8443/sign-in/link#") || len(link) < 60 || expires.IsZero() {
		t.Errorf("link of %d characters, %v, %v", len(link), expires, err)
	}
	c.Data = filepath.Join(dir, "none")
	if _, _, err := Recover(ctx, c, Recovery{Account: "ada-admin"}); err == nil {
		t.Error("a folder that does not exist")
	}
	c.Data, c.ConsoleURL = dir, "https://console.example/"
	if link, _, err := Recover(ctx, c, Recovery{Account: "ada-admin"}); err != nil || !strings.HasPrefix(link, "https://console.example/sign-in/link#") {
		t.Errorf("with a console address: %v", err)
	}
}
