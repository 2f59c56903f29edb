package server

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/store/storetest"
)

// What a sweep reads for many at once is what an announcement reads for one: on a fleet of every state, with certificates of
// every state, shared keys, reviews and tokens, each subject's facts are the same either way.
func TestEachAndOneAgree(t *testing.T) {
	for engine, url := range storetest.URLs(t) {
		t.Run(engine, func(t *testing.T) {
			s := opened(t, crowdConfig(t, url))
			t.Cleanup(func() {
				if err := s.close(); err != nil {
					t.Error(err)
				}
			})
			c := crowd{devices: 603, people: 30}
			c.seed(t, s)
			for _, src := range append(s.sources(), s.dutySources()...) {
				n := eachAgrees(t, src)
				want := map[posture.Kind]int{posture.Device: 603, posture.Account: 31, posture.Type: 5}[src.Kind()]
				if want != 0 && n != want {
					t.Errorf("%s: %d subjects, want %d", src.Kind(), n, want)
				}
			}
		})
	}
}

// eachAgrees compares every subject that Each gives with what One says of it.
func eachAgrees(t *testing.T, src posture.Source) (n int) {
	t.Helper()
	ctx := context.Background()
	enough := errors.New("enough")
	err := src.Each(ctx, func(f posture.Facts) error {
		n++
		one, ok, err := src.One(ctx, f.Ref().ID)
		for _, f := range []posture.Facts{f, one} {
			if server, is := f.(*posture.ServerFacts); is {
				server.ClockBehind = 0 // goes on from one reading to the next
			}
		}
		if err == nil && ok && reflect.DeepEqual(one, f) {
			return nil
		}
		t.Errorf("%s %s: %v %v\neach %+v\none  %+v", src.Kind(), f.Ref().ID, ok, err, f, one)
		return enough
	})
	if err != nil && !errors.Is(err, enough) {
		t.Errorf("%s: %v", src.Kind(), err)
	}
	return n
}
