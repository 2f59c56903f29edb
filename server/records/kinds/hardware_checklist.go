package kinds

import (
	"fmt"
	"slices"

	"github.com/thingward/thingward/server/records"
)

// debugInterfaces are open to nobody in the field; the others may be open where the device needs them.
func debugInterfaces() []string { return []string{"JTAG or SWD", "UART", "GPIO headers"} }

func hardwareInterfaces() []string {
	return append(debugInterfaces(), "USB", "storage slots", "ethernet", "wifi", "ble", "zigbee", "zwave", "nfc", "cellular")
}

const interfaceOpen = "open"

// HardwareChecklistKind is the name of the kind, for what compares devices with it.
const HardwareChecklistKind = "hardware-checklist"

// ClosedInterfaces reads from a checklist, of each interface that it names, whether it must be closed.
func ClosedInterfaces(b records.Body) map[string]bool {
	out := map[string]bool{}
	for _, row := range rowsOf(b, "interfaces") {
		out[cell(row, "interface")] = cell(row, "state") != interfaceOpen
	}
	return out
}

// HardwareChecklist serves SDV-08: each interface of a type is removed, off, locked, or needed.
func HardwareChecklist() Spec {
	return Spec{
		Kind: records.Kind{
			Name: HardwareChecklistKind, Title: "Hardware checklist of a device type", About: records.Type, Life: Year,
			Purpose: "Says of each interface whether it is absent, disabled, locked or needed, with evidence.",
			Form: []records.Field{
				line("revision", "Revision of the hardware", ""),
				covering("interfaces", "Interfaces", "Add what the list does not name.", line("interface", "Interface", ""), hardwareInterfaces(),
					choice("state", "State as delivered", "", "absent", "disabled", "locked", interfaceOpen),
					line("shown", "Shown by", "The file and page, or the test."), may(line("need", "Need", "Why it is open."))),
				done("inspected", "Inspected on", "On a device as delivered, not on a sample board."),
				person("inspector", "Inspected by", ""),
			},
			Files: records.Files{Least: 1, What: "photographs or test results for each interface that the device has"},
			Check: openNeeded,
			Example: records.Body{
				"revision": "C2", "inspected": "-25d", "inspector": "mara",
				"interfaces": exampleInterfaces(),
			},
		},
		Serves: []Serves{
			{"SDV-08", "hardware-checklist", "checklist-approved", "The type has a completed hardware checklist with evidence", Current},
		},
	}
}

func exampleInterfaces() []any {
	all := filled(hardwareInterfaces(), "interface state shown", "disabled", "photographs.pdf, page 2")
	for _, row := range all {
		if r, ok := row.(map[string]any); ok && r["interface"] == "ble" {
			r["state"], r["need"] = interfaceOpen, "Opening by telephone, paired by numeric comparison."
		}
	}
	return all
}

// openNeeded refuses an open debug interface, and one that is open without need.
func openNeeded(b records.Body, _ records.Object) (faults []records.Fault) {
	for i, row := range rowsOf(b, "interfaces") {
		if cell(row, "state") != interfaceOpen {
			continue
		}
		if slices.Contains(debugInterfaces(), cell(row, "interface")) {
			faults = append(faults, records.Fault{Path: fmt.Sprintf("interfaces[%d].state", i), Message: "a debug interface may not be open in the field: disable or lock it, or ask for an exception"})
		} else if cell(row, "need") == "" {
			faults = append(faults, records.Fault{Path: fmt.Sprintf("interfaces[%d].need", i), Message: "is missing: say what the device needs the open interface for"})
		}
	}
	return faults
}
