package kinds

import "github.com/thingward/thingward/server/records"

// Served lists what each kind's records answer, for showing beside them.
func Served() map[string][]records.Served {
	out := map[string][]records.Served{}
	for _, s := range All() {
		for _, v := range s.Serves {
			out[s.Name] = append(out[s.Name], records.Served{Control: v.Control, Obligation: v.Obligation, Title: v.Title})
		}
	}
	return out
}
