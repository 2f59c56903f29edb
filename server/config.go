package server

import (
	"crypto/fips140"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Config is everything that can be set, in the order a reader would ask. One YAML file, overridden by environment
// variables (THINGWARD_ and the name in capitals: THINGWARD_HTTPS), overridden by flags of thingward serve.
type Config struct {
	// Data is the folder that thingward setup made. Back it up whole: it holds the keys.
	Data string `yaml:"data" default:"" doc:"The folder that thingward setup made."`

	// HTTPS serves API, console, EST, MQTT over WebSocket (/mqtt) and batches of messages (/api/v1/ingest).
	HTTPS string `yaml:"https" default:":8443" doc:"Address of API, console, EST and MQTT over WebSocket."`
	// MQTTS serves MQTT with mutual TLS.
	MQTTS string `yaml:"mqtts" default:":8883" doc:"Address of MQTT over mutual TLS."`
	// COAPS serves CoAP over DTLS 1.2 with client certificates (RFC 7252). "off" closes it, for a fleet that has no such devices.
	COAPS string `yaml:"coaps" default:":5684" doc:"Address of CoAP over mutual DTLS (UDP), or off."`
	// OCSP serves revocation lists and OCSP answers in clear, as RFC 5280 and RFC 6960 expect: the answers are signed.
	OCSP string `yaml:"ocsp" default:":8080" doc:"Address of CRL and OCSP, plain HTTP as the standards expect."`
	// OPS serves metrics and health in clear. Keep it on the loopback address: it needs no sign-in. Another address is a
	// weaker setting that shows in posture and needs AllowRemoteOps.
	OPS string `yaml:"ops" default:"127.0.0.1:9090" doc:"Address of metrics and health checks; loopback unless allow_remote_ops."`
	// AllowRemoteOps accepts an OPS address beyond loopback.
	AllowRemoteOps bool `yaml:"allow_remote_ops" default:"false" doc:"Accept an ops address beyond loopback (weaker)."`

	// Hosts are the names and addresses clients reach this server by; they go into its certificate, beside the machine's
	// name, localhost, 127.0.0.1 and ::1.
	Hosts []string `yaml:"hosts" default:"" doc:"Names and addresses for the server certificate, comma separated."`
	// OCSPURL is the base address that certificates carry for revocation checks.
	OCSPURL string `yaml:"ocsp_url" default:"" doc:"Base address of CRL and OCSP that certificates carry; made from hosts and ocsp when empty."`

	// Database is sqlite:PATH or postgres://…; empty means sqlite in the data folder.
	Database string `yaml:"database" default:"" doc:"Database URL; empty means SQLite in the data folder."`

	// AllowRoot lets the server run as root, which it otherwise refuses (SCN-06).
	AllowRoot bool `yaml:"allow_root" default:"false" doc:"Run as root (weaker)."`

	// MinTLS is the lowest TLS version of every listener: 1.3, or 1.2 for old devices (weaker).
	MinTLS string `yaml:"min_tls" default:"1.3" doc:"Lowest TLS version of every listener, 1.3 or 1.2 (weaker)."`
	// RequireFIPS keeps the server from running on a module that is not in FIPS 140-3 mode (SDV-07).
	RequireFIPS bool `yaml:"require_fips" default:"false" doc:"Refuse to start unless the cryptographic module runs in FIPS 140-3 mode (GODEBUG=fips140=on)."`

	// MaxMessage is the largest MQTT packet in bytes (COM-06). A device type may lower it.
	MaxMessage int `yaml:"max_message" default:"262144" doc:"Largest MQTT packet, bytes."`
	// KeepAlive is the longest silence a client may announce, so that a dead device is noticed.
	KeepAlive time.Duration `yaml:"keep_alive" default:"20m" doc:"Longest keep-alive of an MQTT 5.0 client; one that asks for more, or for none, is told this one."`
	// DeviceRate and DeviceBurst bound what one device publishes (COM-04).
	DeviceRate  float64 `yaml:"device_rate" default:"100" doc:"Messages a second that one device may publish."`
	DeviceBurst int     `yaml:"device_burst" default:"500" doc:"Messages that one device may publish at once."`
	// GlobalRate bounds what all clients publish together (COM-04).
	GlobalRate float64 `yaml:"global_rate" default:"200000" doc:"Messages a second that all clients together may publish."`

	// AddressConnections, AddressConnects and GlobalConnects bound connections by address (a /64 in IPv6) and of all together
	// before TLS begins. The defaults let ten thousand devices behind one gateway come back at once.
	AddressConnections int     `yaml:"address_connections" default:"50000" doc:"MQTT connections that may be open from one address (IPv6: /64)."`
	AddressConnects    float64 `yaml:"address_connects" default:"1000" doc:"MQTT connections a second from one address; ten seconds' worth may come at once."`
	GlobalConnects     float64 `yaml:"global_connects" default:"5000" doc:"MQTT connections a second of all clients together; ten seconds' worth may come at once."`
	// DeviceConnects is how often one device may connect within a minute before it counts as flapping.
	DeviceConnects int `yaml:"device_connects" default:"120" doc:"Connections of one device within a minute; beyond, it is refused, and banned for a while if it goes on."`
	// ProxyProtocolFrom names the load balancers that pass MQTT connections on with a PROXY protocol header of version 2. Their
	// connections must begin with one; from everybody else it is refused.
	ProxyProtocolFrom []string `yaml:"proxy_protocol_from" default:"" doc:"Addresses and prefixes of load balancers that begin MQTT connections (mqtts) with a PROXY protocol header, version 2; comma separated."`
	// BanNever keeps addresses from bans, those that people place and those that the platform places: gateways behind which many
	// devices stand. The loopback addresses are always among them.
	BanNever []string `yaml:"ban_never" default:"" doc:"Addresses and prefixes that no ban may take in, such as the one a whole site comes from; comma separated. Loopback always is."`

	// EventsKept and MessagesKept say how long the event stream and stored messages are kept.
	MessagesKept  time.Duration `yaml:"messages_kept" default:"168h" doc:"How long stored messages wait for clients that are away; 24h at least."`
	TelemetryKept time.Duration `yaml:"telemetry_kept" default:"720h" doc:"How long telemetry is kept."`

	// RequireMFA makes privileged roles count only in sessions that showed a second factor (CLS-11). Turn it on once every
	// administrator has enrolled one; until then posture shows who has not.
	RequireMFA bool `yaml:"require_mfa" default:"false" doc:"Privileged roles count only with a second factor."`

	// Quarantine names detection rules that quarantine their device by themselves: TSP-03/duplicate-identity,
	// COM-01/acl-burst, OPA-04/message-flood, COM-06/oversize-messages.
	Quarantine []string `yaml:"quarantine" default:"" doc:"Detection rules that quarantine their device by themselves, comma separated; thingward rule list names them."`
	// ConsoleURL stands in alerts, so that their reader finds the page.
	ConsoleURL string `yaml:"console_url" default:"" doc:"Address of the console as people reach it; stands in delivered alerts."`
	// AlertTrust is a PEM file with certificates of an organisation's own authority, trusted beside the system's when alerts go
	// to a webhook or a mail server.
	AlertTrust string `yaml:"alert_trust" default:"" doc:"PEM file with authorities trusted, beside the system's, where alerts are delivered."`

	// ClusterNode, ClusterListen and ClusterPeers make this server one of several nodes (docs/scale.md): one is active, the others
	// keep every message too and take over. Without them the server is alone.
	ClusterNode   string   `yaml:"cluster_node" default:"" doc:"Name of this node, where several run; small letters, digits, hyphens."`
	ClusterListen string   `yaml:"cluster_listen" default:"" doc:"Address for the other nodes, HOST:PORT; mutual TLS only."`
	ClusterPeers  []string `yaml:"cluster_peers" default:"" doc:"All nodes as NODE=HOST:PORT, three at least, comma separated."`

	// LogLevel is debug, info, warn or error.
	LogLevel string `yaml:"log_level" default:"info" doc:"debug, info, warn or error."`
}

// Default is the configuration without file, environment or flags.
func Default() Config {
	var c Config
	for f, v := range fields(&c) {
		if err := setField(v, f.Tag.Get("default")); err != nil {
			panic(fmt.Sprintf("default of %s: %v", f.Name, err))
		}
	}
	return c
}

// LoadConfig puts the configuration together from a file (none when path is empty) and the environment. A key that does
// not exist is refused, not ignored.
func LoadConfig(path string, environ []string) (Config, error) {
	c := Default()
	if path != "" {
		f, err := os.Open(path)
		if err != nil {
			return c, fmt.Errorf("configuration: %w", err)
		}
		defer func() { _ = f.Close() }()
		if err := decodeConfig(f, &c); err != nil {
			return c, fmt.Errorf("configuration %s: %w", path, err)
		}
	}
	if err := c.fromEnvironment(environ); err != nil {
		return c, err
	}
	return c, nil
}

func decodeConfig(r io.Reader, c *Config) error {
	d := yaml.NewDecoder(io.LimitReader(r, 1<<20))
	d.KnownFields(true)
	if err := d.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// fromEnvironment takes THINGWARD_* variables that name a setting. Others with the prefix belong to other commands.
func (c *Config) fromEnvironment(environ []string) error {
	for f, v := range fields(c) {
		name := "THINGWARD_" + strings.ToUpper(f.Tag.Get("yaml"))
		for _, e := range environ {
			if val, ok := strings.CutPrefix(e, name+"="); ok {
				if err := setField(v, val); err != nil {
					return fmt.Errorf("configuration: %s: %w", name, err)
				}
			}
		}
	}
	return nil
}

// Set sets one setting by its name in the file, as flags do.
func (c *Config) Set(name, value string) error {
	for f, v := range fields(c) {
		if f.Tag.Get("yaml") == name {
			return setField(v, value)
		}
	}
	return fmt.Errorf("configuration: there is no setting %q", name)
}

// Check refuses settings that cannot work or are weaker than they may be, saying what to change.
func (c Config) Check() error {
	switch {
	case c.Data == "":
		return errors.New("configuration: data is missing: name the folder that thingward setup made (--data DIR)")
	case c.MinTLS != "1.3" && c.MinTLS != "1.2":
		return fmt.Errorf("configuration: min_tls: %q: want 1.3 or 1.2", c.MinTLS)
	case c.RequireFIPS && !fips140.Enabled():
		return errors.New("configuration: require_fips: the cryptographic module is not in FIPS 140-3 mode: start with GODEBUG=fips140=on in the environment")
	case c.MaxMessage < 1024 || c.MaxMessage > 4<<20:
		return fmt.Errorf("configuration: max_message: %d: want 1024 to %d bytes", c.MaxMessage, 4<<20)
	case c.KeepAlive < 5*time.Second || c.KeepAlive > 18*time.Hour:
		return fmt.Errorf("configuration: keep_alive: %v: want 5s to 18h", c.KeepAlive)
	case c.DeviceRate <= 0 || c.DeviceBurst < 1 || c.GlobalRate <= 0:
		return errors.New("configuration: device_rate, device_burst and global_rate must be above 0")
	case c.AddressConnections < 1 || c.AddressConnects <= 0 || c.GlobalConnects <= 0 || c.DeviceConnects < 1:
		return errors.New("configuration: address_connections, address_connects, global_connects and device_connects must be above 0")
	case badPrefix(c.ProxyProtocolFrom) != "":
		return fmt.Errorf("configuration: proxy_protocol_from: %q: want an address or a prefix such as 192.0.2.0/24", badPrefix(c.ProxyProtocolFrom))
	case badPrefix(c.BanNever) != "":
		return fmt.Errorf("configuration: ban_never: %q: want an address or a prefix such as 192.0.2.0/24", badPrefix(c.BanNever))
	case c.MessagesKept < 24*time.Hour:
		return fmt.Errorf("configuration: messages_kept: %v: want 24h at least, so that devices that are away miss nothing (OPA-10)", c.MessagesKept)
	case c.TelemetryKept < time.Hour:
		return fmt.Errorf("configuration: telemetry_kept: %v: want 1h at least", c.TelemetryKept)
	case !slices.Contains([]string{"debug", "info", "warn", "error"}, c.LogLevel):
		return fmt.Errorf("configuration: log_level: %q: want debug, info, warn or error", c.LogLevel)
	}
	_, err := c.cluster()
	return err
}

// fields walks the settings and their values.
func fields(c *Config) func(func(reflect.StructField, reflect.Value) bool) {
	return func(yield func(reflect.StructField, reflect.Value) bool) {
		v := reflect.ValueOf(c).Elem()
		for i := range v.NumField() {
			if !yield(v.Type().Field(i), v.Field(i)) {
				return
			}
		}
	}
}

func setField(v reflect.Value, s string) error {
	switch v.Interface().(type) {
	case string:
		v.SetString(s)
	case []string:
		var list []string
		for p := range strings.SplitSeq(s, ",") {
			if p = strings.TrimSpace(p); p != "" {
				list = append(list, p)
			}
		}
		v.Set(reflect.ValueOf(list))
	case time.Duration:
		d, err := time.ParseDuration(s)
		if err != nil {
			return fmt.Errorf("%q is no duration: write 36h or 30m", s)
		}
		v.SetInt(int64(d))
	case bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return fmt.Errorf("%q: want true or false", s)
		}
		v.SetBool(b)
	case int:
		n, err := strconv.Atoi(s)
		if err != nil {
			return fmt.Errorf("%q is no whole number", s)
		}
		v.SetInt(int64(n))
	case float64:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return fmt.Errorf("%q is no number", s)
		}
		v.SetFloat(n)
	}
	return nil
}
