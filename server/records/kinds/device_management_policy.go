package kinds

import "github.com/thingward/thingward/server/records"

// DeviceManagementPolicy serves TSP-08: how often devices and their libraries are patched, and what keeps malware off them.
func DeviceManagementPolicy() Spec {
	criticalities := []string{"critical", "high", "moderate", "low"}
	return Spec{
		Kind: records.Kind{
			Name: "device-management-policy", Title: "Device security policy", About: records.Organisation, Life: Year,
			Purpose: "Sets how often devices are updated and their libraries patched, and how malware is kept off them.",
			Form: []records.Field{
				number("firmwareDays", "Days between firmware updates at most", "", 1, 730),
				number("softwareDays", "Days between software updates at most", "", 1, 730),
				covering("libraries", "Third-party libraries", "Days from a fix to its deployment, by the severity of what it fixes.",
					choice("severity", "Severity", "", criticalities...), criticalities, number("days", "Days at most", "", 1, 365)),
				prose("malware", "Safeguards against malware", "By class of device: allow-lists, verified boot, read-only file systems, scanners."),
				prose("unreachable", "Devices that cannot be updated", "Who is told how, by criticality, and when such a device is cut off."),
			},
			Readers: records.Administrators,
			Example: records.Body{
				"firmwareDays": 90.0, "softwareDays": 30.0,
				"libraries":   table("severity days", cells{"critical", 7.0}, cells{"high", 30.0}, cells{"moderate", 90.0}, cells{"low", 180.0}),
				"malware":     "Controllers boot verified images and run nothing else; gateways have a read-only root and a scanner of their own.",
				"unreachable": "Mail after a day, a call after three, a visit after seven; cut off after 30 days where safety allows.",
			},
		},
		Serves: []Serves{
			{"TSP-08", "device-policy", "policy-current", "The device security policy covers updates, malware and libraries, and has not expired", Current},
		},
	}
}
