package kinds

import (
	"slices"
	"strings"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/records"
)

// unless makes an Only: an object owes the record unless its fact is known to be false. What is not known owes.
func unless(fact, why string) func(records.Object) (bool, string) {
	return func(o records.Object) (bool, string) {
		if v, known := o.Facts[fact].(bool); known && !v {
			return false, why
		}
		return true, ""
	}
}

// withRadio makes an Only: an object owes the record unless its radios are known and hold none of kinds (ble, zigbee …). The
// fact "radio" has the kinds as keys, alone or with a setting: ble, ble.pairing.
func withRadio(why string, kinds ...string) func(records.Object) (bool, string) {
	return func(o records.Object) (bool, string) {
		radios, known := keysOf(o.Facts["radio"])
		if !known {
			return true, ""
		}
		for _, r := range radios {
			kind, _, _ := strings.Cut(r, ".")
			if slices.Contains(kinds, kind) {
				return true, ""
			}
		}
		return false, why
	}
}

// keysOf reads the keys of a fact that is a map, a list of words, or words parted by blanks.
func keysOf(fact any) (keys []string, known bool) {
	switch v := fact.(type) {
	case map[string]any:
		for k := range v {
			keys = append(keys, k)
		}
	case map[string]string:
		for k := range v {
			keys = append(keys, k)
		}
	case []string:
		keys = v
	case string:
		keys = strings.Fields(v)
	case []any:
		for _, w := range v {
			if s, ok := w.(string); ok {
				keys = append(keys, s)
			}
		}
	default:
		return nil, false
	}
	return keys, true
}

// segmentOf makes an Only for segments: one owes the record unless its entry in the register states another technology.
func segmentOf(technology, why string) func(records.Object) (bool, string) {
	return func(o records.Object) (bool, string) {
		if is, known := o.Facts["technology"].(string); known && is != "" && !strings.EqualFold(is, technology) {
			return false, why
		}
		return true, ""
	}
}

// administrative are the roles that change the platform or its keys.
var administrative = []string{string(access.SystemAdministrator), string(access.SystemOperator), string(access.KeyManager)}

// persons is the Only of what every active person owes.
func persons(o records.Object) (bool, string) {
	if o.Facts["kind"] == "service" {
		return false, "a service is no person"
	}
	if o.Retired || o.Facts["state"] == "disabled" {
		return false, "the account is disabled"
	}
	return true, ""
}

// administrators is the Only of what every active administrator owes. An account whose roles are not known may be one.
func administrators(o records.Object) (bool, string) {
	if owes, why := persons(o); !owes {
		return owes, why
	}
	roles, known := keysOf(o.Facts["roles"])
	if known && !slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(administrative, r) }) {
		return false, "the account has no administrative role"
	}
	return true, ""
}

// sanitised is the Only of media: a device owes a record once it is retired, unless it is known to have held nothing sensitive.
func sanitised(o records.Object) (bool, string) {
	if !o.Retired && o.Facts["state"] != "retired" {
		return false, "the device is not retired"
	}
	return unless("sensitive", "it held no sensitive data")(o)
}
