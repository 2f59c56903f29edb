package records

import "slices"

// EntryKind is a kind of thing that the register holds: suppliers, links, releases and whatever else no other part of the
// platform knows.
type EntryKind struct {
	Kind    About   `json:"kind"`
	Title   string  `json:"title"`
	Purpose string  `json:"purpose"`
	Form    []Field `json:"form"` // of its facts
}

func isRegistered(about About) bool { return slices.Contains(Registered, about) }

func fact(name, title, help string, typ FieldType, options ...string) Field {
	return Field{Name: name, Title: title, Help: help, Type: typ, Options: options, Optional: true}
}

func must(f Field) Field { f.Optional = false; return f }

// EntryKinds lists what the register holds, with what is asked of each entry. Facts that a record kind decides by are asked
// for here; what is not known may be left out, and a kind then takes the stricter side.
func EntryKinds() []EntryKind {
	return []EntryKind{
		{Supplier, "Supplier", "Who sells or makes devices, components or services of the fleet.", []Field{
			fact("supplies", "Supplies", "", Many, "devices", "components", "gateways", "software", "services"),
			fact("country", "Country", "", Text), fact("contact", "Contact for security", "", Text),
			fact("critical", "Critical", "Whether the fleet stands still without it.", Bool),
		}},
		{Provider, "Provider", "Who runs a cloud or data service that the fleet uses.", []Field{
			must(fact("service", "Service", "What it runs for the fleet.", Text)),
			fact("critical", "Critical", "Whether the fleet stands still without it.", Bool), fact("personalData", "Personal data", "Whether it holds any.", Bool),
			fact("contact", "Contact", "", Text),
		}},
		{Link, "Link", "A connection of a system to a data service outside.", []Field{
			must(fact("to", "To", "The service at the other end.", Text)), fact("data", "Data", "What flows.", Text),
			must(fact("accountable", "Accountable", "Who answers for the data at the other end.", Text)),
			fact("personalData", "Personal data", "", Bool), fact("direction", "Direction", "", Choice, "in", "out", "both"),
		}},
		{WebService, "Web service", "A web interface or API of a device or service that the platform does not serve itself.", []Field{
			must(fact("address", "Address", "", Text)), fact("public", "Public", "Whether strangers can reach it.", Bool), fact("type", "Device type", "That serves it, if one does.", Text),
		}},
		{Mobile, "Mobile client", "An app that manages the fleet or its devices.", []Field{
			must(fact("platform", "Platform", "", Choice, "android", "ios", "other")), fact("version", "Version", "", Text), fact("publisher", "Publisher", "", Text),
		}},
		{CloudAccount, "Cloud account", "An account at a provider in which parts of the system run.", []Field{
			must(fact("provider", "Provider", "", Text)), fact("purpose", "Purpose", "", Text),
		}},
		{Host, "Host", "A server that belongs to the system and that the platform does not run itself.", []Field{
			must(fact("role", "Role", "What it does.", Text)), fact("os", "Operating system", "", Text), fact("address", "Address", "", Text),
		}},
		{Repository, "Repository", "A source repository that is watched.", []Field{
			must(fact("address", "Address", "", Text)), fact("holds", "Holds", "What is built from it.", Text), fact("public", "Public", "", Bool),
		}},
		{Component, "Component", "A third-party component in devices or services.", []Field{
			must(fact("version", "Version", "", Text)), fact("supplier", "Supplier", "", Text), fact("licence", "Licence", "", Text), fact("type", "Device type", "That holds it.", Text),
		}},
		{Release, "Release", "A release of a device type's software.", []Field{
			must(fact("type", "Device type", "", Text)), must(fact("version", "Version", "", Text)), fact("built", "Built", "The day on which what is released was built; scans are not older.", Date),
			fact("revision", "Revision", "Commit or tag that it was built from; scans that name theirs are compared with it.", Text), fact("released", "Released", "", Date), fact("major", "Major", "Whether it changes interfaces or security.", Bool),
		}},
		{Segment, "Wireless segment", "A wireless sensor network.", []Field{
			must(fact("technology", "Technology", "", Choice, "ble", "zigbee", "zwave", "thread", "lorawan", "wifi", "nfc", "rfid", "cellular", "other")),
			fact("devices", "Devices", "How many, about.", Number), fact("boundary", "Boundary", "How far it reaches.", Text),
		}},
		{LogSource, "Log source", "Something whose logs are collected.", []Field{
			must(fact("what", "What", "", Text)), fact("format", "Format", "", Text), fact("critical", "Critical", "", Bool),
		}},
		{Computer, "Administrator's computer", "A computer from which the platform is administered.", []Field{
			must(fact("user", "User", "Account name of who works with it.", Text)), fact("os", "Operating system", "", Text), fact("managed", "Managed", "", Bool),
		}},
		{Access, "Third party's access", "The right of somebody outside to reach the system.", []Field{
			must(fact("party", "Party", "Who.", Text)), must(fact("purpose", "Purpose", "What for.", Text)), must(fact("ends", "Ends", "When it is over.", Date)),
			fact("account", "Account", "That they use.", Text), fact("supplier", "Supplier", "", Text),
		}},
		{DataStore, "Data store", "A place where the system's data is kept.", []Field{
			must(fact("what", "What", "The data in it.", Text)), fact("class", "Class", "", Choice, "public", "internal", "confidential", "restricted", "personal"),
			fact("personalData", "Personal data", "", Bool), fact("place", "Place", "", Text),
		}},
	}
}

func entryKind(about About) (EntryKind, bool) {
	all := EntryKinds()
	i := slices.IndexFunc(all, func(k EntryKind) bool { return k.Kind == about })
	if i < 0 {
		return EntryKind{}, false
	}
	return all[i], true
}
