package detect

import (
	"context"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// RouteKind is how a route delivers.
type RouteKind string

// The kinds of route.
const (
	Webhook RouteKind = "webhook"
	SMTP    RouteKind = "smtp"
)

// Route is where alerts of a severity and above go.
type Route struct {
	Name      string         `json:"name" maxLength:"63" doc:"Lower-case letters, digits and hyphens."`
	Kind      RouteKind      `json:"kind" enum:"webhook,smtp"`
	URL       string         `json:"url" maxLength:"1000" doc:"Webhook: https://host/path. Mail: smtp://host:587 (STARTTLS) or smtps://host:465. Plain only to the loopback address."`
	Severity  fleet.Severity `json:"severity" enum:"info,low,medium,high,critical" doc:"The lowest severity that goes here."`
	Address   string         `json:"address,omitempty" maxLength:"1000" doc:"Mail: who gets it, comma separated."`
	From      string         `json:"from,omitempty" maxLength:"254" doc:"Mail: the sender."`
	User      string         `json:"user,omitempty" maxLength:"254" doc:"Mail: the account at the mail server, if it wants one."`
	Secret    string         `json:"secret,omitempty" maxLength:"1000" doc:"Written, never read. Webhook: the key of its signatures, 16 bytes at least. Mail: the password. Left out, a route of the same name, kind and URL keeps its secret."`
	HasSecret bool           `json:"hasSecret,omitempty" doc:"Read only: a secret is stored."`
}

const (
	routesMost      = 20
	recipientsMost  = 20
	secretLeast     = 16
	quarantineRoute = "quarantine" // deliveries under this name go to the Responder
)

// check refuses a route that cannot work or is not safe, naming the field.
func (r *Route) check(path string) error {
	if err := fleet.CheckName(path+".name", r.Name); err != nil {
		return err
	}
	if r.Name == quarantineRoute {
		return fleet.Invalid(path+".name", "is reserved: choose another")
	}
	if r.Severity.Rank() < 0 {
		return fleet.Invalid(path+".severity", "want info, low, medium, high or critical")
	}
	u, err := url.Parse(r.URL)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return fleet.Invalid(path+".url", "is no address: want https://host/path, smtp://host:587 or smtps://host:465")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fleet.Invalid(path+".url", "holds a user, query or fragment, where secrets would show: use the field secret")
	}
	switch r.Kind {
	case Webhook:
		return r.checkWebhook(path, u)
	case SMTP:
		return r.checkMail(path, u)
	}
	return fleet.Invalid(path+".kind", "want webhook or smtp")
}

func (r *Route) checkWebhook(path string, u *url.URL) error {
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return fleet.Invalid(path+".url", "want https: alerts name weak spots and must not travel in clear (http only to the loopback address)")
	case r.Address != "" || r.From != "" || r.User != "":
		return fleet.Invalid(path+".address", "address, from and user belong to mail routes")
	case len(r.Secret) < secretLeast:
		return fleet.Invalid(path+".secret", "is required, 16 bytes at least: the receiver checks the signature with it (openssl rand -hex 32)")
	}
	return checkTarget(path, u.Hostname())
}

func (r *Route) checkMail(path string, u *url.URL) error {
	switch {
	case u.Scheme != "smtp" && u.Scheme != "smtps" || strings.Trim(u.Path, "/") != "":
		return fleet.Invalid(path+".url", "want smtp://host:587 (STARTTLS) or smtps://host:465, without a path")
	case (r.User == "") != (r.Secret == ""):
		return fleet.Invalid(path+".secret", "user and secret (the password) go together")
	}
	if _, err := mail.ParseAddress(r.From); err != nil {
		return fleet.Invalid(path+".from", "want a mail address")
	}
	if to := r.recipients(); len(to) == 0 || len(to) > recipientsMost {
		return fleet.Invalid(path+".address", fmt.Sprintf("want 1 to %d mail addresses, comma separated", recipientsMost))
	}
	for _, to := range r.recipients() {
		if _, err := mail.ParseAddress(to); err != nil {
			return fleet.Invalid(path+".address", clean(to, 60)+" is no mail address")
		}
	}
	return checkTarget(path, u.Hostname())
}

func (r *Route) recipients() (all []string) {
	for a := range strings.SplitSeq(r.Address, ",") {
		if a = strings.TrimSpace(a); a != "" {
			all = append(all, a)
		}
	}
	return all
}

// isLoopback reports whether a host is this machine by its name or address, without asking a name server.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// checkTarget refuses addresses that no receiver has and an attacker wants: link-local ones, where clouds keep the machine's
// credentials. What a name leads to is checked again when it is dialled.
func checkTarget(path, host string) error {
	if ip, err := netip.ParseAddr(host); err == nil && forbidden(ip) {
		return fleet.Invalid(path+".url", "leads to a link-local, multicast or unspecified address, where no receiver is")
	}
	return nil
}

