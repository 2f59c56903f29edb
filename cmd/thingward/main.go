// Command thingward is the server and the operator's command line: setup, serve and demo run the product; everything else
// talks to a running server as the person who signed in with thingward login.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/thingward/thingward/server"
)

// Exit codes; scripts rely on them.
const (
	exitDone    = 0
	exitRefused = 1 // refused or failed
	exitUsage   = 2 // wrong usage
)

// cli is the whole command tree.
type cli struct {
	Output  string           `short:"o" enum:"table,json,yaml" default:"table" help:"How to print: table, json or yaml."`
	Version kong.VersionFlag `help:"Print the version."`

	Setup setupCmd `cmd:"" help:"Make a data directory: certificate authority, server certificate, first administrator."`
	Serve serveCmd `cmd:"" help:"Run the server."`
	Demo  demoCmd  `cmd:"" help:"Run a server with a simulated fleet over real mutual TLS."`

	Clock   clockCmd   `cmd:"" help:"The machine's clock, where it was wrong."`
	Recover recoverCmd `cmd:"" help:"Make a sign-in link for a person who lost the password, while the server is stopped."`

	Login  loginCmd  `cmd:"" help:"Sign in and keep the session in a profile."`
	Logout logoutCmd `cmd:"" help:"End the session."`
	Whoami whoamiCmd `cmd:"" help:"Show who is signed in and what they may do."`

	Type         typeCmd         `cmd:"" help:"Device types (manifests)."`
	Device       deviceCmd       `cmd:"" help:"Devices and their life cycle."`
	Site         siteCmd         `cmd:"" help:"Sites."`
	System       systemCmd       `cmd:"" help:"Systems."`
	Claim        claimCmd        `cmd:"" help:"One-time enrolment claims."`
	Cert         certCmd         `cmd:"" help:"Certificates."`
	Account      accountCmd      `cmd:"" help:"People and service accounts."`
	Password     passwordCmd     `cmd:"" help:"Your own password."`
	Manufacturer manufacturerCmd `cmd:"" help:"Manufacturers whose certificates may enrol."`
	Rule         ruleCmd         `cmd:"" help:"Detection rules."`
	Token        tokenCmd        `cmd:"" help:"API tokens of your own account."`

	Session    sessionCmd    `cmd:"" help:"Broker sessions."`
	Ban        banCmd        `cmd:"" help:"Bans from device protocols: of devices, accounts and addresses."`
	Event      eventCmd      `cmd:"" help:"Security events."`
	Alert      alertCmd      `cmd:"" help:"Alerts."`
	Route      routeCmd      `cmd:"" help:"Where alerts are sent."`
	Control    controlCmd    `cmd:"" help:"Controls and why they stand where they stand."`
	Finding    findingCmd    `cmd:"" help:"Findings: what fails, whose it is and when it is due."`
	Exception  exceptionCmd  `cmd:"" help:"Exceptions: failures that are borne until an end."`
	Posture    postureCmd    `cmd:"" help:"The fleet's posture by domain."`
	Audit      auditCmd      `cmd:"" help:"The audit log and its proofs."`
	Review     reviewCmd     `cmd:"" help:"Access reviews: keep or reject every account."`
	Engagement engagementCmd `cmd:"" help:"Auditors' engagements."`
	Grant      grantCmd      `cmd:"" help:"What service accounts may receive over MQTT."`
	Export     exportCmd     `cmd:"" help:"Packs for auditors: OSCAL, OCSF, XLSX, CSV, PDF."`

	Record   recordCmd   `cmd:"" help:"Policies, assessments and whatever else a person must renew."`
	Register registerCmd `cmd:"" help:"Suppliers, providers, links and other things that records are about."`
	Item     itemCmd     `cmd:"" help:"What records say must be done."`
	Risk     riskCmd     `cmd:"" help:"The risk register."`

	Framework frameworkCmd `cmd:"" help:"Other frameworks, rolled up from controls."`
	Profile   profileCmd   `cmd:"" help:"Industry profiles that weigh the controls."`
	Docs      docsCmd      `cmd:"" hidden:"" help:"Write the generated references."`
}

// terminal is what commands print with.
type terminal struct {
	ctx     context.Context
	out     io.Writer
	err     io.Writer
	format  string
	command string // name of the chosen command, its last word
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	parser, err := kong.New(&c, kong.Name("thingward"), kong.Description("Runs an IoT fleet whose security is enforced, measured and provable."),
		kong.Writers(out, errOut), kong.UsageOnError(), kong.Vars{"version": server.Version}, kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
	if err != nil {
		_, _ = fmt.Fprintln(errOut, "thingward:", err)
		return exitRefused
	}
	k, err := parser.Parse(args)
	if err != nil {
		var perr *kong.ParseError
		if errors.As(err, &perr) && perr.Context != nil {
			parser.Stdout = errOut // a script that takes the output must not take this for an answer
			_ = perr.Context.PrintUsage(true)
		}
		_, _ = fmt.Fprintln(errOut, "thingward:", err)
		return exitUsage
	}
	if err := k.Run(&terminal{ctx: ctx, out: out, err: errOut, format: c.Output, command: k.Selected().Name}); err != nil {
		_, _ = fmt.Fprintln(errOut, "thingward:", err)
		return exitRefused
	}
	return exitDone
}
