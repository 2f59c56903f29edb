package fleet

import (
	"slices"
	"time"
)

// Grant lets an account receive messages over MQTT. An empty Type, Site or Stream means any.
type Grant struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Account     string     `json:"account" doc:"Id of the account that may."`
	AccountName string     `json:"accountName"`
	Direction   string     `json:"direction" enum:"subscribe"`
	Kinds       []string   `json:"kinds" doc:"Of telemetry, event, reported and desired."`
	Stream      string     `json:"stream,omitempty" doc:"Only this telemetry stream."`
	Type        string     `json:"type,omitempty" doc:"Only devices of this type."`
	Site        string     `json:"site,omitempty" doc:"Only devices at this site."`
	Classes     []string   `json:"classes" doc:"Data classes beyond public and internal."`
	Purpose     string     `json:"purpose"`
	Origin      string     `json:"origin" enum:"person,upgrade" doc:"upgrade: made when grants were introduced, so that the account goes on working."`
	Created     time.Time  `json:"created"`
	CreatedBy   string     `json:"createdBy"`
	Ends        *time.Time `json:"ends,omitempty"`
	Used        *time.Time `json:"lastUsed,omitempty" doc:"When it last let a subscription or a message through, to the minute; absent: never."`
	Broad       bool       `json:"broad" doc:"It names neither type nor site nor stream, and opens every class."`
}

// The data classes, mildest first, and the kinds of messages that a grant may name.
var (
	DataClasses = []string{"public", "internal", "confidential", "restricted"}
	GrantKinds  = []string{"telemetry", "event", "reported", "desired"}
)

// IsBroad reports whether nothing narrows the grant.
func (g Grant) IsBroad() bool {
	return g.Type == "" && g.Site == "" && g.Stream == "" && g.Opens("restricted") && g.Opens("confidential")
}

// Opens reports whether the grant covers a data class: public and internal always, any other when it is named.
func (g Grant) Opens(class string) bool {
	return class == "public" || class == "internal" || slices.Contains(g.Classes, class)
}