// metadata are addresses at which clouds answer with credentials, beside the link-local ones.
var metadata = []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("192.0.0.192")}

func forbidden(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || slices.Contains(metadata, ip) || ip == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// hostport is where a route's connection goes.
func hostport(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80", "smtp": "587", "smtps": "465"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// place is a route as events and errors name it: without path and secret.
func (r *Route) place() string {
	u, err := url.Parse(r.URL)
	if err != nil {
		return r.Name
	}
	return fmt.Sprintf("%s %s://%s from %s", r.Name, u.Scheme, u.Host, r.Severity)
}

func places(routes []Route) []string {
	out := []string{}
	for _, r := range routes {
		out = append(out, r.place())
	}
	return out
}

// Destinations lists the routes without their secrets.
func (s *Service) Destinations(ctx context.Context) ([]Route, error) {
	routes, err := scanRoutes(s.DB.Query(ctx, routeQuery))
	for i := range routes {
		routes[i].Secret, routes[i].HasSecret = "", len(routes[i].sealed) > 0
	}
	return plain(routes), err
}

// SetDestinations replaces all routes. It refuses to leave a threshold that somebody set without a route (CLS-08).
func (s *Service) SetDestinations(ctx context.Context, routes []Route) ([]Route, error) {
	if len(routes) > routesMost {
		return nil, fleet.Invalid("routes", fmt.Sprintf("%d are too many: %d at most", len(routes), routesMost))
	}
	by := access.PartyOf(ctx)
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		if err := takeTurn(tx); err != nil {
			return err
		}
		before, err := scanRoutes(tx.Query(routeQuery))
		if err != nil {
			return err
		}
		next, err := s.prepare(routes, before)
		if err != nil {
			return err
		}
		if err := checkReach(s.set.Load(), plain(next)); err != nil {
			return err
		}
		if err := replaceRoutes(tx, next); err != nil {
			return err
		}
		return s.Audit.Record(tx, fleet.NewEvent("route.changed", s.Clock.Now(), by, self(), map[string]any{"route": names(routes), "before": places(plain(before)), "after": places(routes)}))
	})
	if err != nil {
		return nil, err
	}
	s.wakeSender()
	return s.Destinations(ctx)
}

// prepare checks routes, takes over secrets that were left out, and seals.
func (s *Service) prepare(routes []Route, before []storedRoute) (next []storedRoute, err error) {
	for i, r := range routes {
		path := fmt.Sprintf("routes[%d]", i)
		if slices.ContainsFunc(next, func(o storedRoute) bool { return o.Name == r.Name }) {
			return nil, fleet.Invalid(path+".name", "stands twice in the list")
		}
		if r.Secret == "" {
			if err := s.keepSecret(&r, before); err != nil {
				return nil, err
			}
		}
		if err := r.check(path); err != nil {
			return nil, err
		}
		row := storedRoute{Route: r}
		if r.Secret != "" {
			row.sealed = s.Key.Seal([]byte(r.Secret), secretLabel(r.Name))
		}
		row.Secret, row.HasSecret = "", false
		next = append(next, row)
	}
	return next, nil
}

// keepSecret gives r the secret of the same route before. Another URL gets none: its owner would learn it.
func (s *Service) keepSecret(r *Route, before []storedRoute) (err error) {
	for _, old := range before {
		if old.Name == r.Name && old.Kind == r.Kind && old.URL == r.URL && old.User == r.User && len(old.sealed) > 0 {
			r.Secret, err = s.secret(old)
		}
	}
	return err
}

func secretLabel(name string) string { return "detect/route/" + name }

func (s *Service) secret(r storedRoute) (string, error) {
	if len(r.sealed) == 0 {
		return "", nil
	}
	b, err := s.Key.Open(r.sealed, secretLabel(r.Name))
	if err != nil {
		return "", fmt.Errorf("secret of route %s: %w", r.Name, err)
	}
	return string(b), nil
}

func names(routes []Route) string {
	var all []string
	for _, r := range routes {
		all = append(all, r.Name)
	}
	return strings.Join(all, ", ")
}

// reach lists the routes that carry a rule's alerts: those it names, or else all by severity.
func reach(a *active, routes []Route) (names []string) {
	for _, r := range routes {
		named := slices.Contains(a.routes, r.Name)
		if named || len(a.routes) == 0 && r.Severity.Rank() <= a.Severity.Rank() {
			names = append(names, r.Name)
		}
	}
	return names
}

// checkReach refuses routes that leave a threshold somebody set with nowhere to alert.
func checkReach(set *ruleset, routes []Route) error {
	for _, a := range set.all {
		if !a.custom {
			continue
		}
		have := reach(a, routes)
		if len(have) == 0 || len(have) < len(a.routes) {
			return fleet.Errorf(fleet.CodeConflict, "the threshold of %s would be left without a route it needs: keep a route that carries severity %s, or change the rule first", a.ID, a.Severity)
		}
	}
	return nil
}
