package kinds

import (
	"testing"

	"github.com/thingward/thingward/server/records"
)

func TestWhoOwes(t *testing.T) {
	bluetooth, zigbee := withRadio("no", "ble", "nfc"), segmentOf("zigbee", "no")
	for name, tc := range map[string]struct {
		only func(records.Object) (bool, string)
		o    records.Object
		want bool
	}{
		"radio named":             {bluetooth, records.Object{Facts: map[string]any{"radio": map[string]string{"ble.pairing": "oob"}}}, true},
		"another radio":           {bluetooth, records.Object{Facts: map[string]any{"radio": map[string]any{"zwave": "s2"}}}, false},
		"radios not known":        {bluetooth, records.Object{}, true},
		"zigbee segment":          {zigbee, records.Object{Facts: map[string]any{"technology": "ZigBee"}}, true},
		"z-wave segment":          {zigbee, records.Object{Facts: map[string]any{"technology": "zwave"}}, false},
		"segment of unknown":      {zigbee, records.Object{Facts: map[string]any{"technology": ""}}, true},
		"said no":                 {unless("gateway", "no"), records.Object{Facts: map[string]any{"gateway": false}}, false},
		"said yes":                {unless("gateway", "no"), records.Object{Facts: map[string]any{"gateway": true}}, true},
		"said something else":     {unless("gateway", "no"), records.Object{Facts: map[string]any{"gateway": "no"}}, true},
		"administrator":           {administrators, records.Object{Facts: map[string]any{"kind": "person", "roles": "auditor key-manager"}}, true},
		"auditor":                 {administrators, records.Object{Facts: map[string]any{"kind": "person", "roles": []string{"auditor"}}}, false},
		"roles not known":         {administrators, records.Object{Facts: map[string]any{"kind": "person"}}, true},
		"administrator who left":  {administrators, records.Object{Retired: true, Facts: map[string]any{"roles": "system-administrator"}}, false},
		"user":                    {persons, records.Object{Facts: map[string]any{"kind": "person", "roles": "local-user"}}, true},
		"service":                 {persons, records.Object{Facts: map[string]any{"kind": "service"}}, false},
		"disabled user":           {persons, records.Object{Facts: map[string]any{"kind": "person", "state": "disabled"}}, false},
		"device in use":           {sanitised, records.Object{Facts: map[string]any{"state": "active"}}, false},
		"retired, nothing in it":  {sanitised, records.Object{Retired: true, Facts: map[string]any{"sensitive": false}}, false},
		"retired, type not known": {sanitised, records.Object{Facts: map[string]any{"state": "retired"}}, true},
	} {
		if owes, why := tc.only(tc.o); owes != tc.want || (!owes && why == "") {
			t.Errorf("%s: %v (%s), want %v", name, owes, why, tc.want)
		}
	}
}
