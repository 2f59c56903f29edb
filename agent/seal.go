package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/thingward/thingward/kit/durable"
	"github.com/thingward/thingward/kit/sealed"
)

// hardwareFacts are files whose content belongs to the hardware, not to the disk: a copy of the disk does not carry them
// (CMP-02). Those of DMI are for root only.
var hardwareFacts = []string{
	"/sys/class/dmi/id/product_uuid", "/sys/class/dmi/id/board_serial", "/sys/firmware/devicetree/base/serial-number",
}

// machineID stands in where no hardware fact can be read. It lies on the disk, so it tells machines apart, but not a whole
// copy of the disk. A machine without any fact seals with the key file alone.
const machineID = "/etc/machine-id"

// factMost is the most of a fact that is read, in bytes.
const factMost = 4 << 10

// factReader reads one fact; an error that is os.ErrPermission means that it is there for others.
type factReader func(name string) (string, error)

// openSeal gives the key that seals everything the agent keeps: a random key file bound to the machine it was made on.
// The file seal.facts beside it lists which facts bind it, without their values, so that an agent which cannot read them
// says so.
func openSeal(dir string, read factReader) (sealed.Key, error) {
	path := filepath.Join(dir, "seal.key")
	k, err := sealed.LoadKey(path)
	if errors.Is(err, os.ErrNotExist) {
		return newSeal(dir, read)
	}
	if err != nil {
		return k, err
	}
	facts, err := boundFacts(dir, read)
	return k.Derive("agent/" + strings.Join(facts, "|")), err
}

// newSeal writes the list before the key: a key without a list is one of an older agent.
func newSeal(dir string, read factReader) (sealed.Key, error) {
	k := sealed.NewKey()
	names, values := readableFacts(read, hardwareFacts)
	if len(names) == 0 {
		names, values = readableFacts(read, []string{machineID})
	}
	b, err := json.Marshal(names)
	if err != nil {
		return k, err
	}
	if err := durable.WriteFile(filepath.Join(dir, "seal.facts"), b, 0o600); err != nil {
		return k, err
	}
	return k.Derive("agent/" + strings.Join(values, "|")), k.Save(filepath.Join(dir, "seal.key"))
}

// sealedWith says what the seal of a folder is bound to, for the inventory: "hardware", "disk", or "" where an older agent left
// no list.
func sealedWith(dir string) string {
	b, err := os.ReadFile(filepath.Join(dir, "seal.facts"))
	var names []string
	switch {
	case err != nil || json.Unmarshal(b, &names) != nil:
		return ""
	case slices.ContainsFunc(names, func(n string) bool { return slices.Contains(hardwareFacts, n) }):
		return "hardware"
	default:
		return "disk"
	}
}

// boundFacts reads the facts that seal.facts lists, or, for a folder of an older agent, the hardware's that can be read.
func boundFacts(dir string, read factReader) ([]string, error) {
	b, err := os.ReadFile(filepath.Join(dir, "seal.facts"))
	if errors.Is(err, os.ErrNotExist) {
		_, values := readableFacts(read, hardwareFacts)
		return values, nil
	}
	var names []string
	if err == nil {
		err = json.Unmarshal(b, &names)
	}
	if err != nil {
		return nil, fmt.Errorf("the list of facts beside the sealing key cannot be read: remove the agent's folder and enrol again with a new claim: %w", err)
	}
	var values []string
	for _, name := range names {
		if !slices.Contains(hardwareFacts, name) && name != machineID {
			return nil, errors.New("the list of facts beside the sealing key was altered: remove the agent's folder and enrol again with a new claim")
		}
		value, err := read(name)
		if errors.Is(err, os.ErrPermission) {
			return nil, fmt.Errorf("this identity was sealed with facts only root can read (%s): run the agent as the user that enrolled it, or enrol again", name)
		}
		if err != nil {
			return nil, fmt.Errorf("this identity was sealed on a machine that has %s, and this one has not: it was copied from another machine; enrol again with a new claim: %w", name, err)
		}
		values = append(values, value)
	}
	return values, nil
}

// readableFacts reads those of the facts that this user may read.
func readableFacts(read factReader, facts []string) (names, values []string) {
	names = []string{}
	for _, f := range facts {
		if v, err := read(f); err == nil {
			names, values = append(names, f), append(values, v)
		}
	}
	return names, values
}

func readFact(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, factMost))
	return strings.TrimRight(string(b), "\n\x00"), err
}
