package server

import (
	"crypto/fips140"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestConfigFileThenEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "thingward.yaml")
	if err := os.WriteFile(path, []byte("data: /srv/tw\nhttps: 127.0.0.1:1\nmessages_kept: 48h\nhosts: [a.example, b.example]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := LoadConfig(path, []string{"THINGWARD_HTTPS=127.0.0.1:2", "THINGWARD_HOME=/else", "PATH=/bin"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != "/srv/tw" || c.HTTPS != "127.0.0.1:2" || c.MessagesKept != 48*time.Hour || len(c.Hosts) != 2 || c.MQTTS != ":8883" || c.MaxMessage != 262144 {
		t.Errorf("%+v", c)
	}
	if err := c.Check(); err != nil {
		t.Error(err)
	}
}

func TestConfigRefusesWhatItDoesNotKnow(t *testing.T) {
	for text, want := range map[string]string{"htps: x\n": "htps", "max_message: lots\n": "max_message", "data: [\n": "line"} {
		path := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadConfig(path, nil); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v (want the file and %q named)", text, err, want)
		}
	}
	if _, err := LoadConfig("", []string{"THINGWARD_MAX_MESSAGE=lots"}); err == nil || !strings.Contains(err.Error(), "THINGWARD_MAX_MESSAGE") {
		t.Errorf("environment: %v", err)
	}
}

func TestConfigCheckSaysWhatToChange(t *testing.T) {
	for want, spoil := range map[string]func(*Config){
		"--data":        func(c *Config) { c.Data = "" },
		"min_tls":       func(c *Config) { c.MinTLS = "1.1" },
		"max_message":   func(c *Config) { c.MaxMessage = 1 },
		"keep_alive":    func(c *Config) { c.KeepAlive = time.Second },
		"device_rate":   func(c *Config) { c.DeviceRate = 0 },
		"messages_kept": func(c *Config) { c.MessagesKept = time.Hour },
		"log_level":     func(c *Config) { c.LogLevel = "loud" },
	} {
		c := Default()
		c.Data = "x"
		spoil(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// The setting is taken exactly where the module really runs in FIPS mode.
func TestRequireFIPS(t *testing.T) {
	c := Default()
	c.Data, c.RequireFIPS = "x", true
	if err := c.Check(); (err == nil) != fips140.Enabled() || (err != nil && !strings.Contains(err.Error(), "GODEBUG")) {
		t.Errorf("the module is in FIPS mode: %v, and the setting: %v", fips140.Enabled(), err)
	}
}

func FuzzDecodeConfig(f *testing.F) {
	f.Add("data: x\n")
	f.Add("hosts: [a, *b]\n")
	f.Fuzz(func(t *testing.T, s string) {
		c := Default()
		_ = decodeConfig(strings.NewReader(s), &c)
		_ = c.Check()
	})
}
