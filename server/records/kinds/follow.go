package kinds

import (
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// Follows says which changes of other subjects reach into every duty of a kind: of the records that its judgement needs, and of
// the objects that it looks at. Changes of a duty's own object and people are told by the records themselves.
func Follows(k records.Kind) func(changed posture.Kind) posture.Reach {
	reached := map[posture.Kind]bool{}
	for _, name := range k.Needs {
		reached[SubjectKind(name)] = true
	}
	for _, about := range k.Looks {
		reached[posture.Kind(about)] = true
		for _, other := range All() { // an entry of the register tells of its change by what it owes
			reached[SubjectKind(other.Name)] = reached[SubjectKind(other.Name)] || other.About == about
		}
	}
	delete(reached, SubjectKind(k.Name))
	return func(changed posture.Kind) posture.Reach {
		if reached[changed] {
			return posture.ReachAll
		}
		return posture.ReachNone
	}
}
