package kinds

// firstHalf lists the kinds of RSM, TSP, GVN, PRV, SCN and SDV.
func firstHalf() []Spec {
	return []Spec{SecurityPolicy()}
}
