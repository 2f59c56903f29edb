package broker

import (
	"strings"
	"testing"

	"github.com/thingward/thingward/fleet"
)

var climate = &fleet.DeviceType{
	Properties: map[string]fleet.Property{"t": {Type: "number"}, "n": {Type: "integer"}, "on": {Type: "boolean"}, "s": {Type: "string"}},
	Streams:    map[string]fleet.Stream{"all": {Properties: []string{"t", "n", "on", "s"}}, "one": {Properties: []string{"t"}}, "picture": {Properties: []string{"s"}, Traffic: "bulk"}, "free": {}},
}

func TestShape(t *testing.T) {
	if shapeOf(climate, climate.Streams["picture"]) != nil || shapeOf(climate, climate.Streams["free"]) != nil {
		t.Error("bulk, and streams of which nothing is said, have no shape")
	}
	all, one := shapeOf(climate, climate.Streams["all"]), shapeOf(climate, climate.Streams["one"])
	for _, c := range []struct {
		s       *shape
		payload string
		place   string
	}{
		{all, `{"t":21.5}`, ""},
		{all, ` { "t" : -2e3 , "n" : 4 , "on" : true , "s" : "a,\"}b" } `, ""},
		{all, `{"n":1.0}`, ""},
		{all, `{"n":12345678901234567890}`, ""},
		{all, `{"\u0074":1,"time":"2026-11-22T10:00:00Z"}`, ""},
		{one, `21.5`, ""},
		{one, ` 7 `, ""},
		{one, `{"t":1}`, ""},
		{all, `{"t":"21"}`, "/t"},
		{all, `{"n":1.5}`, "/n"},
		{all, `{"on":1}`, "/on"},
		{all, `{"s":{"a":[1,"}"]}}`, "/s"},
		{all, `{"t":null}`, "/t"},
		{all, `{"t":1e999}`, "/t"},
		{all, `{"x":1}`, "/x"},
		{all, `{"t":1,"x":[{}]}`, "/x"},
		{all, `{"t":1,"time":5}`, "/time"},
		{all, `{"time":"2026-11-22T10:00:00Z"}`, "/"},
		{all, `{}`, "/"},
		{all, `{"s":"a\u0000"}`, "/s"},
		{all, `{"s":"` + strings.Repeat("x", 1025) + `"}`, "/s"},
		{all, `{"s":"` + strings.Repeat("x", 1024) + `"}`, ""},
		{all, `7`, "/"},
		{one, `"7"`, "/"},
		{one, ``, "/"},
		{one, `{`, "/"},
		{one, `1 2`, "/"},
		{one, "\xff", "/"},
		{all, `{"t":1}` + strings.Repeat(" ", 70_000), ""},
		{all, `{"s":"` + strings.Repeat("x", 70_000) + `"}`, "/"},
	} {
		if place, how := c.s.unfit([]byte(c.payload)); place != c.place || (how == "") != (place == "") {
			t.Errorf("%.60s: at %q %s, want %q", c.payload, place, how, c.place)
		}
	}
}

func FuzzShape(f *testing.F) {
	for _, s := range []string{`{"t":21.5,"n":4,"on":true,"s":"x"}`, `{"\u0074":1}`, `[[{}]]`, `{"s":"\\\""}`, `{"x":{"}":1}}`, `-`, `{"t"`, `{"time":"2026-11-22T10:00:00Z","t":1}`} {
		f.Add([]byte(s))
	}
	all, one := shapeOf(climate, climate.Streams["all"]), shapeOf(climate, climate.Streams["one"])
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, s := range []*shape{all, one} {
			if place, how := s.unfit(b); (place == "") != (how == "") {
				t.Errorf("%q: at %q %q", b, place, how)
			}
		}
	})
}

func BenchmarkShape(b *testing.B) {
	all := shapeOf(climate, climate.Streams["all"])
	payload := []byte(`{"t":21.5,"n":44,"on":true}`)
	b.ReportAllocs()
	for b.Loop() {
		if place, _ := all.unfit(payload); place != "" {
			b.Fatal(place)
		}
	}
}
