package dat

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDataCatalogue(t *testing.T) {
	posturetest.Check(t, DataCatalogue(),
		posturetest.Case{Name: "classified", Facts: posturetest.DeviceType(), Want: fleet.Pass, Reason: "1 fields"},
		posturetest.Case{Name: "field without class", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) { f.Properties["battery"] = fleet.Property{Type: "number"} }), Want: fleet.Fail, Reason: "battery"},
		posturetest.Case{Name: "invented class", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) { f.Streams["state"] = fleet.Stream{Class: "secretish", Traffic: "bulk"} }), Want: fleet.Fail, Reason: "stream state"},
		posturetest.Case{Name: "no data", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) { f.Properties, f.Streams = nil, nil }), Want: fleet.NotApplicable},
	)
}
