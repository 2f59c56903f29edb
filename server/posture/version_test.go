package posture

import "testing"

func TestSatisfies(t *testing.T) {
	for _, c := range []struct {
		version, constraint string
		want                bool
	}{
		{"2.4.1", ">=2.4.1", true},
		{"2.4.0", ">=2.4.1", false},
		{"2.10.0", ">=2.9", true},
		{"2.4", "2.4.0", true},
		{"v2.4.1+build5", "=2.4.1", true},
		{"2.4.1-rc1", ">=2.4.1", false},
		{"2.4.1", ">2.4.1-rc1", true},
		{"2.4.1-rc2", ">2.4.1-rc1", true},
		{"3.0", ">=2.4, <3", false},
		{"2.9", ">=2.4, <3", true},
		{"2.9", "<=2.9", true},
		{"3.4.0", ">=3.2.0 <4.0.0", true},
		{"4.0.0", ">= 3.2.0  < 4.0.0", false},
	} {
		got, err := Satisfies(c.version, c.constraint)
		if err != nil || got != c.want {
			t.Errorf("%s %s: %v, %v", c.version, c.constraint, got, err)
		}
	}
	for _, c := range [][2]string{{"", ">=1"}, {"abc", ">=1"}, {"1.x", ">=1"}, {"1", "~>1"}, {"1", "><1"}, {"1", ""}, {"-1", "1"}} {
		if ok, err := Satisfies(c[0], c[1]); err == nil {
			t.Errorf("%q %q: %v without error", c[0], c[1], ok)
		}
	}
}

func FuzzSatisfies(f *testing.F) {
	f.Add("2.4.1", ">=2.4.1, <3")
	f.Add("v1-rc", "=1+x")
	f.Fuzz(func(t *testing.T, version, constraint string) {
		ok, err := Satisfies(version, constraint)
		if ok && err != nil {
			t.Errorf("%q %q: true with %v", version, constraint, err)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add(pack(pack(nil, 3, observation{status: codeFail, open: true, since: 5, until: 9}), 400, observation{status: codePass}))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := unpack(b)
		if err != nil {
			return
		}
		var again []byte
		for _, p := range list {
			again = pack(again, p.num, p.observation)
		}
		if second, err := unpack(again); err != nil || len(second) != len(list) {
			t.Errorf("%x: packed again %x: %v", b, again, err)
		}
	})
}
