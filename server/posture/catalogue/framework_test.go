package catalogue

import (
	"fmt"
	"slices"
	"testing"
)

// The figures of the two OWASP mappings, counted by hand in their sources: the
// controls that the product maps and the domains that the framework maps.
var owaspCounts = []struct {
	item              string
	controls, domains int
}{
	{"I1", 19, 3},
	{"I2", 27, 0},
	{"I3", 32, 5},
	{"I4", 17, 2},
	{"I5", 21, 2},
	{"I6", 17, 1},
	{"I7", 45, 4},
	{"I8", 53, 9},
	{"I9", 27, 0},
	{"I10", 16, 2},
}

func TestOWASPCounts(t *testing.T) {
	c := mustLoad(t)
	for i, want := range owaspCounts {
		if got := c.Frameworks[0].Items[i].ID; got != want.item {
			t.Errorf("item %d is %s, want %s", i+1, got, want.item)
		}
		if got := len(c.Under(OWASPID, want.item, Product)); got != want.controls {
			t.Errorf("%s has %d controls by product, want %d", want.item, got, want.controls)
		}
		domains := map[string]bool{}
		for _, m := range c.Under(OWASPID, want.item, Source) {
			control, _ := c.Control(m.Control)
			domains[control.Domain] = true
		}
		if len(domains) != want.domains {
			t.Errorf("%s has domains %v by source, want %d", want.item, domains, want.domains)
		}
	}
}

// The source maps a domain whole: each of its controls has the same items.
func TestSourceMapsWholeDomains(t *testing.T) {
	c := mustLoad(t)
	want := map[string]string{"RSM": "", "SDV": "I1 I3 I10", "CLS": "I3 I4 I7 I8", "UPD": "I4 I5"}
	for id, items := range want {
		d, _ := c.Domain(id)
		for _, control := range d.Controls {
			if got := by(c, control.ID, Source); got != items {
				t.Errorf("%s has %q by source, want %q", control.ID, got, items)
			}
		}
	}
}

func TestControlsWithoutItem(t *testing.T) {
	c := mustLoad(t)
	want := []string{"GVN-01", "SDV-01", "OPA-03", "OPA-05", "OPA-07", "OPA-08", "OPA-10", "LBT-01", "TMM-03", "SOP-01", "SOP-02"}
	var got []string
	for _, control := range c.Controls() {
		if by(c, control.ID, Product) == "" {
			got = append(got, control.ID)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("controls without item are %v, want %v", got, want)
	}
}

func TestOWASPKeepsProvenance(t *testing.T) {
	c := mustLoad(t)
	if got := by(c, "csa-iot-v1/MSU-04", Product); got != "I1 I2 I3 I8" {
		t.Errorf("MSU-04 has %s by product", got)
	}
	if got := by(c, "MSU-04", Source); got != "I8" {
		t.Errorf("MSU-04 has %s by source", got)
	}
	for _, m := range c.OWASP("CLS-11") {
		if m.Item == "I3" && m.Provenance == Product && (m.Relation != Subset || m.Why != "strong login for console and API") {
			t.Errorf("CLS-11 under I3 is %+v", m)
		}
		if m.Provenance == Source && (m.Relation != BearsOn || m.Why == "") {
			t.Errorf("CLS-11 by source is %+v", m)
		}
	}
	if got := c.OWASP("XXX-01"); got != nil {
		t.Errorf("an unknown control has mappings %v", got)
	}
	if got := c.Mappings("unknown", "MSU-04"); got != nil {
		t.Errorf("an unknown framework has mappings %v", got)
	}
}

// by lists a control's items with one provenance.
func by(c *Catalogue, control string, p Provenance) string {
	var items []string
	for _, m := range c.OWASP(control) {
		if m.Provenance == p {
			items = append(items, m.Item)
		}
	}
	if items == nil {
		return ""
	}
	s := fmt.Sprint(items)
	return s[1 : len(s)-1]
}

// The identifiers that each framework must have, counted in public lists of them.
func TestOtherFrameworksAreWhole(t *testing.T) {
	c := mustLoad(t)
	for _, want := range []struct {
		id            string
		items, mapped int
		has           []string
	}{
		{"etsi-en-303-645", 78, 71, []string{"5.0-1", "5.1-1", "5.3-15B", "5.13-1A", "5.13-1B", "6-1", "6-8"}},
		{"nistir-8259a", 6, 6, []string{"1", "6"}},
		{"eu-cra-annex-i", 22, 22, []string{"I.1", "I.2.a", "I.2.m", "II.1", "II.8"}},
		{"iec-62443-4-2", 73, 65, []string{"CR 1.1", "NDR 1.6", "SAR 2.4", "EDR 2.13", "HDR 3.14", "NDR 5.3", "CR 7.8"}},
	} {
		f, ok := c.Framework(want.id)
		if !ok {
			t.Errorf("there is no framework %s", want.id)
			continue
		}
		mapped, ids := 0, map[string]bool{}
		for _, item := range f.Items {
			ids[item.ID] = true
			if len(c.Under(f.ID, item.ID, Product)) > 0 {
				mapped++
			}
		}
		if len(f.Items) != want.items || mapped != want.mapped {
			t.Errorf("%s has %d items of which %d are mapped, want %d and %d", f.ID, len(f.Items), mapped, want.items, want.mapped)
		}
		for _, id := range want.has {
			if !ids[id] {
				t.Errorf("%s has no item %s", f.ID, id)
			}
		}
	}
}
