package kinds

import "github.com/thingward/thingward/server/records"

// BrokerBaseline serves COM-07: what hosts of the broker must be like.
func BrokerBaseline() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "broker-baseline", Title: "Hardening baseline for broker hosts", About: records.Organisation, Life: Year,
			Purpose: "Says how a host is hardened on which the broker runs, and how people log in to it.",
			Form: []records.Field{
				line("system", "Operating system and version", ""),
				line("guidance", "Guidance and version", ""),
				prose("services", "Services", "Which may run; all others are off."),
				prose("login", "Ways to log in", "Keys or certificates, from where, with which second factor; who may become root."),
				prose("files", "Files and keys", "Owner and mode of configuration, data and keys; encryption of disks."),
				prose("updates", "Updates", "How soon security updates are installed, and how a restart is planned."),
				prose("checks", "How it is checked", "Which items the platform checks itself, and which by hand."),
				person("owner", "Owner", ""),
			},
			Example: records.Body{
				"system": "Debian 12", "guidance": "CIS Debian Linux 12 Benchmark 1.1.0, level 2", "services": "thingward, sshd, chronyd and node-exporter; nothing else listens.", "login": "SSH certificates for an hour, from the bastion only; sudo with a second factor.",
				"files": "Configuration 0640 root:thingward, keys 0600, disk encrypted with the TPM.", "updates": "Security updates within two days; restart in the window on Sunday.", "checks": "The platform checks user, limits, files and login paths each day; the rest each quarter by OpenSCAP.", "owner": "olga",
			},
		},
		Serves: []Serves{{"COM-07", "hardening-baseline", "baseline-current", "A hardening baseline for broker hosts is in force", Current}},
	}
}
