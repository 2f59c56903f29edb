package sdv

import (
	"fmt"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// AuthenticatedPorts checks SDV-03: every access to a device is authenticated. Ports of protocols without
// authentication are listed, and a port of which nothing is known is unknown.
func AuthenticatedPorts() posture.Check {
	return posture.Check{
		ID: "SDV-03/authenticated-ports", Control: "SDV-03", Obligation: "open-ports",
		Title: "No listening port of the device gives access without authentication",
		Reads: "inventory open ports", Subject: posture.Device,
		Eval: posture.OnReport(func(_ *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			if inv.OpenPorts == nil {
				return posture.Unknown("it does not report its listening ports")
			}
			strange := ""
			for _, p := range inv.OpenPorts {
				name := fmt.Sprintf("%s/%d", p.Proto, p.Port)
				switch {
				case posture.Loopback(p.Address), authenticated[name]:
				case unauthenticated[name] != "":
					return posture.Fail("%s (%s) gives access without authentication", name, unauthenticated[name])
				case strange == "":
					strange = name
				}
			}
			if strange != "" {
				return posture.Unknown("whether %s asks for authentication is not known", strange)
			}
			return posture.Pass("no port gives access without authentication")
		}),
	}
}

var (
	authenticated   = map[string]bool{"tcp/22": true, "tcp/8883": true, "udp/5684": true}
	unauthenticated = map[string]string{
		"tcp/21": "ftp", "tcp/23": "telnet", "tcp/80": "http", "tcp/502": "modbus", "tcp/1883": "mqtt in clear", "tcp/2323": "telnet", "tcp/8080": "http",
		"udp/69": "tftp", "udp/161": "snmp", "udp/1900": "ssdp", "udp/5353": "mdns", "udp/5683": "coap in clear", "udp/47808": "bacnet",
	}
)
