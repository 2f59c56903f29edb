package kinds

import "github.com/thingward/thingward/server/records"

// CloudBenchmark serves SNT-04 and CLS-05: how a cloud account stands against its provider's guidance.
func CloudBenchmark() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "cloud-benchmark", Title: "Benchmark result of a cloud account", About: records.CloudAccount, Life: Quarter,
			Purpose: "Shows how the settings of a cloud account stand against a published benchmark.",
			Form:    hardening("the account"), Files: records.Files{Least: 1, What: "The exported result of the benchmark."},
			Example: hardeningExample("CIS Amazon Web Services Foundations Benchmark", "5.0.0", "Prowler 5.8"),
		},
		Serves: []Serves{
			{"CLS-05", "benchmark-result", "benchmark-current", "The cloud account has a current benchmark result", Current},
			{"CLS-05", "benchmark-result", "benchmark-items", "No benchmark item of the account failed or went unchecked", Hardened},
			{"SNT-04", "hardening-result", "account-result", "The cloud account has a current hardening result with its guidance named", Current},
			{"SNT-04", "failed-items", "account-items", "No hardening item of the account failed or went unchecked", Hardened},
		},
	}
}
