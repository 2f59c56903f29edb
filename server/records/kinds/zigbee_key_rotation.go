package kinds

import "github.com/thingward/thingward/server/records"

// ZigBeeKeyRotation serves SNT-17: the change of a segment's network key.
func ZigBeeKeyRotation() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "zigbee-key-rotation", Title: "Rotation of a ZigBee network key", About: records.Segment, Life: Year, Only: segmentOf("zigbee", "it is no ZigBee segment"),
			Purpose: "Shows when the network key of a ZigBee segment was changed, and that the old one is off.",
			Form: []records.Field{
				done("rotated", "Rotated on", ""),
				person("operator", "Carried out by", ""),
				line("oldKey", "Fingerprint of the old key", "Never the key itself."),
				line("newKey", "Fingerprint of the new key", ""),
				number("nodes", "Nodes that joined under the new key", "", 1, 100000),
				prose("oldDead", "How it was shown that the old key is dead", "Such as a node with the old key only that gets no answer."),
				tracked("leftBehind", "Nodes left behind", ""),
			},
			Example: records.Body{
				"rotated": "-40d", "operator": "theo", "oldKey": "sha256:9c1f…41", "newKey": "sha256:03be…7a", "nodes": 48.0,
				"oldDead":    "A spare node with the old key was switched on beside the coordinator and was not admitted.",
				"leftBehind": table("title owner due", cells{"Re-join the sensor in the lift shaft", "theo", "+10d"}),
			},
		},
		Serves: []Serves{
			{"SNT-17", "zigbee-key-age", "rotation-on-record", "The network key of the segment was rotated within 365 days", Current},
			{"SNT-17", "zigbee-key-age", "left-behind", "No node that missed the rotation is overdue", ItemsDone},
		},
	}
}
