package kinds

import (
	"fmt"
	"strings"

	"github.com/thingward/thingward/server/records"
)

// RepositorySecrets serves SDV-11, with ReleaseSecrets and ClientSecrets: a search for keys at least every quarter.
func RepositorySecrets() Spec {
	return secretScan("repository-secrets", "Search for keys in a repository", records.Repository, "every branch and the whole history")
}

// ReleaseSecrets is the search in a firmware image.
func ReleaseSecrets() Spec {
	return secretScan("release-secrets", "Search for keys in a release", records.Release, "the unpacked image with its file systems and archives")
}

// ClientSecrets is the search in a mobile client's package.
func ClientSecrets() Spec {
	return secretScan("client-secrets", "Search for keys in a mobile client", records.Mobile, "the package as the store delivers it, unpacked")
}

func secretScan(name, title string, about records.About, covered string) Spec {
	reading := scanResults(0) // not every tool for keys writes SARIF; what does is read
	reading.Check = secretsAgree
	return Spec{
		Kind: records.Kind{
			Name: name, Title: title, About: about, Life: Quarter,
			Purpose: "Shows that keys and credentials were looked for, and what was found.",
			Form: []records.Field{
				done("scanned", "Scanned on", ""),
				line("tool", "Tool and version", ""),
				line("state", "What was scanned", "Commit, version or digest."),
				prose("covered", "How much of it", ""),
				number("rules", "Rules applied", "How many patterns of keys were looked for.", 1, 1e6),
				tracked("hits", "Hits", "Keys that were found; each stays open until the key is revoked and removed.",
					line("place", "Place", "File and line, never the key itself.")),
			},
			Files:   records.Files{Least: 1, What: "the tool's report, with the keys themselves left out"},
			Reading: reading,
			Example: records.Body{
				"scanned": "-4d", "tool": "gitleaks 8.21", "state": "9f2c1e7", "covered": "Scanned were " + covered + ".", "rules": 178.0, "hits": []any{},
			},
		},
		Serves: []Serves{
			{"SDV-11", "quarterly-scan", name, "Scanned for keys in the last 92 days, without an open hit", NoneOpen},
		},
	}
}

// secretsAgree refuses a form that says something else than the results attached to it: another tool or state, another day, or
// fewer hits than were found.
func secretsAgree(b records.Body, o records.Object, files []records.Evidence) (faults []records.Fault) {
	found := 0.0
	for _, e := range files {
		n, _ := count(e, "findings")
		found += n
		tool, typed := e.Said("tool"), cell(b, "tool")
		if name, _, _ := strings.Cut(tool, " "); !strings.Contains(strings.ToLower(typed), strings.ToLower(name)) {
			faults = append(faults, records.Fault{Path: "tool", Message: fmt.Sprintf("is %q, and %s is of %s: name the tool that wrote it", typed, e.Name, tool)})
		}
		if rules, _ := count(e, "rules"); rules > 0 && rules != b["rules"] {
			faults = append(faults, records.Fault{Path: "rules", Message: fmt.Sprintf("is %v, and %s describes %.0f: write that", b["rules"], e.Name, rules)})
		}
	}
	if hits := len(rowsOf(b, "hits")); len(files) > 0 && float64(hits) != found {
		faults = append(faults, records.Fault{Path: "hits", Message: fmt.Sprintf("lists %d, and the results hold %.0f that are open: list each, with who revokes the key", hits, found)})
	}
	return append(faults, append(scanDay(b, "scanned", o, files), sameRevision(o, files)...)...)
}

// KeyHandlingProcedure serves SDV-11: how keys for programs are kept out of what is published.
func KeyHandlingProcedure() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "key-handling-procedure", Title: "Handling of keys in source and packages", About: records.Organisation, Life: Year,
			Purpose: "Says how keys are kept out of source, firmware and apps, and what is done when one is found.",
			Form: []records.Field{
				line("published", "Published at", "The address at which every developer and partner finds it."),
				prose("storage", "Storage", "Where keys are kept instead, and how programs get them."),
				prose("search", "Search", "What is watched, how often, and what blocks a commit or release."),
				prose("found", "When a key is found", "Who revokes it, within what time, and how its use is looked into."),
				prose("partners", "Partners and suppliers", "How the same is asked of them."),
				person("responsible", "Who answers for it", ""),
			},
			Example: records.Body{
				"published": "https://example.org/engineering/keys", "responsible": "mara",
				"storage":  "In the secret store of the build; devices get certificates of their own, apps get tokens for a session.",
				"search":   "Every push is scanned and refused on a hit; the history of all repositories is scanned each quarter.",
				"found":    "The finder tells the key manager, who revokes it within an hour; the log of its use is read the same day.",
				"partners": "By contract; they hand in a scan of what they deliver with each delivery.",
			},
		},
		Serves: []Serves{
			{"SDV-11", "handling-procedure", "procedure-current", "The procedure for handling keys is approved, published and has not expired", Current},
		},
	}
}
