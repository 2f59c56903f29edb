package kinds

import "github.com/thingward/thingward/server/records"

func cryptographicUses() []string {
	return []string{"signature", "key agreement", "encryption", "hash", "random numbers"}
}

// CryptographicPolicy serves TSP-04: the written floor for every protocol in use.
func CryptographicPolicy() Spec {
	protocols := []string{"TLS", "DTLS"}
	return Spec{
		Kind: records.Kind{
			Name: "cryptographic-policy", Title: "Cryptographic policy", About: records.Organisation, Life: Year,
			Purpose: "Sets the least algorithms, key lengths and modes of every protocol in use.",
			Form: []records.Field{
				line("guidance", "Revision of NIST SP 800-131A", "The one that it follows, such as Rev. 2 (2019)."),
				covering("protocols", "Protocols", "TLS, DTLS and every other one in use, such as Bluetooth or ZigBee.",
					line("protocol", "Protocol", ""), protocols, line("versions", "Versions allowed", ""), line("suites", "Suites or modes allowed", "")),
				covering("algorithms", "Algorithms", "", choice("use", "Use", "", cryptographicUses()...), cryptographicUses(),
					line("allowed", "Allowed", ""), line("least", "Least length or strength", "")),
				prose("retirement", "Retirement", "How an algorithm is taken out of use, and by when after a warning."),
				prose("exceptions", "How exceptions are asked for", ""),
			},
			Readers: records.Administrators,
			Example: records.Body{
				"guidance": "Rev. 2 (2019)",
				"protocols": table("protocol versions suites",
					cells{"TLS", "1.2 and 1.3", "ECDHE with AES-GCM or ChaCha20-Poly1305"}, cells{"DTLS", "1.2", "ECDHE with AES-GCM"},
					cells{"Bluetooth LE", "4.2 and later, mode 1 level 4", "Secure Connections with AES-CCM"}),
				"algorithms": table("use allowed least",
					cells{"signature", "ECDSA, Ed25519, RSA", "P-256, RSA 3072"}, cells{"key agreement", "ECDHE, X25519", "P-256"},
					cells{"encryption", "AES-GCM, AES-CCM, ChaCha20-Poly1305", "128 bits"}, cells{"hash", "SHA-2, SHA-3", "256 bits"},
					cells{"random numbers", "Hash_DRBG of NIST SP 800-90A", "256 bits"}),
				"retirement": "Off for new keys at once, off for all within a year, earlier where an attack is practical.",
				"exceptions": "By the system's owner with an end of at most 180 days, approved by the key manager's lead.",
			},
		},
		Serves: []Serves{
			{"TSP-04", "crypto-policy", "policy-current", "The cryptographic policy is approved, follows a named revision and is inside its review period", Current},
		},
	}
}
