package rules

import (
	"testing"

	"github.com/thingward/thingward/fleet"
)

func TestAdministratorMade(t *testing.T) {
	b := open(t, AdministratorMade())
	eve := fleet.Party{Kind: "person", ID: "018f0000-0000-7000-8000-000000000003", Name: "eve"}
	b.feed(1, "account.roles-changed", admin, eve, data{"account": "eve", "before": []string{"auditor"}, "after": []string{"auditor", "local-user"}})
	b.feed(1, "account.roles-changed", admin, eve, data{"account": "eve", "before": []string{"key-manager", "auditor"}, "after": []string{"key-manager"}})
	b.feed(1, "account.created", admin, eve, data{"account": "eve", "kind": "person", "roles": []string{"local-user"}})
	b.feed(1, "account.created", server, eve, data{"account": "eve", "kind": "person", "roles": []string{"system-administrator"}})
	b.Want(0, "nothing gained, or by setup")
	b.feed(1, "account.roles-changed", admin, eve, data{"account": "eve", "before": []string{"auditor"}, "after": []string{"system-administrator"}})
	b.one("person", eve.ID, "gained")

	b = open(t, AdministratorMade())
	b.feed(1, "account.created", admin, eve, data{"account": "eve", "kind": "person", "roles": []string{"key-manager"}})
	b.one("person", eve.ID, "created with it")
}
