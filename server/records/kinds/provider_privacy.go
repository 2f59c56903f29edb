package kinds

import "github.com/thingward/thingward/server/records"

// ProviderPrivacy serves CLS-04: whether data may go to a provider, and how it comes back.
func ProviderPrivacy() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "provider-privacy", Title: "Privacy record of a provider", About: records.Provider, Life: Year,
			Purpose: "Shows that a provider meets the duties of privacy before data goes there, and that the data can be recovered.",
			Form: []records.Field{
				rows("data", "Data that goes there", "", line("data", "Data", ""), choice("class", "Class", "", "public", "internal", "confidential", "restricted"), line("place", "Countries", "")),
				rows("duties", "Duties and how they are met", "", line("duty", "Law or regulation", ""), line("met", "How it is met", "")),
				prose("design", "Privacy by design", "What is left out, shortened, masked or encrypted before it leaves."),
				prose("recovery", "Recovery of the data", "Form, time, test; also after a breach of the agreement or the provider's end."),
				prose("erasure", "Erasure", "How it is ordered and proved."),
				line("contract", "Processing agreement", "Number and date."),
				person("owner", "Answers for it", ""),
				done("recovered", "Recovery last tried on", ""),
			},
			Files: records.Files{Least: 1, What: "The processing agreement."},
			Example: records.Body{
				"data":   table("data class place", cells{"Door events without names", "confidential", "Germany, Ireland"}),
				"duties": table("duty met", cells{"GDPR, article 28", "Processing agreement with audit right"}), "design": "Card numbers are replaced by pseudonyms before they leave; pictures are not sent.",
				"recovery": "Full export as Parquet within two days, tried with a restore into staging; escrow if the provider ends.", "erasure": "By ticket; the provider confirms in writing within 30 days.", "contract": "DPA-2026-31 of 9 March", "owner": "mara", "recovered": "-70d",
			},
		},
		Serves: []Serves{{"CLS-04", "provider-record", "record-current", "A privacy record of the provider, with a plan to recover data, is in force", Current}},
	}
}
