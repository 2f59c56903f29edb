package kinds

import "slices"

// All lists every kind, in the order of their domains.
func All() []Spec { return slices.Concat(firstHalf(), secondHalf()) }
