package protocol

import "time"

// Health is the payload of the health stream, a device's heartbeat (SNT-10). Fields a device cannot measure are absent.
type Health struct {
	Time    time.Time `json:"time"`
	Uptime  float64   `json:"uptimeSeconds"`
	CPU     *float64  `json:"cpuPercent,omitempty"`
	Memory  *float64  `json:"memoryPercent,omitempty"`
	Disk    *float64  `json:"diskPercent,omitempty"`
	Battery *float64  `json:"batteryPercent,omitempty"`
	Signal  *float64  `json:"signalDBm,omitempty"`
	Queued  int       `json:"queued"`
}

// Reported is the payload of twin/reported: what the device says it is and how it is set.
type Reported struct {
	Inventory  *Inventory     `json:"inventory,omitempty"`
	Properties map[string]any `json:"properties,omitempty"`
}

// Inventory is what a device or its agent finds out about the device (ACT-01, ACT-03). An absent field was not
// measured; checks treat it as unknown, never as good.
type Inventory struct {
	Firmware   string `json:"firmware,omitempty"`
	OS         string `json:"os,omitempty"`
	Kernel     string `json:"kernel,omitempty"`
	Agent      string `json:"agent,omitempty"`
	Hardware   string `json:"hardware,omitempty"`
	KeyStorage string `json:"keyStorage,omitempty"` // secure-element, tpm, sealed-file
	// KeySeal is what a sealed file is bound to: hardware, whose facts no copy of the disk carries, or disk, where all that
	// opens it lies beside it (CMP-02).
	KeySeal  string     `json:"keySeal,omitempty"`
	Software []Software `json:"software,omitempty"`
	// SoftwareOmitted is how many packages were left out because the report would not have fitted into one message. Above 0
	// nothing can be said of software that is not in the list.
	SoftwareOmitted int          `json:"softwareOmitted,omitempty"`
	RootServices    []string     `json:"rootServices"` // nil: not measured; empty: none found
	OpenPorts       []Port       `json:"openPorts"`    // nil: not measured; empty: none found
	Interfaces      []Interface  `json:"interfaces,omitempty"`
	Radio           *RadioReport `json:"radio,omitempty"`
	SecureBoot      *bool        `json:"secureBoot,omitempty"`
	FIPS            *bool        `json:"fips,omitempty"`
}

// Software is one installed package.
type Software struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Port is a listening socket and the process that owns it, where known.
type Port struct {
	Proto   string `json:"proto"`
	Address string `json:"address"`
	Port    int    `json:"port"`
	Process string `json:"process,omitempty"`
}

// Interface is a network interface; Encrypted is nil where the link's encryption is not known (COM-10).
type Interface struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"` // ethernet, wifi, cellular, ble, zigbee, zwave, loopback
	Encrypted *bool  `json:"encrypted,omitempty"`
}

// RadioReport is what a device says of its radios' security settings.
type RadioReport struct {
	BLEPairing       string   `json:"blePairing,omitempty"`               // just-works, passkey, numeric-comparison, oob
	ZigbeeTCKeyHash  string   `json:"zigbeeTrustCenterKeyHash,omitempty"` // SHA-256, hex
	ZigbeeKeyAgeDays *float64 `json:"zigbeeNetworkKeyAgeDays,omitempty"`
	ZWaveSecurity    string   `json:"zwaveSecurity,omitempty"` // none, s0, s2
	TransmitPowerDBm *float64 `json:"transmitPowerDBm,omitempty"`
}

// DeviceEvent is the payload of the event topic.
type DeviceEvent struct {
	Time time.Time      `json:"time"`
	Name string         `json:"name"` // as in the type's events
	Data map[string]any `json:"data,omitempty"`
}

// Desired is the payload of twin/desired, retained: the settings a device should take on. Version rises with every
// change. Properties is the whole set; a setting that is not in it is the device's own choice.
type Desired struct {
	Version    int64          `json:"version"`
	Time       time.Time      `json:"time"`
	Properties map[string]any `json:"properties"`
}

// Command is the payload of a command topic. Request identifies it: a device that has seen the id ignores the message,
// because delivery is at least once. Time lets it refuse a command that is too old to obey.
type Command struct {
	Request string         `json:"request"`
	Time    time.Time      `json:"time"`
	Input   map[string]any `json:"input,omitempty"`
}
