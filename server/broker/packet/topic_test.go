package packet

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		filter, topic string
		want          bool
	}{
		{"a/b", "a/b", true},
		{"a/b", "a/c", false},
		{"a/b", "a", false},
		{"a", "a/b", false},
		{"a/b", "a/b/", false},
		{"a/b/", "a/b", false},
		{"a/b", "A/b", false},
		{"#", "a", true},
		{"#", "a/b/c", true},
		{"#", "/", true},
		{"a/#", "a", true},
		{"a/#", "a/", true},
		{"a/#", "a/b/c", true},
		{"a/#", "ab", false},
		{"a/#", "b", false},
		{"/#", "/a", true},
		{"/#", "a", false},
		{"+", "a", true},
		{"+", "a/b", false},
		{"+", "/a", false},
		{"+/+", "/a", true},
		{"/+", "/a", true},
		{"+/b/+", "a/b/c", true},
		{"+/b/+", "a/b", false},
		{"a/+", "a", false},
		{"a/+", "a/", true},
		{"a/+/c", "a//c", true},
		{"a/+/#", "a", false},
		{"a/+/#", "a/b", true},
		{"+/#", "a", true},
		{"+/+/#", "a", false},
		{"#", "$SYS/x", false},
		{"+/x", "$SYS/x", false},
		{"+/#", "$SYS", false},
		{"$SYS/#", "$SYS/x", true},
		{"$SYS/#", "$SYS", true},
		{"$SYS/+", "$SYS/x", true},
		{"a/+", "a/$x", true},
		{"a/#", "a/$x/y", true},
		{"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
	} {
		if got := Match(c.filter, c.topic); got != c.want {
			t.Errorf("Match(%q, %q) is %v", c.filter, c.topic, got)
		}
	}
}

func TestValidTopic(t *testing.T) {
	for s, want := range map[string]bool{
		"a": true, "/": true, "a//b": true, "$SYS/x": true, "mö/日本/𝄞": true, "with blank": true, "\ufeffa": true, "�": true,
		"": false, "a/+": false, "#": false, "a#": false, "\x00": false, "a\x00b": false, "\xff": false, "\xed\xa0\x80": false,
		"\xc0\xaf": false, "a\xc3": false, "\xf4\x90\x80\x80": false,
		strings.Repeat("a", 65535): true, strings.Repeat("a", 65536): false,
	} {
		if ValidTopic(s) != want || ValidTopic([]byte(s)) != want {
			t.Errorf("ValidTopic(%.20q) is %v", s, !want)
		}
	}
}

func TestValidFilter(t *testing.T) {
	for s, want := range map[string]bool{
		"a": true, "#": true, "+": true, "/": true, "+/+": true, "a/#": true, "a/+/b": true, "/+": true, "+/": true, "$SYS/#": true,
		"$share/g/a": true, "$share/g/#": true, "$share/g/+/b": true, "$share/g//": true, "$share": true, "$shared/a": true,
		"": false, "a#": false, "#a": false, "#/a": false, "a/#/b": false, "a/b#": false, "##": false, "a+": false, "+a": false, "a/+b/c": false,
		"++": false, "$share/": false, "$share/g": false, "$share/g/": false, "$share//a": false, "$share/+/a": false, "$share/g#/a": false,
		"$share/g/a#": false, "a\x00": false, "a/\xff": false, strings.Repeat("a", 65536): false,
	} {
		if ValidFilter(s) != want || ValidFilter([]byte(s)) != want {
			t.Errorf("ValidFilter(%.20q) is %v", s, !want)
		}
	}
}

func TestParseShare(t *testing.T) {
	for _, c := range []struct {
		filter, name, rest string
		shared             bool
	}{
		{"$share/g/a/+/#", "g", "a/+/#", true},
		{"$share/group one//", "group one", "/", true},
		{"a/b", "", "a/b", false},
		{"$share", "", "$share", false},
		{"$share/g", "", "$share/g", false},
		{"$share//a", "", "$share//a", false},
	} {
		name, rest, shared := ParseShare(c.filter)
		if name != c.name || rest != c.rest || shared != c.shared {
			t.Errorf("ParseShare(%q) is %q, %q, %v", c.filter, name, rest, shared)
		}
	}
}

// FuzzMatch compares Match with a plain recursive reading of section 4.7, and checks that a valid topic always matches itself.
func FuzzMatch(f *testing.F) {
	for _, s := range []string{"a/b", "#", "+/b", "a/#", "$SYS/+", "/", "a//+"} {
		f.Add(s, "a/b")
		f.Add(s, "$SYS/x")
	}
	f.Fuzz(func(t *testing.T, filter, topic string) {
		if !ValidFilter(filter) || !ValidTopic(topic) {
			return
		}
		if !Match(topic, topic) {
			t.Errorf("%q does not match itself", topic)
		}
		if got, want := Match(filter, topic), matchSlowly(filter, topic); got != want {
			t.Errorf("Match(%q, %q) is %v", filter, topic, got)
		}
	})
}

func matchSlowly(filter, topic string) bool {
	if topic[0] == '$' && strings.ContainsAny(filter[:1], "+#") {
		return false
	}
	return matchLevels(strings.Split(filter, "/"), strings.Split(topic, "/"))
}

func matchLevels(filter, topic []string) bool {
	switch {
	case len(filter) > 0 && filter[0] == "#":
		return true
	case len(filter) == 0 || len(topic) == 0:
		return len(filter) == len(topic)
	default:
		return (filter[0] == "+" || filter[0] == topic[0]) && matchLevels(filter[1:], topic[1:])
	}
}
