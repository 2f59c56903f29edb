package agent

import (
	"errors"
	"os"
	"strings"

	"github.com/thingward/thingward/kit/sealed"
)

// hardwareFacts are files whose content belongs to the hardware, not to the disk: a copy of the disk does not carry them
// (CMP-02). A machine without any of them seals with the key file alone.
var hardwareFacts = []string{
	"/sys/class/dmi/id/product_uuid", "/sys/class/dmi/id/board_serial", "/sys/firmware/devicetree/base/serial-number",
}

// openSeal gives the key that seals everything the agent keeps: a random key file bound to the hardware it was made on.
func openSeal(path string) (sealed.Key, error) {
	k, err := sealed.LoadKey(path)
	if errors.Is(err, os.ErrNotExist) {
		k = sealed.NewKey()
		err = k.Save(path)
	}
	if err != nil {
		return k, err
	}
	return k.Derive("agent/" + hardware()), nil
}

func hardware() string {
	var facts []string
	for _, f := range hardwareFacts {
		if b, err := os.ReadFile(f); err == nil {
			facts = append(facts, strings.TrimRight(string(b), "\n\x00"))
		}
	}
	return strings.Join(facts, "|")
}
