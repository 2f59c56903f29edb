package risk

import "slices"

// Scope is a place or a subject that an assessment must look at (RSM-02).
type Scope struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"` // place: where sensitive data originates, rests or travels; subject: what else is asked
	Title string `json:"title"`
	Text  string `json:"text"`
}

// safetyScope is named by every risk to safety.
const safetyScope = "safety"

// Scopes lists all that an assessment must look at, in the order in which they are shown.
var Scopes = []Scope{
	{"device", "place", "Device", "Sensors, actuators and everything on them: where most data originates."},
	{"gateway", "place", "Gateway", "What joins devices to the network and sees their traffic pass."},
	{"app", "place", "Application", "Programs on servers and desktops that read or steer the fleet."},
	{"store", "place", "Data store", "Databases, queues, files and backups in which data rests."},
	{"mobile", "place", "Mobile client", "Telephones and tablets that show or steer the fleet."},
	{"cloud", "place", "Cloud", "Services run by a provider that hold, move or process data."},
	{"fog", "place", "Fog", "Computing near the devices that filters or decides before anything reaches the cloud."},
	{"network", "place", "Network", "Every link that data crosses, by wire and by radio."},
	{"classification", "subject", "Classification", "Whether data is classed by what its loss or disclosure would mean."},
	{"protection", "subject", "Protection", "Guards against unauthorised use or access, loss, destruction and falsification."},
	{"insider", "subject", "Insider misuse", "What somebody with rightful access could do beyond the task."},
	{"retention", "subject", "Retention and disposal", "How long data and devices are kept, and how their content is destroyed."},
	{safetyScope, "subject", "Safety", "Harm to people and surroundings from what the system does or fails to do."},
}

func knownScope(name string) bool {
	return slices.ContainsFunc(Scopes, func(s Scope) bool { return s.Name == name })
}

// scopeNames lists the names, for messages.
func scopeNames() (out []string) {
	for _, s := range Scopes {
		out = append(out, s.Name)
	}
	return out
}

// Missing lists the scopes that none of the named ones is, in the order of Scopes.
func Missing(named []string) (out []string) {
	for _, s := range Scopes {
		if !slices.Contains(named, s.Name) {
			out = append(out, s.Name)
		}
	}
	return out
}
