package kinds

import "github.com/thingward/thingward/server/records"

// CloudGuidance serves CLS-05: which guidance applies to a cloud account, and who took responsibility for what departs from it.
func CloudGuidance() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "cloud-guidance", Title: "Guidance for a cloud account", About: records.CloudAccount, Life: Year,
			Purpose: "States which guidance and version apply to a cloud account, and who accepted what departs from it.",
			Form: []records.Field{
				line("guidance", "Guidance", "The provider's own first."),
				line("version", "Version", ""),
				line("services", "Services in use", ""),
				may(rows("deviations", "Accepted deviations", "", line("item", "Item", ""), line("reason", "Reason", ""), person("acceptedBy", "Accepted by", ""))),
				person("owner", "Answers for the account", ""),
			},
			Example: records.Body{
				"guidance": "AWS Security Hub, Foundational Security Best Practices", "version": "1.0.0", "services": "S3, RDS, EC2",
				"deviations": table("item reason acceptedBy", cells{"S3.9 access logging of the log bucket", "Would log itself without end", "mara"}), "owner": "olga",
			},
		},
		Serves: []Serves{
			{"CLS-05", "guidance-decision", "guidance-current", "The guidance for the cloud account is decided", Current},
			{"CLS-05", "guidance-decision", "deciders-active", "Whoever accepted deviations has an active account", PeopleActive},
		},
	}
}
