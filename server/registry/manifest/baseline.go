package manifest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
)

var (
	// keyAlgorithms are those that the crypto policy certifies, by its names: a type with none of them could never enrol.
	keyAlgorithms = []string{"P-256", "P-384", "Ed25519"}
	keyStorages   = []string{"secure-element", "tpm", "sealed-file"}
	radios        = []string{"ble", "zigbee", "zwave", "wifi", "thread", "lorawan", "cellular", "nfc"}
	radioWords    = map[string][]string{
		"ble.pairing":    {"just-works", "passkey", "numeric-comparison", "oob"},
		"zwave.security": {"s0", "s2"},
		"wifi.security":  {"wpa2-personal", "wpa2-enterprise", "wpa3-personal", "wpa3-enterprise"},
	}
	proofs = []string{"evidence", "measured", "attested", "none"}
)

// maxKeyLifetime bounds operational certificates; the CA issues none that live longer.
const maxKeyLifetime = 3 * 365 * 24 * time.Hour

// baseline reads tw:baseline.
func (a at) baseline() fleet.Baseline {
	var b fleet.Baseline
	if !a.is(mapping) {
		return b
	}
	a.only("firmware", "heartbeat", "update", "key", "network", "radio", "capabilities", "message")
	if v, ok := a.get("firmware"); ok {
		b.Firmware = v.text()
		if v.node.kind == text && !versionRule.MatchString(b.Firmware) {
			v.fault("want a rule for versions such as >=2.4.1, or >=2.4.1 <3.0.0")
		}
	}
	if v, ok := a.get("heartbeat"); ok {
		b.Heartbeat = v.duration(time.Second, 7*24*time.Hour)
	}
	if v, ok := a.get("update"); ok && v.is(mapping) {
		v.only("maxAge")
		if v, ok := v.get("maxAge"); ok {
			b.UpdateMaxAge = v.duration(time.Hour, 10*365*24*time.Hour)
		}
	}
	if v, ok := a.get("key"); ok && v.is(mapping) {
		b.Key = v.key()
	}
	if v, ok := a.get("network"); ok && v.is(mapping) {
		b.Network = v.network()
	}
	if v, ok := a.get("radio"); ok {
		b.Radio = v.radio()
	}
	if v, ok := a.get("capabilities"); ok {
		b.Capabilities = v.capabilities()
	}
	if v, ok := a.get("message"); ok && v.is(mapping) {
		v.message(&b)
	}
	return b
}

var versionRule = regexp.MustCompile(`^(>=|>|<=|<|=)? ?\d+(\.\d+){0,3}([-+][0-9A-Za-z.-]+)?([, ]+(>=|>|<=|<|=)? ?\d+(\.\d+){0,3}([-+][0-9A-Za-z.-]+)?){0,4}$`)

var durationText = regexp.MustCompile(`^(\d{1,9})(ms|s|m|h|d|w)$`)

var durationUnits = map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}

// duration reads 60s, 12h or 90d.
func (a at) duration(least, most time.Duration) time.Duration {
	if a.node.kind != text && a.node.kind != number {
		a.is(text)
		return 0
	}
	m := durationText.FindStringSubmatch(a.node.text)
	if m == nil {
		a.fault("want a duration with its unit, such as 60s, 12h or 90d")
		return 0
	}
	n, _ := strconv.Atoi(m[1]) // nine digits
	unit := durationUnits[m[2]]
	if d := time.Duration(n) * unit; time.Duration(n) <= most/unit && d >= least {
		return d
	}
	a.fault("want %s to %s", brief(least), brief(most))
	return 0
}

func brief(d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0:
		return strconv.Itoa(int(d/(24*time.Hour))) + "d"
	case d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	default:
		return strconv.Itoa(int(d/time.Second)) + "s"
	}
}

func (a at) key() (k fleet.KeyBaseline) {
	a.only("algorithms", "storage", "lifetime")
	if v, ok := a.get("algorithms"); ok {
		k.Algorithms = v.words(keyAlgorithms...)
		if v.node.kind == list && len(v.node.items) == 0 {
			v.fault("is empty: name at least one of %s", strings.Join(keyAlgorithms, ", "))
		}
	}
	k.Storage = a.optional("storage", keyStorages)
	if v, ok := a.get("lifetime"); ok {
		k.Lifetime = v.duration(time.Hour, maxKeyLifetime)
	}
	return k
}

var hostText = regexp.MustCompile(`^[A-Za-z0-9*]([A-Za-z0-9.:*-]{0,251}[A-Za-z0-9])?(/\d{1,3})?$`)

func (a at) network() (rules []fleet.NetworkRule) {
	a.only("allow")
	allow, ok := a.need("allow", "a list such as [{to: broker}]")
	if !ok {
		return nil
	}
	allow.items(func(v at) {
		if !v.is(mapping) {
			return
		}
		v.only("to", "port", "proto")
		r := fleet.NetworkRule{Proto: v.optional("proto", []string{"tcp", "udp", "icmp"})}
		if to, ok := v.need("to", "broker, a host name, an address or a network"); ok {
			r.To = to.text()
			if to.node.kind == text && !hostText.MatchString(r.To) {
				to.fault("want broker, a host name, an address or a network such as 10.0.0.0/8")
			}
		}
		if port, ok := v.get("port"); ok {
			r.Port = int(port.number())
			if port.node.kind == number && (r.Port < 1 || r.Port > 65535 || float64(r.Port) != port.node.number) {
				port.fault("want 1 to 65535")
			}
		}
		rules = append(rules, r)
	})
	return rules
}

// radio flattens {ble: {pairing: oob}} to ble.pairing → oob.
func (a at) radio() map[string]string {
	out := map[string]string{}
	a.each(func(group string, v at) {
		if !slices.Contains(radios, group) {
			v.fault("is no radio known here%s", suggest(group, radios))
			return
		}
		v.each(func(key string, w at) {
			if w.node.kind == list || w.node.kind == mapping || w.node.kind == null {
				w.fault("want a single value")
				return
			}
			name := group + "." + key
			if words, known := radioWords[name]; known {
				out[name] = w.word(words...)
				return
			}
			if out[name] = w.node.text; w.node.kind == truth {
				out[name] = strconv.FormatBool(w.node.flag)
			}
		})
	})
	return out
}

func (a at) capabilities() map[string]string {
	out := map[string]string{}
	a.each(func(key string, v at) {
		if !affordanceName.MatchString(key) {
			v.fault("want a name of letters and digits, such as secureBoot")
			return
		}
		out[key] = v.word(proofs...)
	})
	return out
}

var sizeText = regexp.MustCompile(`^(\d{1,9}) ?(B|KiB|MiB)?$`)

// message reads {max: 64KiB, rate: 5}; rate is messages a second.
func (a at) message(b *fleet.Baseline) {
	a.only("max", "rate")
	if v, ok := a.get("max"); ok {
		m := sizeText.FindStringSubmatch(v.node.text)
		if m == nil {
			v.fault("want a size such as 4096 or 64KiB")
		} else {
			n, _ := strconv.Atoi(m[1]) // nine digits
			b.MaxMessage = n * map[string]int{"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20}[m[2]]
			if b.MaxMessage < 128 || b.MaxMessage > 8<<20 {
				v.fault("want 128 B to 8 MiB")
			}
		}
	}
	if v, ok := a.get("rate"); ok {
		b.MessageRate = v.number()
		if v.node.kind == number && (b.MessageRate <= 0 || b.MessageRate > 100_000) {
			v.fault("want messages a second, above 0 and at most 100000")
		}
	}
}
