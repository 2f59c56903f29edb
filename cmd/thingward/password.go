package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"

	"golang.org/x/term"
)

type passwordCmd struct {
	Change passwordChangeCmd `cmd:"" help:"Change your own password; your other sessions end."`
}

type passwordChangeCmd struct {
	CurrentFile string `type:"existingfile" help:"File with the present password on its first line; asked for when absent."`
	NewFile     string `type:"existingfile" help:"File with the new password on its first line; asked for when absent."`
}

// Run changes the caller's password.
func (c *passwordChangeCmd) Run(t *terminal) error {
	current, err := readSecret(t, "Present password", "--current-file", c.CurrentFile)
	if err != nil {
		return err
	}
	next, err := readSecret(t, "New password", "--new-file", c.NewFile)
	if err != nil {
		return err
	}
	if c.NewFile == "" {
		again, err := readSecret(t, "New password again", "--new-file", "")
		if err != nil {
			return err
		}
		if again != next {
			return fmt.Errorf("the new passwords differ: nothing was changed, try again")
		}
	}
	return sendOne(t, http.MethodPost, "/me/password", object{"current": current, "new": next})
}

func readPassword(t *terminal, file string) (string, error) {
	return readSecret(t, "Password", "--password-file", file)
}

// readSecret takes the first line of a file, or asks at the terminal without showing what is typed.
func readSecret(t *terminal, what, flag, file string) (string, error) {
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		line, _, _ := strings.Cut(string(b), "\n")
		if line = strings.TrimSuffix(line, "\r"); line == "" {
			return "", fmt.Errorf("%s is empty: put the password on its first line", file)
		}
		return line, nil
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", fmt.Errorf("no terminal to ask for the password: use %s FILE", flag)
	}
	_, _ = fmt.Fprint(t.err, what+": ")
	b, err := term.ReadPassword(int(os.Stdin.Fd()))
	_, _ = fmt.Fprintln(t.err)
	return string(b), err
}
