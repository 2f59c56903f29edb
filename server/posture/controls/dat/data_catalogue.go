package dat

import (
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// DataCatalogue checks DAT-01: data without a class cannot be protected by it. The manifest declares each property with
// its class; a stream takes the strictest of its properties.
func DataCatalogue() posture.Check {
	return posture.Check{
		ID: "DAT-01/data-catalogue", Control: "DAT-01", Obligation: "data-catalogue",
		Title: "Every stream and field of the type has a class and a traffic kind",
		Reads: "type properties and streams", Subject: posture.Type,
		Eval: posture.On(func(f *posture.TypeFacts, _ time.Time) posture.Verdict {
			var bare []string
			for name, p := range f.Type.Properties {
				if !slices.Contains(classes, p.Class) || p.Type == "" {
					bare = append(bare, name)
				}
			}
			for name, s := range f.Type.Streams {
				if !slices.Contains(classes, s.Class) || s.Traffic == "" {
					bare = append(bare, "stream "+name)
				}
			}
			slices.Sort(bare)
			switch {
			case len(bare) > 0:
				return posture.Fail("without type, class or traffic: %s", strings.Join(bare, ", "))
			case len(f.Type.Properties)+len(f.Type.Streams) == 0:
				return posture.NotApplicable("it declares no data")
			default:
				return posture.Pass("%d fields and %d streams are classified", len(f.Type.Properties), len(f.Type.Streams))
			}
		}),
	}
}

var classes = []string{"public", "internal", "confidential", "restricted"}
