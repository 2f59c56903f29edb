// Command write puts the table of MQTT's statements into the file that it is given.
package main

import (
	"fmt"
	"os"

	"github.com/thingward/thingward/server/broker/conformance"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want the file to write, such as docs/mqtt-conformance.md")
	}
	all, err := conformance.Standards()
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], conformance.Markdown(all), 0o644) //nolint:gosec // a page of the documentation
}
