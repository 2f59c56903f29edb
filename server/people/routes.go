package people

import (
	"net/http"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

const (
	tag      = "People"
	bodyMost = 16 << 10 // bytes; names, passwords and reasons are short
)

// Routes registers the routes.
func (s *Service) Routes(r *api.Router) {
	s.loginRoutes(r)
	s.ownRoutes(r)
	s.accountRoutes(r)
	api.Get(r, "/policies", access.SelfRead, api.Doc{Tag: tag, Summary: "What each role may do", Text: "The Cedar policies in force. A forbidding policy wins over any that permits."}, s.getPolicies)
}

func (s *Service) loginRoutes(r *api.Router) {
	api.Open(r, http.MethodPost, "/login", "whoever signs in is not known yet.", "session.opened", api.Doc{
		Tag: tag, Summary: "Sign in", MaxBody: bodyMost,
		Text: "With the header X-Thingward-Client: console the session comes as a cookie and token is empty. A missing code of the second factor is a 401 with errors[].path \"code\". While a name is locked, Retry-After says for how long, whether or not there is such an account.",
	}, s.postLogin)
	api.Open(r, http.MethodPost, "/login/link", "the link is the credential.", "link.used", api.Doc{Tag: tag, Summary: "Sign in with a one-time link", MaxBody: bodyMost}, s.postLink)
	api.Post(r, "/logout", access.SelfWrite, "session.closed", api.Doc{Tag: tag, Summary: "End one's own session", Status: http.StatusNoContent}, s.postLogout)
	api.Get(r, "/whoami", access.SelfRead, api.Doc{Tag: tag, Summary: "Who is signed in, and what they may do"}, s.getWhoami)
}

func (s *Service) ownRoutes(r *api.Router) {
	api.Post(r, "/me/password", access.SelfWrite, "password.changed", api.Doc{Tag: tag, Summary: "Change one's own password", Text: "All other sessions of the account end.", MaxBody: bodyMost}, s.postPassword)
	api.Post(r, "/me/totp", access.SelfWrite, "mfa.begun", api.Doc{Tag: tag, Summary: "Begin to enrol an authenticator app"}, s.postFactor)
	api.Put(r, "/me/totp", access.SelfWrite, "mfa.enrolled", api.Doc{Tag: tag, Summary: "Finish the enrolment with a code", MaxBody: bodyMost}, s.putFactor)
	api.Delete(r, "/me/totp", access.SelfWrite, "mfa.removed", api.Doc{Tag: tag, Summary: "Remove one's authenticator app, with a code", MaxBody: bodyMost}, s.deleteFactor)
	api.Get(r, "/me/tokens", access.SelfRead, api.Doc{Tag: tag, Summary: "One's own API tokens"}, s.getOwnTokens)
	api.Post(r, "/me/tokens", access.SelfWrite, "token.created", api.Doc{Tag: tag, Summary: "Make an API token", Text: "The token is shown once. It ends after at most 90 days.", MaxBody: bodyMost}, s.postOwnToken)
	api.Delete(r, "/me/tokens/{id}", access.SelfWrite, "token.revoked", api.Doc{Tag: tag, Summary: "End one of one's API tokens"}, s.deleteOwnToken)
}

func (s *Service) accountRoutes(r *api.Router) {
	api.Get(r, "/accounts", access.AccountRead, api.Doc{Tag: tag, Summary: "List accounts by name"}, s.getAccounts)
	api.Post(r, "/accounts", access.AccountWrite, "account.created", api.Doc{
		Tag: tag, Summary: "Make an account", MaxBody: bodyMost,
		Text: "A person without a password gets a one-time sign-in link, a service account a one-time enrolment claim; both are shown once.",
	}, s.postAccount)
	api.Get(r, "/accounts/{ref}", access.AccountRead, api.Doc{Tag: tag, Summary: "Show an account"}, s.getAccount)
	api.Put(r, "/accounts/{ref}/roles", access.AccountWrite, "account.roles-changed", api.Doc{Tag: tag, Summary: "Replace an account's roles", MaxBody: bodyMost}, s.putRoles)
	api.Put(r, "/accounts/{ref}/expiry", access.AccountWrite, "account.expiry-changed", api.Doc{Tag: tag, Summary: "Give an account an end, or take it away", Text: "From its end on the account cannot sign in by any means, and is disabled by itself.", MaxBody: bodyMost}, s.putExpiry)
	api.Post(r, "/accounts/{ref}/disable", access.AccountWrite, "account.disabled", api.Doc{Tag: tag, Summary: "Disable an account", Text: "Its sessions, tokens and certificates are dead at once.", MaxBody: bodyMost}, s.postDisable)
	api.Post(r, "/accounts/{ref}/enable", access.AccountWrite, "account.enabled", api.Doc{Tag: tag, Summary: "Enable a disabled account"}, s.postEnable)
	api.Post(r, "/accounts/{ref}/unlock", access.AccountWrite, "account.unlocked", api.Doc{Tag: tag, Summary: "End a lock-out before its time"}, s.postUnlock)
	api.Put(r, "/accounts/{ref}/password", access.AccountWrite, "password.changed", api.Doc{Tag: tag, Summary: "Reset a person's password", Text: "The person must change it; their sessions and tokens end.", MaxBody: bodyMost}, s.putPassword)
	api.Delete(r, "/accounts/{ref}/totp", access.AccountWrite, "mfa.removed", api.Doc{Tag: tag, Summary: "Remove the authenticator app of somebody who lost it"}, s.deleteAccountFactor)
	api.Post(r, "/accounts/{ref}/link", access.AccountWrite, "link.created", api.Doc{Tag: tag, Summary: "Make a one-time sign-in link for a person without a password", MaxBody: bodyMost}, s.postAccountLink)
	api.Get(r, "/accounts/{ref}/tokens", access.AccountRead, api.Doc{Tag: tag, Summary: "The API tokens of an account"}, s.getTokens)
	api.Post(r, "/accounts/{ref}/tokens", access.AccountWrite, "token.created", api.Doc{Tag: tag, Summary: "Make an API token for a service account", MaxBody: bodyMost}, s.postToken)
	api.Delete(r, "/accounts/{ref}/tokens/{id}", access.AccountWrite, "token.revoked", api.Doc{Tag: tag, Summary: "End an API token of an account"}, s.deleteToken)
}
